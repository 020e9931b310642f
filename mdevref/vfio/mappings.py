"""The mappings of a type1 back end, and the pages of them that vendor drivers have pinned (facts V1, V4, V5, V8)."""

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

ADDRESSES: Final = 1 << 64  #: an IOVA, and an address of a process, is below that


class Mapping:
    """IOVAs from ``start`` up to ``end``, which are the memory of ``process`` from ``vaddr`` on.

    Pages are known by their IOVA's page number. One that is pinned has a frame and one reference or more; it costs its
    process one page of locked memory, however many references there are.
    """

    __slots__ = ("_frames", "_may_exceed", "_more", "end", "memory", "process", "prot", "start", "vaddr")

    def __init__(self, start: int, end: int, vaddr: int, prot: int, process: Task, remembers: bool) -> None:
        """``remembers``: whether it is known from now on if the limit of locked memory concerns the process, rather
        than asked at each pin (fact V5)."""
        self.start = start
        self.end = end
        self.vaddr = vaddr
        self.prot = prot
        self.process = process
        self.memory = process.memory
        self._may_exceed = _may_exceed(process) if remembers else None
        self._frames: dict[int, int] = {}
        self._more: dict[int, int] = {}  # references after the first, where there are any

    @property
    def has_pins(self) -> bool:
        return bool(self._frames)

    @property
    def size(self) -> int:
        return self.end - self.start

    def references(self) -> dict[int, int]:
        """Page number -> references, of the pages that are pinned."""
        return {page: 1 + self._more.get(page, 0) for page in list(self._frames)}

    def pin(self, page: int) -> int:
        """One reference more to the page; its frame.

        ``ENODEV`` if the process is gone, ``EFAULT`` if it has no such memory (any more), ``ENOMEM`` beyond its limit;
        none of that concerns a page that is pinned (fact V1).
        """
        frame = self._frames.get(page)
        if frame is not None:
            self._more[page] = self._more.get(page, 0) + 1
            return frame
        if self.memory.is_gone:
            raise fail(ENODEV, hex(page << PAGE_SHIFT))
        # With the protection of the mapping, whatever was asked for (fact V4).
        frame = self.memory.fault_and_get(self._address(page), bool(self.prot & MapFlags.WRITE))
        try:
            self._account(1)
        except OSError:
            self.memory.host_memory.put([frame])
            raise
        self._frames[page] = frame
        return frame

    def pin_many(self, pages: Sequence[int], first: int, last: int) -> list[int] | None:
        """As :meth:`pin` of each page, which are from ``first`` to ``last``, at once.

        None, and nothing done, unless that is as simple as usual: none is pinned or there twice, and their memory is
        of one piece.
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
        """One reference less to the page; nothing if it is not pinned (fact V7)."""
        if self._more and page in self._more:
            self._more[page] -= 1
            if not self._more[page]:
                del self._more[page]
            return
        frame = self._frames.pop(page, None)
        if frame is not None:
            self._give_back([frame])

    def unpin_many(self, pages: Sequence[int]) -> None:
        """As :meth:`unpin` of each page."""
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
    """All mappings of one container. Its caller holds the container's lock."""

    __slots__ = ("_by_iova", "limit")

    def __init__(self, limit: int | None) -> None:
        """``limit``: how many there may be, None for any number."""
        self.limit = limit
        self._by_iova: Intervals[Mapping] = Intervals()

    def __len__(self) -> int:
        return len(self._by_iova)

    def __iter__(self) -> Iterator[Mapping]:
        return iter(self._by_iova)

    @property
    def available(self) -> int:
        """How many more there may be; 0 where nobody counts."""
        return self.limit - len(self._by_iova) if self.limit is not None else 0

    def add(self, mapping: Mapping) -> None:
        """``EEXIST`` if one overlaps it, ``ENOSPC`` if there are too many."""
        if self._by_iova.first(mapping.start, mapping.end) is not None:
            raise fail(EEXIST, hex(mapping.start))
        if self.limit is not None and len(self._by_iova) >= self.limit:
            raise fail(ENOSPC, hex(mapping.start))
        self._by_iova.add(mapping)

    def remove(self, mapping: Mapping) -> None:
        self._by_iova.remove(mapping)

    def clear(self) -> list[Mapping]:
        """Remove all; what there was."""
        mappings = list(self._by_iova)
        self._by_iova.clear()
        return mappings

    def of_page(self, page: int) -> Mapping | None:
        """The mapping that the page of this number lies in."""
        return self._by_iova.find(page << PAGE_SHIFT)

    def of_pages(self, first: int, last: int) -> Mapping | None:
        """The mapping that both pages lie in."""
        mapping = self.of_page(first)
        return mapping if mapping is not None and last << PAGE_SHIFT < mapping.end else None

    def first(self, start: int, end: int) -> Mapping | None:
        return self._by_iova.first(start, end)

    def check_whole(self, start: int, end: int) -> None:
        """``EINVAL`` if ``start`` or ``end`` cuts a mapping in two."""
        first, last = self._by_iova.find(start), self._by_iova.find(end - 1)
        if (first is not None and first.start < start) or (last is not None and last.end > end):
            raise fail(EINVAL, hex(start))


def check_range(start: int, size: int) -> None:
    """``EINVAL`` unless these are whole pages, at least one, that end where addresses end at the latest."""
    if not size or (start | size) % PAGE_SIZE or start + size > ADDRESSES:
        raise fail(EINVAL, hex(start))


def _may_exceed(process: Task) -> bool:
    return "CAP_IPC_LOCK" in process.capabilities
