"""Open a mediated device as a VMM does: its IOMMU group, put into a container, and the device out of the group."""

from __future__ import annotations

import fcntl
import os
import struct
from contextlib import suppress

# Requests of the kernel's VFIO uapi, _IO(';', 100 + n).
_SET_IOMMU = 0x3B66
_SET_CONTAINER = 0x3B68
_UNSET_CONTAINER = 0x3B69
_GET_DEVICE_FD = 0x3B6A
_TYPE1V2 = 3  # the back end that every kernel of interest has


class OpenDevice:
    """A mediated device held open, with the group and the container that it needs for it."""

    def __init__(self, uuid: str, *, sysfs: str = "/sys", nodes: str = "/dev/vfio") -> None:
        """OSError: ENOENT where there is no such device, or no driver has opened its group; and what VFIO gives."""
        self._open: list[int] = []
        group = os.path.basename(os.readlink(f"{sysfs}/bus/mdev/devices/{uuid}/iommu_group"))
        try:
            container = self._keep(os.open(f"{nodes}/vfio", os.O_RDWR | os.O_CLOEXEC))
            self._group = self._keep(os.open(f"{nodes}/{group}", os.O_RDWR | os.O_CLOEXEC))
            fcntl.ioctl(self._group, _SET_CONTAINER, struct.pack("i", container))
            fcntl.ioctl(container, _SET_IOMMU, _TYPE1V2)
            # A buffer that may change, for then Python returns what ioctl(2) returned.
            self.descriptor = self._keep(fcntl.ioctl(self._group, _GET_DEVICE_FD, bytearray(uuid.encode() + b"\0")))
        except OSError:
            self.close()
            raise

    def _keep(self, descriptor: int) -> int:
        self._open.append(descriptor)
        return descriptor

    def close(self) -> None:
        """Close the device, then its group, then the container: from 5.10 on a removal waits for all of them."""
        while self._open:
            descriptor = self._open.pop()
            if self._open and descriptor == getattr(self, "_group", None):
                with suppress(OSError):
                    fcntl.ioctl(descriptor, _UNSET_CONTAINER)
            os.close(descriptor)
