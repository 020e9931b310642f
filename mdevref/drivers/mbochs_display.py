"""The display of one ``mbochs`` device: video memory in BAR0, the Bochs registers in BAR2, and an EDID region.

The behaviour was observed on 5.10 and 6.1. An access just beyond the video memory crashes the kernel; here it fails
with ``EFAULT``. Mapping the EDID region, which is not flagged as mappable, fails with ``EINVAL`` here. The requests
that locate the picture need a dma-buf and are not modelled.
"""

from __future__ import annotations

import struct
from errno import EINVAL

from mdevref.drivers import display
from mdevref.drivers.display import BAR0, BAR2, MAPPABLE, READ_WRITE, Region
from mdevref.kernel.errors import fail
from mdevref.vfio.arguments import Argument, take
from mdevref.vfio.uapi import PCI_REGIONS, PciRegion, RegionFlags, RegionInfo

_PAGE = 0x1000
_REGISTERS, _EDID, _MEMORY = 0x1000, 0x2000, 0x3000  #: offsets in the device's file
_EDID_REGION = PCI_REGIONS  #: its index, the first after the PCI regions
_EDID_TYPE = struct.pack("=HHIII", 2, 1, 0, 1, 1)  #: the region type capability: graphics, EDID
_CHUNK = 1 << 16

_DISPI = 0x500  #: offset in BAR2 of the Bochs registers, of two bytes each
_DISPI_ID, _DISPI_COUNT = 0xB0C5, 11
_DISPI_MEMORY = 10  #: the register with the size of the video memory, in units of 64 kB

_BLOB, _BLOB_SIZE = 0x800, 0x400  #: offset and size of the EDID itself in its region
_EDID_WRITABLE = (0x08, 0x14)  #: offsets of the writable fields: size of the EDID, state of the link

_HEADER = {
    0x00: bytes.fromhex("3412 1111"),  # vendor 1234, device 1111
    0x04: bytes.fromhex("0300 0000"),  # I/O and memory enabled
    0x08: bytes.fromhex("00010080 03"),  # class: display
    BAR0: b"\x08",  # memory, prefetchable
    0x2C: bytes.fromhex("f41a 0011"),
}


class Display(display.Display):
    """A display with ``megabytes`` of video memory. Its EDID region reports ``largest``, the maximum resolution."""

    regions_told = PCI_REGIONS + 1

    def __init__(self, megabytes: int, largest: tuple[int, int]) -> None:
        size = megabytes << 20
        super().__init__(_HEADER, Region(_MEMORY, size, MAPPABLE), {BAR0: size, BAR2: _PAGE})
        self.regions[PciRegion.BAR2] = Region(_REGISTERS, _PAGE)
        self.regions[_EDID_REGION] = Region(_EDID, _PAGE, READ_WRITE | RegionFlags.CAPS)
        self._dispi = [0] * _DISPI_COUNT
        self._dispi[0], self._dispi[_DISPI_MEMORY] = _DISPI_ID, size // _CHUNK
        self._edid = bytearray(_PAGE)
        struct.pack_into("=5I", self._edid, 0, _BLOB, _BLOB_SIZE, 0, *largest)

    def read_region(self, index: int, offset: int, size: int) -> bytes:
        if index == _EDID_REGION:
            return bytes(self._edid[offset : offset + size])
        if index == PciRegion.BAR2:
            register = _register(offset, size)
            return bytes(size) if register is None else self._dispi[register].to_bytes(2, "little")
        return super().read_region(index, offset, size)

    def write_region(self, index: int, offset: int, data: bytes) -> None:
        if index == PciRegion.BAR2:
            register = _register(offset, len(data))
            if register is not None:
                self._dispi[register] = int.from_bytes(data, "little")
        elif index == PciRegion.BAR0:
            super().write_region(index, offset, data)
        elif (offset in _EDID_WRITABLE and len(data) == 4) or _BLOB <= offset < _BLOB + _BLOB_SIZE:
            self._edid[offset : offset + len(data)] = data

    def get_region_info(self, argument: Argument) -> None:
        """Handle GET_REGION_INFO. A caller with room for it receives the type capability of the EDID region.

        ``EINVAL`` if ``argsz`` is larger than that.
        """
        info = take(argument, RegionInfo)
        room = info.argsz
        if room > RegionInfo.full + len(_EDID_TYPE):
            raise fail(EINVAL, repr(info))
        if info.index != _EDID_REGION:
            super().get_region_info(argument)
            return
        region = self.regions[_EDID_REGION]
        info.flags, info.size, info.offset = region.flags, region.size, region.offset
        info.argsz, info.cap_offset = RegionInfo.full + len(_EDID_TYPE), RegionInfo.full
        argument.copy_out((bytes(info) + _EDID_TYPE)[:room])


def _register(offset: int, size: int) -> int | None:
    """Return the index of the Bochs register at ``offset``, or None for accesses that read 0 and ignore writes."""
    number, half = divmod(offset - _DISPI, 2)
    return number if size == 2 and not half and 0 <= number < _DISPI_COUNT else None
