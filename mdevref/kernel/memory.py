"""Memory: the page frames of the machine, and the address spaces of the processes that use them.

The memory is real. A frame is one page of a buffer that a process mapped. A vendor driver that pinned the frame
therefore reads and writes the bytes of that process.

>>> host = HostMemory()
>>> guest = AddressSpace(host)
>>> area = guest.map(2 * PAGE_SIZE)
>>> host.page(guest.fault(area.address, is_write=True))[:5] = b"hello"
>>> guest.copy_in(area.address, 5)
b'hello'
"""

from __future__ import annotations

import mmap
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from errno import EEXIST, EFAULT, EINVAL, ENOMEM
from typing import Any, Final

from mdevref.kernel.errors import fail
from mdevref.kernel.intervals import Intervals

PAGE_SIZE: Final = 4096
PAGE_SHIFT: Final = 12
ADDRESS_END: Final = 1 << 47  #: end of user space
DEFAULT_MEMLOCK: Final = 8 << 20  #: default limit of locked memory of a process, in bytes (Linux 5.16)

_FIRST_PFN: Final = 0x100000
_FIRST_ADDRESS: Final = 0x7F00_0000_0000
_LOWEST_ADDRESS: Final = 0x1_0000  # as vm.mmap_min_addr usually is


@dataclass(slots=True, eq=False)
class _Block:
    """The frames of one buffer: page frame numbers from ``start`` up to but not including ``end``."""

    start: int
    end: int
    memory: memoryview
    is_mapped: bool = True
    pinned: int = 0  #: number of pin references to all its frames together


class HostMemory:
    """The page frames of the machine. A frame exists while a process has it mapped or a reference to it exists.

    Frame numbers are not reused, so a stale number is detected.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._blocks: Intervals[_Block] = Intervals()
        self._next = _FIRST_PFN

    def allocate(self, buffer: Any) -> int:
        """Allocate frames for ``buffer``, a length in bytes or a buffer, and return the number of the first frame.

        A length is rounded up to whole pages; its frames are new memory. A buffer's own bytes become the frames.
        ``EINVAL`` if the buffer is empty or its length is not a multiple of the page size.
        """
        memory = _memory(buffer)
        count = len(memory) // PAGE_SIZE
        with self._lock:
            first = self._next
            self._next += count + 1  # leave a gap, so that blocks are never adjacent
            self._blocks.add(_Block(first, first + count, memory))
        return first

    def release(self, first: int) -> None:
        """Mark the block that starts at ``first`` as unmapped; free it once no reference to its frames remains."""
        with self._lock:
            block = self._block(first)
            block.is_mapped = False
            self._free_unused(block)

    def page(self, pfn: int) -> memoryview:
        """Return a view of the bytes of a frame. ``LookupError`` if the frame does not exist."""
        block = self._block(pfn)
        offset = (pfn - block.start) * PAGE_SIZE
        return block.memory[offset : offset + PAGE_SIZE]

    def get(self, pfn: int, count: int = 1) -> None:
        """Take ``count`` references to frames of the block that contains ``pfn``."""
        with self._lock:
            self._block(pfn).pinned += count

    def put(self, pfns: Sequence[int]) -> None:
        """Drop one reference to each frame. Frames of one block together cost as much as a single frame."""
        if not pfns:
            return
        with self._lock:
            block = self._block(min(pfns))
            if max(pfns) < block.end:
                self._put(block, len(pfns))
                return
            for pfn in pfns:
                self._put(self._block(pfn), 1)

    def _put(self, block: _Block, count: int) -> None:
        block.pinned -= count
        self._free_unused(block)

    @property
    def pinned(self) -> int:
        """The number of references to frames that are held now."""
        with self._lock:
            return sum(block.pinned for block in self._blocks)

    def _block(self, pfn: int) -> _Block:
        block = self._blocks.find(pfn)
        if block is None:
            raise LookupError(f"page frame {pfn:#x} not found")
        return block

    def _free_unused(self, block: _Block) -> None:
        if not block.is_mapped and not block.pinned:
            self._blocks.remove(block)


@dataclass(frozen=True, slots=True, eq=False)
class Area:
    """A mapping of a process: ``buffer`` is its memory, mapped at ``address``."""

    address: int
    buffer: memoryview = field(repr=False)
    first_pfn: int
    is_writable: bool

    @property
    def start(self) -> int:
        return self.address

    @property
    def end(self) -> int:
        return self.address + len(self.buffer)


class AddressSpace:
    """The memory of one process (its mm).

    ``memlock`` is the limit of locked memory in bytes, or None for no limit. It may be changed at any time.
    """

    def __init__(self, host_memory: HostMemory, memlock: int | None = DEFAULT_MEMLOCK) -> None:
        self.host_memory = host_memory
        self.memlock = memlock
        self.locked_pages = 0
        self.is_gone = False
        self._areas: Intervals[Area] = Intervals()
        self._next = _FIRST_ADDRESS
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"<AddressSpace of {len(self._areas)} areas>"

    def map(self, buffer: Any, *, writable: bool = True, address: int | None = None) -> Area:
        """Map memory at ``address``, or at a free address if ``address`` is None; return the area.

        ``buffer`` is a length in bytes for new memory, or a buffer such as a bytearray or the mmap of a shared file.
        A read-only buffer is mapped read-only. ``EINVAL`` if the length is 0, the buffer is not whole pages, or the
        address is not page-aligned. ``EEXIST`` if part of the range is mapped. ``ENOMEM`` if the range exceeds user
        space or the process has exited.
        """
        memory = _memory(buffer)
        with self._lock:
            if address is None:
                address = self._free_place(len(memory))
                self._next = address + len(memory) + PAGE_SIZE
            if address % PAGE_SIZE:
                raise fail(EINVAL, hex(address))
            if self.is_gone or not 0 <= address <= ADDRESS_END - len(memory):
                raise fail(ENOMEM, hex(address))
            if self._areas.first(address, address + len(memory)) is not None:
                raise fail(EEXIST, hex(address))
            first_pfn = self.host_memory.allocate(memory)
            area = Area(address, memory, first_pfn, writable and not memory.readonly)
            self._areas.add(area)
        return area

    def _free_place(self, length: int) -> int:
        """Return a free address for ``length`` bytes, at least a page apart from other areas.

        The gap exposes accesses beyond the end of an area. Late reuse of addresses exposes stale addresses.
        """
        for first in (self._next, _LOWEST_ADDRESS):
            place = first
            while place + length <= ADDRESS_END:
                area = self._areas.first(place - PAGE_SIZE, place + length + PAGE_SIZE)
                if area is None:
                    return place
                place = area.end + PAGE_SIZE
        raise fail(ENOMEM, f"{length} bytes")

    def unmap(self, address: int) -> None:
        """Unmap the whole area that starts at ``address``. ``EINVAL`` if none does. Pinned pages continue to exist."""
        with self._lock:
            area = self._areas.find(address)
            if area is None or area.address != address:
                raise fail(EINVAL, hex(address))
            self._areas.remove(area)
        self.host_memory.release(area.first_pfn)

    def copy_in(self, address: int, count: int) -> bytes:
        """Return ``count`` bytes of the process's memory. ``EFAULT`` if part of the range is not mapped."""
        return b"".join(bytes(part) for part in self._parts(address, count, is_write=False))

    def copy_out(self, address: int, data: bytes) -> None:
        """Write ``data`` to the process's memory. If part of the range is not writable: ``EFAULT``, nothing written."""
        done = 0
        for part in self._parts(address, len(data), is_write=True):
            part[:] = data[done : done + len(part)]
            done += len(part)

    def fault(self, address: int, is_write: bool) -> int:
        """Return the frame at ``address``. ``EFAULT`` if it is not mapped, or read-only and ``is_write`` is set."""
        with self._lock:
            return self._pfn(self._area(address, is_write), address)

    def fault_and_get(self, address: int, is_write: bool) -> int:
        """Return the frame at ``address`` and take a reference to it. ``EFAULT`` as for :meth:`fault`."""
        with self._lock:
            pfn = self._pfn(self._area(address, is_write), address)
            self.host_memory.get(pfn)
        return pfn

    def fault_and_get_many(self, start: int, end: int, count: int, is_write: bool) -> int | None:
        """Return the frame at ``start`` and take ``count`` references to the frames from there up to ``end``.

        Return None and take no reference unless one area with the required access covers the range.
        """
        with self._lock:
            area = self._areas.find(start)
            if area is None or end > area.end or (is_write and not area.is_writable):
                return None
            pfn = self._pfn(area, start)
            self.host_memory.get(pfn, count)
        return pfn

    def lock_pages(self, count: int, *, ignores_limit: bool = False) -> None:
        """Account ``count`` more pages as locked. ``ENOMEM`` if the total exceeds the limit."""
        with self._lock:
            locked = self.locked_pages + count
            if self.memlock is not None and not ignores_limit and locked > self.memlock >> PAGE_SHIFT:
                raise fail(ENOMEM)
            self.locked_pages = locked

    def unlock_pages(self, count: int) -> None:
        """Account ``count`` fewer pages as locked. A process that has exited has no account, so nothing changes."""
        with self._lock:
            if not self.is_gone:
                self.locked_pages -= count

    def exit(self) -> None:
        """End the process: unmap all its areas. Pinned pages continue to exist."""
        with self._lock:
            areas = list(self._areas)
            self._areas.clear()
            self.is_gone = True
            self.locked_pages = 0
        for area in areas:
            self.host_memory.release(area.first_pfn)

    def _area(self, address: int, is_write: bool) -> Area:
        area = self._areas.find(address)
        if area is None or (is_write and not area.is_writable):
            raise fail(EFAULT, hex(address))
        return area

    @staticmethod
    def _pfn(area: Area, address: int) -> int:
        return area.first_pfn + ((address - area.address) >> PAGE_SHIFT)

    def _parts(self, address: int, count: int, is_write: bool) -> list[memoryview]:
        """Return views of ``count`` bytes from ``address`` on, one view for each area."""
        parts = []
        with self._lock:
            while count > 0:
                area = self._area(address, is_write)
                offset = address - area.address
                part = area.buffer[offset : offset + count]
                parts.append(part)
                address += len(part)
                count -= len(part)
        return parts


def _memory(buffer: Any) -> memoryview:
    """Return the bytes of a buffer, or new memory for a length in bytes. ``EINVAL`` unless it is one or more pages."""
    if isinstance(buffer, int):
        length = -(-buffer // PAGE_SIZE) * PAGE_SIZE
        if length <= 0:
            raise fail(EINVAL, "length")
        return memoryview(mmap.mmap(-1, length))
    memory = memoryview(buffer).cast("B")
    if not len(memory) or len(memory) % PAGE_SIZE:
        raise fail(EINVAL, "length")
    return memory
