"""What the sample displays have in common behind an open device: a PCI device with memory to show and no interrupts.

As observed on 5.10, 6.1 and 7.3, which agree but for what the kernel reads from its stack: a BAR that is written with
one or two bytes takes the rest from there, and 0 here.
"""

from __future__ import annotations

import mmap
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from errno import EFAULT, EINVAL, ENOTTY

from mdevref.drivers.units import units
from mdevref.kernel.errors import fail
from mdevref.vfio import uapi
from mdevref.vfio.arguments import Argument, give, take
from mdevref.vfio.uapi import DeviceFlags, PciRegion, RegionFlags

CONFIG_SIZE = 0xFF  #: bytes of configuration space; an access that begins in it may end one byte behind
_CONFIG_END = 0x100
BAR0, BAR2 = 0x10, 0x18
_LOW_BITS = 0xF  # of a memory BAR: no part of an address
_PROBE = 0xFFFFFFFF
READ_WRITE = RegionFlags.READ | RegionFlags.WRITE
MAPPABLE = READ_WRITE | RegionFlags.MMAP


@dataclass(frozen=True, slots=True)
class Region:
    """A region: where it begins in the device's file, its size in bytes, its flags."""

    offset: int
    size: int
    flags: RegionFlags = READ_WRITE


class Display:
    """A display with its ``memory`` behind BAR0. ``header`` is what its configuration space has, by offset.

    ``bars`` are the BARs by their offset in configuration space, with their sizes. ``asks_first``: it knows of no
    interrupts before it was asked for their number.
    """

    regions_told = uapi.PCI_REGIONS
    asks_first = False

    def __init__(self, header: Mapping[int, bytes], memory: Region, bars: Mapping[int, int]) -> None:
        self.config = bytearray(_CONFIG_END)
        for offset, content in header.items():
            self.config[offset : offset + len(content)] = content
        self.bars = bars
        self.regions: dict[int, Region] = {PciRegion.BAR0: memory, PciRegion.CONFIG: Region(0, CONFIG_SIZE)}
        self._lock = threading.Lock()
        self._pixels: mmap.mmap | None = None
        self._was_asked = False

    @property
    def pixels(self) -> mmap.mmap:
        """The memory, which is there from its first use on."""
        if self._pixels is None:
            self._pixels = mmap.mmap(-1, self.regions[PciRegion.BAR0].size)
            self.draw(self._pixels)
        return self._pixels

    def draw(self, pixels: mmap.mmap) -> None:
        """What a new display shows: nothing."""

    # The device's file

    def read(self, count: int, position: int) -> bytes:
        """Read at a file offset, in units of up to 4 bytes; ``EFAULT`` where nothing is."""
        with self._lock:
            return b"".join(self._read_unit(at, size) for at, size in units(position, count))

    def write(self, data: bytes, position: int) -> int:
        """Write at a file offset, as :meth:`read`."""
        with self._lock:
            for at, size in units(position, len(data)):
                self._write_unit(at, data[at - position : at - position + size])
        return len(data)

    def map(self, length: int, position: int) -> memoryview:
        """The memory from its beginning on. ``EINVAL`` for another offset, or for more of it than there is."""
        memory = self.regions[PciRegion.BAR0]
        if position != memory.offset or length > memory.size:
            raise fail(EINVAL, f"{length} bytes at {position:#x}")
        with self._lock:
            return memoryview(self.pixels)[:length]

    def _read_unit(self, position: int, size: int) -> bytes:
        if 0 <= position < CONFIG_SIZE:
            return bytes(self.config[position : position + size])
        index, offset = self._find(position, size)
        return self.read_region(index, offset, size)

    def _write_unit(self, position: int, data: bytes) -> None:
        if position in self.bars:
            self._write_bar(position, data)
        elif not 0 <= position < CONFIG_SIZE:
            self.write_region(*self._find(position, len(data)), data)

    def _find(self, position: int, size: int) -> tuple[int, int]:
        for index, region in self.regions.items():
            if index != PciRegion.CONFIG and region.offset <= position <= region.offset + region.size - size:
                return index, position - region.offset
        raise fail(EFAULT, f"{size} bytes at {position:#x}")

    def _write_bar(self, offset: int, data: bytes) -> None:
        low = self.config[offset] & _LOW_BITS
        value = int.from_bytes(data, "little")
        value &= ~(self.bars[offset] - 1) if value == _PROBE else ~_LOW_BITS
        self.config[offset : offset + 4] = (value & _PROBE | low).to_bytes(4, "little")

    def read_region(self, index: int, offset: int, size: int) -> bytes:
        """A unit of a region other than configuration space."""
        return bytes(self.pixels[offset : offset + size])

    def write_region(self, index: int, offset: int, data: bytes) -> None:
        self.pixels[offset : offset + len(data)] = data

    # Ioctls

    def ioctl(self, request: int, argument: Argument) -> int:
        """GET_INFO, GET_REGION_INFO, GET_IRQ_INFO and RESET; SET_IRQS is ``EINVAL``, what is not known ``ENOTTY``."""
        with self._lock:
            match request:
                case uapi.DEVICE_GET_INFO:
                    self._get_info(argument)
                case uapi.DEVICE_GET_REGION_INFO:
                    self.get_region_info(argument)
                case uapi.DEVICE_GET_IRQ_INFO:
                    self._get_irq_info(argument)
                case uapi.DEVICE_SET_IRQS:
                    raise fail(EINVAL, "SET_IRQS")
                case uapi.DEVICE_RESET:
                    if self._pixels is not None:
                        self.draw(self._pixels)
                case uapi.DEVICE_QUERY_GFX_PLANE:
                    self.query_plane(argument)
                case _:
                    raise fail(ENOTTY, f"{request:#x}")
        return 0

    def query_plane(self, argument: Argument) -> None:
        """Where the picture is: as this kind of display tells it."""
        raise fail(ENOTTY, "QUERY_GFX_PLANE")

    def _get_info(self, argument: Argument) -> None:
        info = take(argument, uapi.DeviceInfo)
        info.flags, info.num_regions, info.num_irqs = DeviceFlags.PCI, self.regions_told, uapi.PCI_IRQS
        self._was_asked = True
        give(argument, info)

    def get_region_info(self, argument: Argument) -> None:
        """A region that is not there has no size, no flags, and offset 0."""
        info = take(argument, uapi.RegionInfo)
        if info.index >= uapi.PCI_REGIONS:
            raise fail(EINVAL, repr(info))
        region = self.regions.get(info.index, Region(0, 0, RegionFlags(0)))
        info.flags, info.size, info.offset = region.flags, region.size, region.offset
        give(argument, info)

    def _get_irq_info(self, argument: Argument) -> None:
        """There are indexes, and nothing behind any of them."""
        info = take(argument, uapi.IrqInfo)
        if info.index >= uapi.PCI_IRQS or (self.asks_first and not self._was_asked):
            raise fail(EINVAL, repr(info))
        info.flags = info.count = 0
        give(argument, info)
