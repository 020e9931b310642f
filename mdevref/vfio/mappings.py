"""The mappings of a type1 back end and their pinned pages (facts V1, V4, V5, V8)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from errno import EEXIST, EINVAL, ENODEV, ENOSPC
from itertools import repeat
from typing import Final

from mdevref.kernel.errors import fail
from mdevref.kernel.intervals import Intervals
from mdevref.kernel.memory import PAGE_SHIFT, PAGE_SIZE
from mdevref.kernel.open_files import Task
from mdevref.vfio.uapi import MapFlags

ADDRESSES: Final = 1 << 64  #: IOVAs and process addresses are below this limit


class Mapping:
    """A mapping of the IOVAs from ``start`` up to ``end`` to the memory of ``process`` from ``vaddr`` on.

    The page number of its IOVA identifies a page. A pinned page has a frame and one or more references. It counts as
    one page of locked memory of the process, regardless of the number of references.
    """

    __slots__ = ("_frames", "_may_exceed", "_more", "end", "memory", "process", "prot", "start", "vaddr")

    def __init__(self, start: int, end: int, vaddr: int, prot: int, process: Task, remembers: bool) -> None:
        """Create a mapping.

        ``remembers``: whether the exemption of the process from the limit of locked memory is determined now instead of
        at each pin (fact V5).
        """
        self.start = start
        self.end = end
        self.vaddr = vaddr
        self.prot = prot
        self.process = process
        self.memory = process.memory
        self._may_exceed = _may_exceed(process) if remembers else None
        self._frames: dict[int, int] = {}
        self._more: dict[int, int] = {}  # references beyond the first, if any

    @property
    def has_pins(self) -> bool:
        return bool(self._frames)

    @property
    def size(self) -> int:
        return self.end - self.start

    def references(self) -> dict[int, int]:
        """Return the number of references of each pinned page, by page number."""
        return {page: 1 + self._more.get(page, 0) for page in list(self._frames)}

    def pin(self, page: int) -> int:
        """Take a reference to a page and return its frame.

        ``ENODEV`` if the process has exited, ``EFAULT`` if the memory is not mapped, ``ENOMEM`` if the limit is
        exceeded. A page that is pinned already cannot fail (fact V1).
        """
        frame = self._frames.get(page)
        if frame is not None:
            self._more[page] = self._more.get(page, 0) + 1
            return frame
        if self.memory.is_gone:
            raise fail(ENODEV, hex(page << PAGE_SHIFT))
        # Use the protection of the mapping, not the requested one (fact V4).
        frame = self.memory.fault_and_get(self._address(page), bool(self.prot & MapFlags.WRITE))
        try:
            self._account(1)
        except OSError:
            self.memory.host_memory.put([frame])
            raise
        self._frames[page] = frame
        return frame

    def pin_many(self, pages: Sequence[int], first: int, last: int) -> list[int] | None:
        """Pin all ``pages`` at once; they lie between ``first`` and ``last``. Return their frames.

        Return None and pin nothing if a page is pinned or repeated, their memory is not one area, or the limit is
        exceeded. The caller then uses :meth:`pin`.
        """
        if len(set(pages)) < len(pages) or (self._frames and not self._frames.keys().isdisjoint(pages)):
            return None
        count, is_write = len(pages), bool(self.prot & MapFlags.WRITE)
        start = self.memory.fault_and_get_many(self._address(first), self._address(last + 1), count, is_write)
        if start is None:
            return None
        distance = start - first
        frames = [page + distance for page in pages]
        try:
            self._account(count)
        except OSError:
            self.memory.host_memory.put(frames)
            return None
        self._frames.update(zip(pages, frames, strict=True))
        return frames

    def unpin(self, page: int) -> None:
        """Drop a reference to a page. A page that is not pinned is ignored (fact V7)."""
        if self._more and page in self._more:
            self._more[page] -= 1
            if not self._more[page]:
                del self._more[page]
            return
        frame = self._frames.pop(page, None)
        if frame is not None:
            self._give_back([frame])

    def unpin_many(self, pages: Sequence[int]) -> None:
        """Drop a reference to each page, as :meth:`unpin` does."""
        if self._more and not self._more.keys().isdisjoint(pages):
            for page in pages:
                self.unpin(page)
            return
        frames = list(map(self._frames.pop, pages, repeat(None)))
        self._give_back([frame for frame in frames if frame is not None])

    def _address(self, page: int) -> int:
        return self.vaddr + (page << PAGE_SHIFT) - self.start

    def _account(self, count: int) -> None:
        may_exceed = _may_exceed(self.process) if self._may_exceed is None else self._may_exceed
        self.memory.lock_pages(count, ignores_limit=may_exceed)

    def _give_back(self, frames: list[int]) -> None:
        self.memory.host_memory.put(frames)
        self.memory.unlock_pages(len(frames))


class Mappings:
    """All mappings of one container. Callers hold the lock of the back end."""

    __slots__ = ("_by_iova", "limit")

    def __init__(self, limit: int | None) -> None:
        """``limit`` is the maximum number of mappings, or None for no limit."""
        self.limit = limit
        self._by_iova: Intervals[Mapping] = Intervals()

    def __len__(self) -> int:
        return len(self._by_iova)

    def __iter__(self) -> Iterator[Mapping]:
        return iter(self._by_iova)

    @property
    def available(self) -> int:
        """The number of mappings that can still be added, or 0 if the number is not limited."""
        return self.limit - len(self._by_iova) if self.limit is not None else 0

    def add(self, mapping: Mapping) -> None:
        """Add a mapping. ``EEXIST`` if it overlaps another one, ``ENOSPC`` if the limit is reached."""
        if self._by_iova.first(mapping.start, mapping.end) is not None:
            raise fail(EEXIST, hex(mapping.start))
        if self.limit is not None and len(self._by_iova) >= self.limit:
            raise fail(ENOSPC, hex(mapping.start))
        self._by_iova.add(mapping)

    def remove(self, mapping: Mapping) -> None:
        self._by_iova.remove(mapping)

    def clear(self) -> list[Mapping]:
        """Remove all mappings and return them."""
        mappings = list(self._by_iova)
        self._by_iova.clear()
        return mappings

    def of_page(self, page: int) -> Mapping | None:
        """Return the mapping that contains a page, or None."""
        return self._by_iova.find(page << PAGE_SHIFT)

    def of_pages(self, first: int, last: int) -> Mapping | None:
        """Return the mapping that contains both pages, or None."""
        mapping = self.of_page(first)
        return mapping if mapping is not None and last << PAGE_SHIFT < mapping.end else None

    def first(self, start: int, end: int) -> Mapping | None:
        return self._by_iova.first(start, end)

    def check_whole(self, start: int, end: int) -> None:
        """Raise ``EINVAL`` if ``start`` or ``end`` would split a mapping."""
        first, last = self._by_iova.find(start), self._by_iova.find(end - 1)
        if (first is not None and first.start < start) or (last is not None and last.end > end):
            raise fail(EINVAL, hex(start))


def check_range(start: int, size: int) -> None:
    """Raise ``EINVAL`` unless the range is one or more whole pages and ends at or below :data:`ADDRESSES`."""
    if not size or (start | size) % PAGE_SIZE or start + size > ADDRESSES:
        raise fail(EINVAL, hex(start))


def _may_exceed(process: Task) -> bool:
    return "CAP_IPC_LOCK" in process.capabilities
