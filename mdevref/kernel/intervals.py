"""Disjoint intervals of unsigned 64-bit numbers, found by any number inside: areas of a process, frames, mappings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Generic, Protocol, TypeVar


class Interval(Protocol):
    """Anything from ``start`` up to, and without, ``end``."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


Item = TypeVar("Item", bound=Interval)


class _Nothing:
    """An empty tree, as far as it is asked anything."""

    __slots__ = ()

    def __len__(self) -> int:
        return 0

    def values(self) -> tuple[()]:
        return ()

    def maxKey(self, number: int) -> int:
        raise ValueError(number)

    minKey = maxKey


_NOTHING = _Nothing()


class Intervals(Generic[Item]):
    """Items none of which overlap, in the order of their starts. Everything but the tours is O(log n), in C.

    No lock: whoever changes it while others look sees to that.
    """

    __slots__ = ("_by_start",)

    def __init__(self) -> None:
        self._by_start: Any = _NOTHING

    def __len__(self) -> int:
        return len(self._by_start)

    def __iter__(self) -> Iterator[Item]:
        """Over a copy: items may be added and removed meanwhile."""
        return iter(list(self._by_start.values()))

    def add(self, item: Item) -> None:
        """Add ``item``, which overlaps no other (the caller has asked :meth:`first`)."""
        if self._by_start is _NOTHING:
            # Importing the trees costs more than all of the host together, which may never map any memory.
            from BTrees.QOBTree import QOBTree

            self._by_start = QOBTree()
        self._by_start[item.start] = item

    def remove(self, item: Item) -> None:
        del self._by_start[item.start]

    def clear(self) -> None:
        self._by_start = _NOTHING

    def find(self, number: int) -> Item | None:
        """The item that ``number`` lies in."""
        try:
            item: Item = self._by_start[self._by_start.maxKey(number)]
        except (ValueError, TypeError, OverflowError):  # nothing starts at or before it; or no 64-bit number
            return None
        return item if number < item.end else None

    def first(self, start: int, end: int) -> Item | None:
        """The lowest item that has a part in ``start`` .. ``end``."""
        item = self.find(start)
        if item is not None or end <= start:
            return item
        try:
            found: Item = self._by_start[self._by_start.minKey(max(start, 0))]  # nothing starts lower
        except (ValueError, TypeError, OverflowError):
            return None
        return found if found.start < end else None
