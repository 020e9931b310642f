"""Hosts whose SET_IRQS accepts or rejects the wrong arguments."""

from __future__ import annotations

from errno import EBADF, EINVAL, EPERM
from functools import partial

from mdevref.kernel.errors import fail
from mdevref.kernel.open_files import UserArgument
from mdevref.vfio import uapi
from mdevref.vfio.device_files import DeviceFile
from mdevref.vfio.uapi import IrqSet, IrqSetFlags
from tests.miniatures.registry import wrong as wrong_host

wrong = partial(wrong_host, interface="device")


class _Sets(DeviceFile):
    """A device with a modified SET_IRQS."""

    def ioctl(self, request: int, argument: UserArgument) -> int:
        if request != uapi.DEVICE_SET_IRQS:
            return super().ioctl(request, argument)
        return self.set(IrqSet.read(argument.copy_in(IrqSet.minimum)), argument)

    def set(self, wanted: IrqSet, argument: UserArgument) -> int:
        return super().ioctl(uapi.DEVICE_SET_IRQS, argument)


def _is_eventfd(wanted: IrqSet) -> bool:
    return bool(wanted.flags & IrqSetFlags.DATA_EVENTFD) and wanted.argsz >= IrqSet.minimum + 4


@wrong({"irqs.eventfd": "expected success; seen: EPERM"})
class signals_nobody(_Sets):
    """SET_IRQS rejects every eventfd, although the flags of the interrupts name EVENTFD."""

    def set(self, wanted: IrqSet, argument: UserArgument) -> int:
        given = super().set(wanted, argument)
        if _is_eventfd(wanted):
            raise fail(EPERM, "eventfd")
        return given


@wrong({"irqs.eventfd-not-signalled": "seen: 1"})
class signals_at_once(_Sets):
    """Setting an eventfd for an interrupt signals the eventfd."""

    def set(self, wanted: IrqSet, argument: UserArgument) -> int:
        given = super().set(wanted, argument)
        if _is_eventfd(wanted):
            eventfd = argument.look_up(int.from_bytes(argument.copy_in(4, IrqSet.minimum), "little", signed=True))
            eventfd.signal()
            eventfd.release()
        return given


@wrong({"irqs.disable": "expected success; seen: EINVAL"})
class has_its_eventfd_for_ever(_Sets):
    """The eventfd of an interrupt cannot be removed."""

    def set(self, wanted: IrqSet, argument: UserArgument) -> int:
        if wanted.flags & IrqSetFlags.DATA_NONE and not wanted.count:
            raise fail(EINVAL, "count")
        return super().set(wanted, argument)


@wrong({"irqs.eventfd-not-open": "expected EBADF; seen: EINVAL"})
class no_eventfd_is_invalid(_Sets):
    """SET_IRQS fails with EINVAL for a descriptor that is not open."""

    def set(self, wanted: IrqSet, argument: UserArgument) -> int:
        try:
            return super().set(wanted, argument)
        except OSError as error:
            raise fail(EINVAL if error.errno == EBADF else error.errno or 0, "eventfd") from error


@wrong({"irqs.no-eventfd": "expected EINVAL; seen: EBADF"})
class any_other_file_is_none(_Sets):
    """SET_IRQS fails with EBADF for a file that is not an eventfd."""

    def set(self, wanted: IrqSet, argument: UserArgument) -> int:
        try:
            return super().set(wanted, argument)
        except OSError as error:
            raise fail(EBADF if _is_eventfd(wanted) else error.errno or 0, "eventfd") from error


@wrong(
    {
        "irqs.argsz": "expected EINVAL; seen: 0",
        "irqs.index": "expected EINVAL; seen: 0",
        "irqs.range": "expected EINVAL; seen: 0",
        "irqs.flags": "expected EINVAL; seen: 0",
        "irqs.data": "expected EINVAL; seen: 0",
    }
)
class sets_whatever_it_is_told(_Sets):
    """SET_IRQS succeeds even with invalid arguments."""

    def set(self, wanted: IrqSet, argument: UserArgument) -> int:
        try:
            return super().set(wanted, argument)
        except OSError as error:
            if error.errno == EINVAL:
                return 0
            raise
