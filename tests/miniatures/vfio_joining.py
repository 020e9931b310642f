"""Hosts whose groups join or leave containers wrongly, or return wrong device descriptors."""

from __future__ import annotations

from dataclasses import replace
from errno import EBADF, EBUSY, EFAULT, EINVAL, EMFILE, ENFILE, ENODEV
from functools import partial

from mdevref.kernel.errors import fail
from mdevref.kernel.memory import PAGE_SIZE
from mdevref.kernel.open_files import Task, UserArgument
from mdevref.mdev.eras import Era
from mdevref.vfio import uapi
from mdevref.vfio.device import VfioDevice
from mdevref.vfio.device_files import DeviceFile
from mdevref.vfio.group_files import GroupFile
from tests.miniatures.registry import wrong as wrong_host

wrong = partial(wrong_host, interface="device")


@wrong({"join.accepted": "expected 0; seen: 1"})
class gives_one_for_joining(GroupFile):
    """SET_CONTAINER returns 1."""

    def ioctl(self, request: int, argument: UserArgument) -> int:
        given = super().ioctl(request, argument)
        return 1 if request == uapi.GROUP_SET_CONTAINER else given


@wrong(
    {
        "join.negative": "expected EINVAL; seen: EBADF",
        "join.twice-before-descriptor": "expected EINVAL; seen: EBADF",
    }
)
def looks_for_the_file_first(era: Era) -> Era:
    """SET_CONTAINER looks up the descriptor before it checks its value, as from 6.1 on."""
    return replace(era, looks_up_first=True)


@wrong({"join.negative-later": "expected EBADF; seen: EINVAL"}, era="6.1")
def looks_at_the_number_first(era: Era) -> Era:
    """SET_CONTAINER fails with EINVAL for a negative descriptor, as until 5.12."""
    return replace(era, looks_up_first=False)


@wrong({"join.no-container": "expected EINVAL; seen: EBADFD"}, era="6.1")
def knows_other_files(era: Era) -> Era:
    """SET_CONTAINER fails with EBADFD for a file that is not a container, as from 6.2 on."""
    from mdevref.mdev.eras import ERAS

    return replace(era, not_a_container_errno=ERAS["6.12"].not_a_container_errno)


@wrong({"join.no-container-later": "expected EBADFD; seen: EINVAL"}, era="6.12")
def knows_no_other_files(era: Era) -> Era:
    """SET_CONTAINER fails with EINVAL for a file that is not a container, as until 6.1."""
    return replace(era, not_a_container_errno=EINVAL)


class _Translates(GroupFile):
    """A group that replaces one errno by another."""

    request = uapi.GROUP_SET_CONTAINER
    errno = 0
    instead = 0

    def ioctl(self, request: int, argument: UserArgument) -> int:
        try:
            return super().ioctl(request, argument)
        except OSError as error:
            if (request, error.errno) == (self.request, self.errno):
                raise fail(self.instead, "group") from error
            raise


@wrong({"join.not-open": "expected EBADF; seen: EINVAL"})
class what_is_not_open_is_invalid(_Translates):
    """SET_CONTAINER fails with EINVAL for a descriptor that is not open."""

    errno, instead = EBADF, EINVAL


@wrong({"join.twice": "expected EINVAL; seen: 0"})
class stays_where_it_is(GroupFile):
    """SET_CONTAINER succeeds without effect if the group is already in a container."""

    def set_container(self, argument: UserArgument) -> None:
        if self.group.container is None:
            super().set_container(argument)


@wrong({"leave.accepted": "expected 0; seen: EINVAL"})
class leaves_by_closing_only(GroupFile):
    """UNSET_CONTAINER succeeds, but the group stays in its container."""

    def ioctl(self, request: int, argument: UserArgument) -> int:
        if request == uapi.GROUP_UNSET_CONTAINER and self.group.container is not None and self.group.users < 2:
            return 0
        return super().ioctl(request, argument)


@wrong({"leave.outside": "expected EINVAL; seen: 0"})
class leaves_nothing(GroupFile):
    """UNSET_CONTAINER succeeds for a group that is not in a container."""

    def ioctl(self, request: int, argument: UserArgument) -> int:
        if request == uapi.GROUP_UNSET_CONTAINER and self.group.container is None:
            return 0
        return super().ioctl(request, argument)


@wrong({"leave.in-use": "expected EBUSY; seen: 0"})
class leaves_later(_Translates):
    """UNSET_CONTAINER succeeds while a device is open, and takes effect later."""

    def ioctl(self, request: int, argument: UserArgument) -> int:
        try:
            return super().ioctl(request, argument)
        except OSError as error:
            if (request, error.errno) == (uapi.GROUP_UNSET_CONTAINER, EBUSY):
                return 0
            raise


@wrong({"leave.pinning": "expected EBUSY; seen: 0"})
class leaves_in_the_middle_of_a_pin(GroupFile):
    """UNSET_CONTAINER succeeds while a vendor driver is pinning pages, if no device is open."""

    def ioctl(self, request: int, argument: UserArgument) -> int:
        try:
            return super().ioctl(request, argument)
        except OSError as error:
            is_used = any(map(self.devices.is_open, self.group.devices.values()))
            if (request, error.errno) == (uapi.GROUP_UNSET_CONTAINER, EBUSY) and not is_used:
                return 0
            raise


@wrong({"device-fd.get": "expected success; seen: ENODEV"})
class gives_a_device_when_asked_twice(GroupFile):
    """The first GET_DEVICE_FD of a group fails with ENODEV."""

    def get_device_fd(self, argument: UserArgument) -> int:
        if not self.devices.__dict__.setdefault("was_asked", False):
            self.devices.__dict__["was_asked"] = True
            raise fail(ENODEV, "device")
        return super().get_device_fd(argument)


@wrong({"device-fd.not-ready": "expected EINVAL; seen: ENODEV"})
class no_device_before_it_is_ready(GroupFile):
    """GET_DEVICE_FD fails with ENODEV for a group without a back end."""

    def get_device_fd(self, argument: UserArgument) -> int:
        if self.group.container is None or self.group.container.backend is None:
            raise fail(ENODEV, "device")
        return super().get_device_fd(argument)


@wrong({"device-fd.vendor": "; seen: EINVAL"})
class a_vendor_that_refuses_is_invalid(GroupFile):
    """GET_DEVICE_FD fails with EINVAL, whatever errno the vendor driver returns."""

    def get_device_fd(self, argument: UserArgument) -> int:
        try:
            return super().get_device_fd(argument)
        except OSError as error:
            if error.errno in (EFAULT, ENODEV, EMFILE):
                raise
            raise fail(EINVAL, "vendor") from error


@wrong({"device-fd.name": "expected ENODEV; seen: EINVAL"})
class a_wrong_name_is_invalid(_Translates):
    """GET_DEVICE_FD fails with EINVAL for an unknown name."""

    request, errno, instead = uapi.GROUP_GET_DEVICE_FD, ENODEV, EINVAL


@wrong({"device-fd.name-long": "expected EINVAL; seen: ENODEV"})
class a_long_name_is_a_name(GroupFile):
    """GET_DEVICE_FD fails with ENODEV for an unterminated name."""

    def get_device_fd(self, argument: UserArgument) -> int:
        try:
            argument.copy_in_string(PAGE_SIZE)
        except OSError as error:
            raise fail(ENODEV if error.errno == EINVAL else error.errno or 0, "name") from error
        return super().get_device_fd(argument)


@wrong({"device-fd.descriptors": "expected EMFILE; seen: ENFILE"})
class too_many_files_of_all(_Translates):
    """GET_DEVICE_FD fails with ENFILE instead of EMFILE for a process with too many open files."""

    request, errno, instead = uapi.GROUP_GET_DEVICE_FD, EMFILE, ENFILE


@wrong({"device-fd.several": "expected the same description; seen: DeviceInfo"})
class further_files_have_no_interrupts(DeviceFile):
    """Every file of a device except the first reports that the device has no interrupts."""

    def __init__(self, device: VfioDevice, process: Task) -> None:
        super().__init__(device, process)
        self.is_further = device.open_files > 1

    def ioctl(self, request: int, argument: UserArgument) -> int:
        given = super().ioctl(request, argument)
        if self.is_further and request == uapi.DEVICE_GET_INFO:
            argument.copy_out(bytes(4), uapi.DeviceInfo.num_irqs.offset)  # type: ignore[attr-defined]  # ctypes
        return given


@wrong({"removal.device-fd": "expected ENODEV; seen: EINVAL"})
class a_device_that_went_is_invalid(GroupFile):
    """GET_DEVICE_FD fails with EINVAL for a removed device."""

    def get_device_fd(self, argument: UserArgument) -> int:
        with self.devices.changed:
            is_gone = not self.group.devices
        if is_gone:
            raise fail(EINVAL, "device")
        return super().get_device_fd(argument)
