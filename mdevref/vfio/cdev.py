"""/dev/vfio/devices/vfioN and /dev/iommu: a device without group and container, where a kernel is configured for it.

As recorded on 7.3 with ``VFIO_DEVICE_CDEV``. Nothing translates for such a device yet: an IOAS maps nothing here, and
vendors that pin find no container.
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
IOMMU_NUMBER = (10, 255)  #: of the miscellaneous devices; the kernel takes any that is free


class Iommufd(FileOperations):
    """An open /dev/iommu: numbered objects, of which there are IOASes and the devices that were bound to it."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._lock = threading.Lock()
        self._spaces: set[int] = set()

    def ioctl(self, request: int, argument: UserArgument) -> int:
        """``ENOTTY`` for all but IOAS_ALLOC; ``EINVAL`` for a structure too small, ``EOPNOTSUPP`` for any flag."""
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
        """A number of its own for an object."""
        return next(self._numbers)

    def has_space(self, number: int) -> bool:
        """Whether that is the number of an IOAS."""
        with self._lock:
            return number in self._spaces


class CdevFile(DeviceFile):
    """An open device node. Until it is bound to an iommufd it knows nothing but that: ``EINVAL``."""

    __slots__ = ("_iommufd", "_lock")

    def __init__(self, device: VfioDevice) -> None:
        """For a device that the caller has taken."""
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
        """BIND_IOMMUFD: from now on the device is open, and its group cannot be.

        ``EBUSY`` if the group is open, ``EINVAL`` for a second time, here or on another file, ``EBADF`` and ``EBADFD``
        for a descriptor that is none of an iommufd; else what opening the device fails with.
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
        """ATTACH_IOMMUFD_PT. ``ENOENT`` if there is no such IOAS."""
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
    """None are known."""
    if wanted.flags:
        raise fail(EINVAL, repr(wanted))


def _iommufd(process: Task, descriptor: int) -> Iommufd:
    with process.file(descriptor) as file:
        if not isinstance(file.operations, Iommufd):
            raise fail(EBADFD, str(descriptor))
        return file.operations


def open_iommu(process: Task, minor: int) -> Iommufd:
    """Opening /dev/iommu."""
    return Iommufd()
