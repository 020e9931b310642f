"""Regions of devices that are held open."""

from __future__ import annotations

from collections.abc import Mapping

from mdevref.suite.interface import vmm
from mdevref.suite.scenario.access.handles import Handles
from mdevref.suite.scenario.kind import Kind
from mdevref.vfio.uapi import RegionFlags, RegionInfo

_ACCESS = {
    "readable": (RegionFlags.READ, True),
    "writable": (RegionFlags.WRITE, True),
    "unmapped": (RegionFlags.MMAP, False),
}
_FAR = 1 << 44  # bytes beyond the last region

KINDS: Mapping[str, Kind] = {"Access": Kind("readable|writable")}


class Regions:
    """The regions of each device, by its name, and the region that was chosen."""

    def __init__(self, handles: Handles) -> None:
        self.chosen = RegionInfo()
        self._handles = handles

    def all(self, name: str) -> list[RegionInfo]:
        """Return the information about each region of a device."""
        return list(vmm.regions(self._handles.device(name)).values())

    def indexes(self, name: str) -> dict[int, int]:
        """Return the index in the information about each region, by the requested index."""
        return {asked: info.index for asked, info in vmm.regions(self._handles.device(name)).items()}

    def choose(self, name: str, size: int, access: str) -> bool:
        """Choose the first region of at least ``size`` bytes with this access. Return whether there is one."""
        flag, wanted = _ACCESS[access]
        for info in self.all(name):
            if info.size >= size and bool(info.flags & flag) is wanted:
                self.chosen = info
                return True
        return False

    def read(self, name: str, count: int, offset: int) -> bytes:
        """Read ``count`` bytes of the chosen region."""
        return self._handles.device(name).pread(count, self.chosen.offset + offset)

    def write(self, name: str, index: int, offset: int, data: bytes) -> int:
        """Write to a region, given by its index."""
        device = self._handles.device(name)
        return device.pwrite(data, vmm.region_info(device, index).offset + offset)

    def read_behind(self, name: str, count: int) -> bytes:
        """Read beyond the last region."""
        end = max((info.offset + info.size for info in self.all(name)), default=0)
        return self._handles.device(name).pread(count, (end + _FAR) // vmm.PAGE * vmm.PAGE)

    def map(self, name: str) -> None:
        """Map the first page of the chosen region."""
        self._handles.device(name).mmap(vmm.PAGE, self.chosen.offset)

    def by_ones_twos_and_fours(self, name: str, index: int) -> list[bytes]:
        """Return the first four bytes of a region, read one, two and four bytes at a time."""
        device = self._handles.device(name)
        begin = vmm.region_info(device, index).offset
        return [b"".join(device.pread(step, begin + at) for at in range(0, 4, step)) for step in (1, 2, 4)]
