"""The display behind one UUID of ``mdpy``: a PCI device with a framebuffer in BAR0 that can be mapped.

As observed on 5.10, 6.1 and 7.3, which agree but for what the kernel reads from its stack: a BAR that is written with
one or two bytes takes the rest from there, and 0 here.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Callable
from errno import EFAULT, EINVAL, ENOTTY

from mdevref.kernel.errors import fail
from mdevref.vfio import uapi
from mdevref.vfio.arguments import Argument, give, take
from mdevref.vfio.uapi import DeviceFlags, PciRegion, RegionFlags

CONFIG_SIZE = 255  #: bytes, at the beginning of the file
MEMORY_OFFSET = 0x1000
_BYTES_PER_PIXEL = 4
_BAR0 = 0x10
_FORMAT = b"XR24"
_CAPABILITY = 0x40
_PLANE = struct.Struct("=IIIIQ10I")  #: vfio_device_gfx_plane_info, of 64 bytes
_PLANE_PROBE, _PLANE_REGION = 1, 4
_DISPLAY_REGION = 16  #: as which the sample tells where the framebuffer is, though no region has that index

_HEADER = {
    0x00: bytes.fromhex("361b 0f00"),  # vendor 1b36, device 000f
    0x04: bytes.fromhex("0300 1000"),  # I/O and memory enabled; a list of capabilities
    0x08: bytes.fromhex("00010080 03"),  # class: display
    _BAR0: b"\x08",  # memory, prefetchable
    0x2C: bytes.fromhex("f41a 0011"),
    0x34: bytes((_CAPABILITY,)),
}


class Display:
    """A display of some resolution in pixels. Its memory is there once somebody asks for it."""

    def __init__(self, width: int, height: int) -> None:
        self._width, self._height = width, height
        size = width * height * _BYTES_PER_PIXEL
        self.size = 1 << (size - 1).bit_length()  #: bytes of the framebuffer, a power of two as of any BAR
        self._irqs = 0  # GET_INFO's answer, which GET_IRQ_INFO goes by
        self._memory: mmap.mmap | None = None
        self._config = bytearray(CONFIG_SIZE)
        for offset, content in _HEADER.items():
            self._config[offset : offset + len(content)] = content
        struct.pack_into("<BBH4sII", self._config, _CAPABILITY, 9, 0, 16, _FORMAT, width, height)

    @property
    def memory(self) -> mmap.mmap:
        """The framebuffer."""
        if self._memory is None:
            self._memory = mmap.mmap(-1, self.size)
        return self._memory

    def read(self, count: int, position: int) -> bytes:
        """Read configuration space or framebuffer; ``EFAULT`` elsewhere."""
        if self._is_config(position, count):
            return bytes(self._config[position : position + count])
        self._check_memory(position, count)
        # The sample does not look at the offset: each access is to the beginning, in parts of up to 4 bytes.
        return b"".join(self.memory[:part] for _, part in _parts(position, count))

    def write(self, data: bytes, position: int) -> int:
        """Write to BAR0 or to the framebuffer; the rest of configuration space takes it and keeps what it has."""
        if self._is_config(position, len(data)):
            if position == _BAR0:
                self._write_bar(data)
            return len(data)
        self._check_memory(position, len(data))
        for at, part in _parts(position, len(data)):
            self.memory[:part] = data[at - position : at - position + part]
        return len(data)

    def map(self, length: int, position: int) -> memoryview:
        """Map the framebuffer from its beginning on; ``EINVAL`` for anything else."""
        if position != MEMORY_OFFSET or length > self.size:
            raise fail(EINVAL, "mdpy")
        return memoryview(self.memory)[:length]

    def ioctl(self, request: int, argument: Argument) -> int:
        """``ENOTTY`` for what a display does not know."""
        handler = _HANDLERS.get(request)
        if handler is None:
            raise fail(ENOTTY, f"{request:#x}")
        handler(self, argument)
        return 0

    def _is_config(self, position: int, count: int) -> bool:
        return position + count <= CONFIG_SIZE

    def _check_memory(self, position: int, count: int) -> None:
        if position < MEMORY_OFFSET or position + count > MEMORY_OFFSET + self.size:
            raise fail(EFAULT, "mdpy")

    def _write_bar(self, data: bytes) -> None:
        value = int.from_bytes(data[:4], "little")
        if value == 0xFFFFFFFF:
            value &= ~(self.size - 1)
        self._config[_BAR0 : _BAR0 + 4] = (value & ~0x0F | self._config[_BAR0] & 0x0F).to_bytes(4, "little")

    def _get_info(self, argument: Argument) -> None:
        info = take(argument, uapi.DeviceInfo)
        info.flags, info.num_regions, info.num_irqs = DeviceFlags.PCI, uapi.PCI_REGIONS, uapi.PCI_IRQS
        self._irqs = info.num_irqs
        give(argument, info)

    def _get_region_info(self, argument: Argument) -> None:
        info = take(argument, uapi.RegionInfo)
        if info.index >= uapi.PCI_REGIONS:
            raise fail(EINVAL, repr(info))
        both = RegionFlags.READ | RegionFlags.WRITE
        info.flags, info.size, info.offset = {
            PciRegion.CONFIG: (both, CONFIG_SIZE, 0),
            PciRegion.BAR0: (both | RegionFlags.MMAP, self.size, MEMORY_OFFSET),
        }.get(PciRegion(info.index), (0, 0, 0))
        give(argument, info)

    def _get_irq_info(self, argument: Argument) -> None:
        info = take(argument, uapi.IrqInfo)
        if info.index >= self._irqs:
            raise fail(EINVAL, repr(info))
        info.flags = info.count = 0
        give(argument, info)

    def _set_irqs(self, argument: Argument) -> None:
        raise fail(EINVAL, "mdpy")

    def _reset(self, argument: Argument) -> None:
        """Nothing is forgotten."""

    def _query_plane(self, argument: Argument) -> None:
        argsz, flags, *_ = _PLANE.unpack(argument.copy_in(_PLANE.size))
        if argsz < _PLANE.size or flags not in (_PLANE_REGION, _PLANE_PROBE | _PLANE_REGION):
            raise fail(EINVAL, f"gfx plane {flags:#x}")
        if flags & _PLANE_PROBE:
            return
        shape = (self._width, self._height, self._width * _BYTES_PER_PIXEL, self.size)
        pixels = int.from_bytes(_FORMAT, "little")
        plane = _PLANE.pack(argsz, flags, 0, pixels, 0, *shape, 0, 0, 0, 0, _DISPLAY_REGION, 0)
        argument.copy_out(plane)


_HANDLERS: dict[int, Callable[[Display, Argument], None]] = {
    uapi.DEVICE_GET_INFO: Display._get_info,
    uapi.DEVICE_GET_REGION_INFO: Display._get_region_info,
    uapi.DEVICE_GET_IRQ_INFO: Display._get_irq_info,
    uapi.DEVICE_SET_IRQS: Display._set_irqs,
    uapi.DEVICE_RESET: Display._reset,
    uapi.DEVICE_QUERY_GFX_PLANE: Display._query_plane,
}


def _parts(position: int, count: int) -> list[tuple[int, int]]:
    """The single accesses of a transfer, as offset and size: 4 and 2 bytes only where aligned."""
    found, end = [], position + count
    while position < end:
        size = next(size for size in (4, 2, 1) if end - position >= size and not position % size)
        found.append((position, size))
        position += size
    return found
