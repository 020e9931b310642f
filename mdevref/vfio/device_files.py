"""Files of open devices: each call goes to the vendor (fact 3.1)."""

from __future__ import annotations

from errno import EINVAL, ENOTTY
from typing import Any

from mdevref.kernel.errors import fail
from mdevref.kernel.open_files import FileOperations, Task, UserArgument
from mdevref.vfio import uapi
from mdevref.vfio.arguments import take
from mdevref.vfio.device import Operations, VfioDevice
from mdevref.vfio.uapi import FeatureFlags

_FEATURE_NUMBER = 0xFFFF
_KNOWN_FEATURE_FLAGS = int(_FEATURE_NUMBER | FeatureFlags.GET | FeatureFlags.SET | FeatureFlags.PROBE)


class DeviceFile(FileOperations):
    """A device held open. What its vendor has no callback for is ``EINVAL``."""

    __slots__ = ("_ioctl", "_mdev", "_mmap", "_read", "_write", "device")

    def __init__(self, device: VfioDevice, process: Task) -> None:
        """Open a device that the caller has taken; if that fails, it is put.

        ``EINVAL`` if its group is not ready for use or, until 5.12, the vendor has no open; ``EPERM`` for a noiommu
        group; ``ENODEV`` if the module of its driver is leaving; else the vendor's errno, unchanged.
        """
        self.device = device
        self._mdev = device.mdev
        self.use(device.operations)
        try:
            device.group.add_user()
            try:
                device.group.check_capability(process)
                device.open()
            except BaseException:
                device.group.drop_user()
                raise
        except BaseException:
            device.put()
            raise

    def use(self, operations: Operations) -> None:
        """From now on the file's calls go to these."""
        self._read = operations.read
        self._write = operations.write
        self._ioctl = operations.ioctl
        self._mmap = operations.mmap

    def read(self, count: int, position: int) -> bytes:
        if self._read is None:
            raise fail(EINVAL, "read")
        return self._read(self._mdev, count, position)  # type: ignore[no-any-return]  # the vendor's op gives bytes

    def write(self, data: bytes, position: int) -> int:
        if self._write is None:
            raise fail(EINVAL, "write")
        return self._write(self._mdev, data, position)  # type: ignore[no-any-return]  # the vendor's op gives a count

    def ioctl(self, request: int, argument: UserArgument) -> int:
        if request == uapi.DEVICE_FEATURE and self.device.era.answers_features:
            _check_feature(argument)
        if self._ioctl is None:
            raise fail(ENOTTY if request == uapi.DEVICE_FEATURE else EINVAL, f"ioctl {request:#x}")
        return self._ioctl(self._mdev, request, argument) or 0

    def mmap(self, length: int, position: int) -> Any:
        if self._mmap is None:
            raise fail(EINVAL, "mmap")
        # A vendor that maps nothing behind the pages gives 0.
        return self._mmap(self._mdev, length, position) or bytearray(length)

    def release(self) -> None:
        try:
            self.device.close()
        finally:  # a vendor's release that breaks must not keep a removal waiting for ever
            self.device.group.drop_user()
            self.device.put()


def _check_feature(argument: UserArgument) -> None:
    """What VFIO itself asks of DEVICE_FEATURE, before any vendor is asked: ``EINVAL`` otherwise."""
    feature = take(argument, uapi.DeviceFeature)
    both = FeatureFlags.GET | FeatureFlags.SET
    is_probe = feature.flags & FeatureFlags.PROBE
    if feature.flags & ~_KNOWN_FEATURE_FLAGS or (feature.flags & both == both and not is_probe):
        raise fail(EINVAL, repr(feature))
