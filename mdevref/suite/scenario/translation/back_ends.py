"""Back ends of the container, and what they say of themselves."""

from __future__ import annotations

import struct

from mdevref.suite.interface.translation import Translation
from mdevref.suite.interface.vmm import PAGE
from mdevref.suite.scenario.access.access import Access
from mdevref.suite.scenario.access.containers import CONTAINER
from mdevref.suite.scenario.devices import Devices
from mdevref.vfio import uapi
from mdevref.vfio.uapi import IommuInfo

_AVAILABLE = 3  # number of the capability with the room for mappings


class BackEnds:
    """What translates for the container."""

    def __init__(self, interface: Translation, access: Access, devices: Devices) -> None:
        self._interface = interface
        self._access = access
        self._devices = devices

    def use(self, device: str, kind: int, *, opens: bool = True) -> None:
        """Put the group of a device into the container, set a back end of a kind, and open the device."""
        self._access.groups.enter(device, CONTAINER)
        self._access.requests.call(uapi.SET_IOMMU, CONTAINER, kind)
        if opens:
            self._access.devices.get(device)

    def use_refusing(self, container: str, device: str, errno: int) -> None:
        """Set a back end of a container that refuses the group of a device."""
        kind = self._interface.back_end_that_refuses(self._devices[device].uuid, errno)
        self._access.requests.call(uapi.SET_IOMMU, container, kind)

    def info(self, argsz: int = IommuInfo.minimum) -> IommuInfo:
        """IOMMU_GET_INFO"""
        return IommuInfo.read(self._get_info(IommuInfo(argsz=argsz).pack()))

    def room_for_mappings(self) -> int | None:
        """What the capability of IOMMU_GET_INFO tells; None where there is none."""
        argument = self._get_info(IommuInfo(argsz=PAGE).pack(bytes(PAGE - IommuInfo.full)))
        offset = IommuInfo.read(argument).cap_offset
        while offset:
            number, _, following = struct.unpack_from("=HHI", argument, offset)
            if number == _AVAILABLE:
                found: int = struct.unpack_from("=I", argument, offset + 8)[0]
                return found
            offset = following
        return None

    def _get_info(self, argument: bytearray) -> bytearray:
        handles = self._access.handles
        handles.process().ioctl(handles.file(CONTAINER).descriptor, uapi.IOMMU_GET_INFO, argument)
        return argument
