"""A set of disjoint intervals of unsigned 64-bit numbers, searchable by any number in an interval.

It holds the areas of a process, frames, and mappings.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Generic, Protocol, TypeVar


class Interval(Protocol):
    """An object that covers the numbers from ``start`` up to but not including ``end``."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


Item = TypeVar("Item", bound=Interval)


class _Nothing:
    """An empty tree with the methods that :class:`Intervals` uses."""

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
    """Disjoint items in the order of their starts. Every operation except iteration is O(log n), in C.

    There is no lock: callers serialise changes with other accesses.
    """

    __slots__ = ("_by_start",)

    def __init__(self) -> None:
        self._by_start: Any = _NOTHING

    def __len__(self) -> int:
        return len(self._by_start)

    def __iter__(self) -> Iterator[Item]:
        """Iterate over a copy: items may be added and removed during the iteration."""
        return iter(list(self._by_start.values()))

    def add(self, item: Item) -> None:
        """Add ``item``. The caller ensures, with :meth:`first`, that it overlaps no other item."""
        if self._by_start is _NOTHING:
            # Import late: it takes longer than creating a host, and many hosts never map memory.
            from BTrees.QOBTree import QOBTree

            self._by_start = QOBTree()
        self._by_start[item.start] = item

    def remove(self, item: Item) -> None:
        del self._by_start[item.start]

    def clear(self) -> None:
        self._by_start = _NOTHING

    def find(self, number: int) -> Item | None:
        """Return the item that contains ``number``, or None."""
        try:
            item: Item = self._by_start[self._by_start.maxKey(number)]
        except (ValueError, TypeError, OverflowError):  # no item starts at or before it, or it exceeds 64 bits
            return None
        return item if number < item.end else None

    def first(self, start: int, end: int) -> Item | None:
        """Return the lowest item that overlaps the interval from ``start`` to ``end``, or None."""
        item = self.find(start)
        if item is not None or end <= start:
            return item
        try:
            found: Item = self._by_start[self._by_start.minKey(max(start, 0))]  # no item starts below 0
        except (ValueError, TypeError, OverflowError):
            return None
        return found if found.start < end else None
