"""Files of open devices: they pass each call to the vendor (fact 3.1)."""

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
    """An open device file. A call for which the vendor has no callback fails with ``EINVAL``."""

    __slots__ = ("_ioctl", "_mdev", "_mmap", "_read", "_write", "device")

    def __init__(self, device: VfioDevice, process: Task) -> None:
        """Open a device that the caller has taken. On failure, put the device.

        ``EINVAL`` if its group is not ready for use or, until 5.12, if the vendor has no open. ``EPERM`` for a noiommu
        group without the capability. ``ENODEV`` if the module of its driver is being unloaded. Otherwise the vendor's
        errno.
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
        """Pass the calls on the file to ``operations`` from now on."""
        self._read = operations.read
        self._write = operations.write
        self._ioctl = operations.ioctl
        self._mmap = operations.mmap

    def read(self, count: int, position: int) -> bytes:
        if self._read is None:
            raise fail(EINVAL, "read")
        return self._read(self._mdev, count, position)  # type: ignore[no-any-return]  # the vendor's op returns bytes

    def write(self, data: bytes, position: int) -> int:
        if self._write is None:
            raise fail(EINVAL, "write")
        return self._write(self._mdev, data, position)  # type: ignore[no-any-return]  # the vendor's op returns a count

    def ioctl(self, request: int, argument: UserArgument) -> int:
        if request == uapi.DEVICE_FEATURE and self.device.era.answers_features:
            _check_feature(argument)
        if self._ioctl is None:
            raise fail(ENOTTY if request == uapi.DEVICE_FEATURE else EINVAL, f"ioctl {request:#x}")
        return self._ioctl(self._mdev, request, argument) or 0

    def mmap(self, length: int, position: int) -> Any:
        if self._mmap is None:
            raise fail(EINVAL, "mmap")
        # A vendor that backs the mapping with no pages returns 0.
        return self._mmap(self._mdev, length, position) or bytearray(length)

    def release(self) -> None:
        try:
            self.device.close()
        finally:  # an exception in the vendor's release must not block a removal for ever
            self.device.group.drop_user()
            self.device.put()


def _check_feature(argument: UserArgument) -> None:
    """Check the argument of DEVICE_FEATURE before the vendor sees it. ``EINVAL`` if its flags are invalid."""
    feature = take(argument, uapi.DeviceFeature)
    both = FeatureFlags.GET | FeatureFlags.SET
    is_probe = feature.flags & FeatureFlags.PROBE
    if feature.flags & ~_KNOWN_FEATURE_FLAGS or (feature.flags & both == both and not is_probe):
        raise fail(EINVAL, repr(feature))
