"""The common base of the sample displays: a PCI device with video memory and without interrupts.

The behaviour was observed on 5.10, 6.1 and 7.3, with one difference. If one or two bytes of a BAR are written, the
kernel takes the other bytes from its stack; here they are 0.
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

CONFIG_SIZE = 0xFF  #: bytes of configuration space; an access that begins inside may end one byte beyond
_CONFIG_END = 0x100
BAR0, BAR2 = 0x10, 0x18
_LOW_BITS = 0xF  # the bits of a memory BAR that are not part of the address
_PROBE = 0xFFFFFFFF
READ_WRITE = RegionFlags.READ | RegionFlags.WRITE
MAPPABLE = READ_WRITE | RegionFlags.MMAP


@dataclass(frozen=True, slots=True)
class Region:
    """A region: its offset in the device's file, its size in bytes, its flags."""

    offset: int
    size: int
    flags: RegionFlags = READ_WRITE


class Display:
    """A display with its ``memory`` behind BAR0. ``header`` is the content of its configuration space, by offset.

    ``bars`` maps the offset of each BAR in configuration space to its size in bytes. If ``asks_first`` is set,
    GET_IRQ_INFO fails until GET_INFO was called.
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
        """The video memory, allocated on first use."""
        if self._pixels is None:
            self._pixels = mmap.mmap(-1, self.regions[PciRegion.BAR0].size)
            self.draw(self._pixels)
        return self._pixels

    def draw(self, pixels: mmap.mmap) -> None:
        """Draw the initial picture; here, nothing."""

    # The device's file

    def read(self, count: int, position: int) -> bytes:
        """Read at a file offset, in units of up to 4 bytes. ``EFAULT`` outside the regions."""
        with self._lock:
            return b"".join(self._read_unit(at, size) for at, size in units(position, count))

    def write(self, data: bytes, position: int) -> int:
        """Write at a file offset and return the byte count. Units and errors as for :meth:`read`."""
        with self._lock:
            for at, size in units(position, len(data)):
                self._write_unit(at, data[at - position : at - position + size])
        return len(data)

    def map(self, length: int, position: int) -> memoryview:
        """Map the video memory from its beginning. ``EINVAL`` for another offset or beyond its end."""
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
        """Return ``size`` bytes of a region other than configuration space."""
        return bytes(self.pixels[offset : offset + size])

    def write_region(self, index: int, offset: int, data: bytes) -> None:
        self.pixels[offset : offset + len(data)] = data

    # Ioctls

    def ioctl(self, request: int, argument: Argument) -> int:
        """Handle a device ioctl. SET_IRQS fails with ``EINVAL``, an unknown request with ``ENOTTY``."""
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
        """Handle QUERY_GFX_PLANE. ``ENOTTY`` unless a subclass supports it."""
        raise fail(ENOTTY, "QUERY_GFX_PLANE")

    def _get_info(self, argument: Argument) -> None:
        info = take(argument, uapi.DeviceInfo)
        info.flags, info.num_regions, info.num_irqs = DeviceFlags.PCI, self.regions_told, uapi.PCI_IRQS
        self._was_asked = True
        give(argument, info)

    def get_region_info(self, argument: Argument) -> None:
        """Handle GET_REGION_INFO. A region that does not exist has size, flags and offset 0."""
        info = take(argument, uapi.RegionInfo)
        if info.index >= uapi.PCI_REGIONS:
            raise fail(EINVAL, repr(info))
        region = self.regions.get(info.index, Region(0, 0, RegionFlags(0)))
        info.flags, info.size, info.offset = region.flags, region.size, region.offset
        give(argument, info)

    def _get_irq_info(self, argument: Argument) -> None:
        """Handle GET_IRQ_INFO. The PCI indexes are valid, but none has an interrupt."""
        info = take(argument, uapi.IrqInfo)
        if info.index >= uapi.PCI_IRQS or (self.asks_first and not self._was_asked):
            raise fail(EINVAL, repr(info))
        info.flags = info.count = 0
        give(argument, info)
