"""The display of one ``mdpy`` device: a mappable framebuffer in BAR0."""

from __future__ import annotations

import mmap
import struct
from errno import EINVAL

from mdevref.drivers import display
from mdevref.drivers.display import MAPPABLE, Region
from mdevref.kernel.errors import fail
from mdevref.vfio.arguments import Argument

MEMORY_OFFSET = 0x1000
_BYTES_PER_PIXEL = 4
_FORMAT = b"XR24"
_CAPABILITY = 0x40
_PLANE = struct.Struct("=IIIIQ10I")  #: vfio_device_gfx_plane_info, of 64 bytes
_PLANE_PROBE, _PLANE_REGION = 1, 4
_DISPLAY_REGION = 16  #: the region index that the sample reports for the framebuffer; no such region exists

_HEADER = {
    0x00: bytes.fromhex("361b 0f00"),  # vendor 1b36, device 000f
    0x04: bytes.fromhex("0300 1000"),  # I/O and memory enabled; a list of capabilities
    0x08: bytes.fromhex("00010080 03"),  # class: display
    display.BAR0: b"\x08",  # memory, prefetchable
    0x2C: bytes.fromhex("f41a 0011"),
    0x34: bytes((_CAPABILITY,)),
}


class Display(display.Display):
    """A display of ``width`` by ``height`` pixels."""

    asks_first = True

    def __init__(self, width: int, height: int) -> None:
        self._width, self._height = width, height
        size = 1 << (width * height * _BYTES_PER_PIXEL - 1).bit_length()  # a power of two, like every BAR
        capability = struct.pack("<BBH4sII", 9, 0, 16, _FORMAT, width, height)
        header = {**_HEADER, _CAPABILITY: capability}
        super().__init__(header, Region(MEMORY_OFFSET, size, MAPPABLE), {display.BAR0: size})

    def draw(self, pixels: mmap.mmap) -> None:
        """Draw a grey gradient, dark at the top, on a new or reset display. Other memory remains unchanged."""
        stride = self._width * _BYTES_PER_PIXEL
        for row in range(self._height):
            pixels[row * stride : (row + 1) * stride] = bytes((row * 255 // self._height,)) * stride

    def read_region(self, index: int, offset: int, size: int) -> bytes:
        """Read the beginning of the memory: the sample ignores the offset."""
        return self.pixels[:size]

    def write_region(self, index: int, offset: int, data: bytes) -> None:
        self.pixels[: len(data)] = data

    def query_plane(self, argument: Argument) -> None:
        argsz, flags, *_ = _PLANE.unpack(argument.copy_in(_PLANE.size))
        if argsz < _PLANE.size or flags not in (_PLANE_REGION, _PLANE_PROBE | _PLANE_REGION):
            raise fail(EINVAL, f"gfx plane {flags:#x}")
        if flags & _PLANE_PROBE:
            return
        size = self.regions[0].size
        shape = (self._width, self._height, self._width * _BYTES_PER_PIXEL, size)
        pixels = int.from_bytes(_FORMAT, "little")
        plane = _PLANE.pack(argsz, flags, 0, pixels, 0, *shape, 0, 0, 0, 0, _DISPLAY_REGION, 0)
        argument.copy_out(plane)
