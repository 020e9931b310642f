"""/dev/vfio/devices/vfioN and /dev/iommu: use of a device without group and container, if the kernel supports it.

The behaviour was recorded on 7.3 with ``VFIO_DEVICE_CDEV``. Translation is not modelled: an IOAS maps nothing, and
pinning fails because such a device has no container.
"""

from __future__ import annotations

import threading
from errno import EBADFD, EINVAL, ENOENT, ENOTTY, EOPNOTSUPP
from itertools import count

from mdevref.kernel.errors import fail
from mdevref.kernel.open_files import FileOperations, Task, UserArgument
from mdevref.vfio import uapi
from mdevref.vfio.arguments import give, take
from mdevref.vfio.device import VfioDevice
from mdevref.vfio.device_files import DeviceFile
from mdevref.vfio.uapi import AttachIommufdPt, BindIommufd, DetachIommufdPt, IoasAlloc

IOMMU_NODE = "iommu"
IOMMU_NUMBER = (10, 255)  #: a number of the miscellaneous devices; the kernel chooses any free minor


class Iommufd(FileOperations):
    """An open /dev/iommu. It numbers its objects: IOASes and the devices bound to it."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._lock = threading.Lock()
        self._spaces: set[int] = set()

    def ioctl(self, request: int, argument: UserArgument) -> int:
        """Handle IOAS_ALLOC. ``ENOTTY`` for other requests.

        ``EINVAL`` if ``size`` is too small, ``EOPNOTSUPP`` if a flag is set.
        """
        if request != uapi.IOMMU_IOAS_ALLOC:
            raise fail(ENOTTY, f"ioctl {request:#x}")
        size = int.from_bytes(argument.copy_in(4), "little")
        if size < IoasAlloc.minimum:
            raise fail(EINVAL, f"size {size}")
        wanted = IoasAlloc.read(argument.copy_in(IoasAlloc.minimum))
        if wanted.flags:
            raise fail(EOPNOTSUPP, repr(wanted))
        with self._lock:
            wanted.out_ioas_id = self.add_object()
            self._spaces.add(wanted.out_ioas_id)
        give(argument, wanted)
        return 0

    def add_object(self) -> int:
        """Return a new object number."""
        return next(self._numbers)

    def has_space(self, number: int) -> bool:
        """Return whether ``number`` is the number of an IOAS."""
        with self._lock:
            return number in self._spaces


class CdevFile(DeviceFile):
    """An open device node. Until it is bound to an iommufd, every request except BIND_IOMMUFD fails with ``EINVAL``."""

    __slots__ = ("_iommufd", "_lock")

    def __init__(self, device: VfioDevice) -> None:
        """Open a device that the caller has taken with ``DeviceNodes.take``."""
        self.device = device
        self._mdev = device.mdev
        self._read = self._write = self._ioctl = self._mmap = None
        self._iommufd: Iommufd | None = None
        self._lock = threading.Lock()

    def ioctl(self, request: int, argument: UserArgument) -> int:
        if request == uapi.DEVICE_BIND_IOMMUFD:
            self.bind(argument)
            return 0
        if self._iommufd is None:
            raise fail(EINVAL, self._mdev.name)
        if request == uapi.DEVICE_ATTACH_IOMMUFD_PT:
            self.attach(argument, self._iommufd)
            return 0
        if request == uapi.DEVICE_DETACH_IOMMUFD_PT:
            _check_flags(take(argument, DetachIommufdPt))
            return 0
        return super().ioctl(request, argument)

    def bind(self, argument: UserArgument) -> None:
        """Handle BIND_IOMMUFD: open the device and block opening its group.

        ``EBUSY`` if the group is open. ``EINVAL`` if the device is bound already, through this or another file.
        ``EBADF`` if the descriptor is not open, ``EBADFD`` if it is not an iommufd. Otherwise the errno of opening the
        device.
        """
        wanted = take(argument, BindIommufd)
        _check_flags(wanted)
        if wanted.iommufd < 0:
            raise fail(EINVAL, repr(wanted))
        device = self.device
        device.group.block()
        try:
            with self._lock:
                if self._iommufd is not None:
                    raise fail(EINVAL, self._mdev.name)
                iommufd = _iommufd(argument.process, wanted.iommufd)
                device.open(alone=True)
                wanted.out_devid = iommufd.add_object()
                try:
                    give(argument, wanted)
                except OSError:
                    device.close()
                    raise
                self.use(device.operations)
                self._iommufd = iommufd
        except BaseException:
            device.group.unblock()
            raise

    def attach(self, argument: UserArgument, iommufd: Iommufd) -> None:
        """Handle ATTACH_IOMMUFD_PT. ``ENOENT`` if the IOAS does not exist."""
        wanted = take(argument, AttachIommufdPt)
        _check_flags(wanted)
        if not iommufd.has_space(wanted.pt_id):
            raise fail(ENOENT, repr(wanted))
        give(argument, wanted)

    def release(self) -> None:
        if self._iommufd is not None:
            self.device.close()
            self.device.group.unblock()
        self.device.put()


def _check_flags(wanted: BindIommufd | AttachIommufdPt | DetachIommufdPt) -> None:
    """Raise ``EINVAL`` if any flag is set: these requests define none."""
    if wanted.flags:
        raise fail(EINVAL, repr(wanted))


def _iommufd(process: Task, descriptor: int) -> Iommufd:
    with process.file(descriptor) as file:
        if not isinstance(file.operations, Iommufd):
            raise fail(EBADFD, str(descriptor))
        return file.operations


def open_iommu(process: Task, minor: int) -> Iommufd:
    """Open /dev/iommu."""
    return Iommufd()
