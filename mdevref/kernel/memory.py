"""Memory: the machine's frames, and the address spaces of the processes that use them.

It is real memory. A frame is a page of a buffer that some process mapped, so whoever has the frame, be it a vendor
driver that pinned it, reads and writes the very bytes of that process.

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
DEFAULT_MEMLOCK: Final = 8 << 20  #: bytes of memory that a process may lock unless it is told otherwise (Linux 5.16)

_FIRST_PFN: Final = 0x100000
_FIRST_ADDRESS: Final = 0x7F00_0000_0000
_LOWEST_ADDRESS: Final = 0x1_0000  # as vm.mmap_min_addr usually is


@dataclass(slots=True, eq=False)
class _Block:
    """Frames of one buffer: page frame numbers from ``start`` up to ``end``."""

    start: int
    end: int
    memory: memoryview
    is_mapped: bool = True
    pinned: int = 0  #: references that pins hold, of all frames together


class HostMemory:
    """The machine's frames. A frame exists while a process has it mapped or somebody holds a reference to it.

    Numbers of frames are not used again: one that was kept too long names nothing.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._blocks: Intervals[_Block] = Intervals()
        self._next = _FIRST_PFN

    def allocate(self, buffer: Any) -> int:
        """Frames for ``buffer``, a length in bytes or a buffer whose bytes they are: number of the first.

        A length is rounded up to whole pages. ``EINVAL`` for a buffer that is empty or not of whole pages.
        """
        memory = _memory(buffer)
        count = len(memory) // PAGE_SIZE
        with self._lock:
            first = self._next
            self._next += count + 1  # never the neighbour of another block
            self._blocks.add(_Block(first, first + count, memory))
        return first

    def release(self, first: int) -> None:
        """The frames from ``first`` on are mapped no more: they go when nobody refers to any of them."""
        with self._lock:
            block = self._block(first)
            block.is_mapped = False
            self._free_unused(block)

    def page(self, pfn: int) -> memoryview:
        """The bytes of a frame, themselves. ``LookupError`` if there is no such frame (any more)."""
        block = self._block(pfn)
        offset = (pfn - block.start) * PAGE_SIZE
        return block.memory[offset : offset + PAGE_SIZE]

    def get(self, pfn: int, count: int = 1) -> None:
        """So many references more to frames of the block that ``pfn`` is of."""
        with self._lock:
            self._block(pfn).pinned += count

    def put(self, pfns: Sequence[int]) -> None:
        """One reference less for each; frames of one block cost no more than one of them."""
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
        """References to frames that are held now."""
        with self._lock:
            return sum(block.pinned for block in self._blocks)

    def _block(self, pfn: int) -> _Block:
        block = self._blocks.find(pfn)
        if block is None:
            raise LookupError(f"there is no page frame {pfn:#x}")
        return block

    def _free_unused(self, block: _Block) -> None:
        if not block.is_mapped and not block.pinned:
            self._blocks.remove(block)


@dataclass(frozen=True, slots=True, eq=False)
class Area:
    """A mapping of a process: ``buffer`` is its memory, which starts at ``address``."""

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

    ``memlock`` is the limit of locked memory in bytes, None for no limit; it may be set at any time.
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
        """Map new memory of a length in bytes, or a buffer (a shared file's mmap, a bytearray), at ``address``.

        ``EINVAL`` for a length of 0, a buffer not of whole pages or an address not on a page; ``EEXIST`` where
        something is mapped, ``ENOMEM`` beyond the end of user space or when the process is gone. A buffer that cannot
        be written is mapped for reading only.
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
        """Where that much fits, a page apart from others: running past the end of an area is noticed.

        Addresses are used again as late as can be, since one that was kept too long is to name nothing.
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
        """Unmap the whole area that starts at ``address`` (``EINVAL`` if none does). Pinned pages live on."""
        with self._lock:
            area = self._areas.find(address)
            if area is None or area.address != address:
                raise fail(EINVAL, hex(address))
            self._areas.remove(area)
        self.host_memory.release(area.first_pfn)

    def copy_in(self, address: int, count: int) -> bytes:
        """``count`` bytes of the process's memory. ``EFAULT`` if not all of it is mapped."""
        return b"".join(bytes(part) for part in self._parts(address, count, is_write=False))

    def copy_out(self, address: int, data: bytes) -> None:
        """Put bytes into the process's memory. ``EFAULT`` if not all of it can be written; then nothing is."""
        done = 0
        for part in self._parts(address, len(data), is_write=True):
            part[:] = data[done : done + len(part)]
            done += len(part)

    def fault(self, address: int, is_write: bool) -> int:
        """The frame behind ``address``. ``EFAULT`` if nothing is mapped there, or nothing that can be written."""
        with self._lock:
            return self._pfn(self._area(address, is_write), address)

    def fault_and_get(self, address: int, is_write: bool) -> int:
        """The frame behind ``address``, with a reference more. ``EFAULT`` as :meth:`fault`."""
        with self._lock:
            pfn = self._pfn(self._area(address, is_write), address)
            self.host_memory.get(pfn)
        return pfn

    def fault_and_get_many(self, start: int, end: int, count: int, is_write: bool) -> int | None:
        """The frame behind ``start``, with ``count`` references more to it and those after it, up to ``end``.

        None, and no reference, unless all that is one area.
        """
        with self._lock:
            area = self._areas.find(start)
            if area is None or end > area.end or (is_write and not area.is_writable):
                return None
            pfn = self._pfn(area, start)
            self.host_memory.get(pfn, count)
        return pfn

    def lock_pages(self, count: int, *, ignores_limit: bool = False) -> None:
        """Account ``count`` pages more as locked. ``ENOMEM`` if that exceeds the limit."""
        with self._lock:
            locked = self.locked_pages + count
            if self.memlock is not None and not ignores_limit and locked > self.memlock >> PAGE_SHIFT:
                raise fail(ENOMEM)
            self.locked_pages = locked

    def unlock_pages(self, count: int) -> None:
        """Account ``count`` pages less as locked; nothing is accounted to a process that is gone."""
        with self._lock:
            if not self.is_gone:
                self.locked_pages -= count

    def exit(self) -> None:
        """The process is gone, and its memory with it, except for what is pinned."""
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
        """The memory from ``address`` on, area by area."""
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
    """The bytes of a buffer; new ones for a number of bytes. ``EINVAL`` unless these are pages, at least one."""
    if isinstance(buffer, int):
        length = -(-buffer // PAGE_SIZE) * PAGE_SIZE
        if length <= 0:
            raise fail(EINVAL, "length")
        return memoryview(mmap.mmap(-1, length))
    memory = memoryview(buffer).cast("B")
    if not len(memory) or len(memory) % PAGE_SIZE:
        raise fail(EINVAL, "length")
    return memory
