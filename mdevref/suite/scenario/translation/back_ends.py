"""Back ends of the container, and the information that they report."""

from __future__ import annotations

import struct

from mdevref.suite.interface.translation import Translation
from mdevref.suite.interface.vmm import PAGE
from mdevref.suite.scenario.access.access import Access
from mdevref.suite.scenario.access.containers import CONTAINER
from mdevref.suite.scenario.devices import Devices
from mdevref.vfio import uapi
from mdevref.vfio.uapi import IommuInfo

_AVAILABLE = 3  # id of the capability with the number of available mappings


class BackEnds:
    """The back end of the container."""

    def __init__(self, interface: Translation, access: Access, devices: Devices) -> None:
        self._interface = interface
        self._access = access
        self._devices = devices

    def use(self, device: str, kind: int, *, opens: bool = True) -> None:
        """Add the group of a device to the container, set a back end of this kind, and open the device."""
        self._access.groups.enter(device, CONTAINER)
        self._access.requests.call(uapi.SET_IOMMU, CONTAINER, kind)
        if opens:
            self._access.devices.get(device)

    def use_refusing(self, container: str, device: str, errno: int) -> None:
        """Set a back end that refuses the group of a device with ``errno``."""
        kind = self._interface.back_end_that_refuses(self._devices[device].uuid, errno)
        self._access.requests.call(uapi.SET_IOMMU, container, kind)

    def info(self, argsz: int = IommuInfo.minimum) -> IommuInfo:
        """Return the result of IOMMU_GET_INFO."""
        return IommuInfo.read(self._get_info(IommuInfo(argsz=argsz).pack()))

    def room_for_mappings(self) -> int | None:
        """Return the number of available mappings from the capability of IOMMU_GET_INFO; None without it."""
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
