"""Hosts that forward operations on device files to vendor drivers wrongly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from errno import EINVAL, EIO, ENOSYS
from functools import partial, wraps
from threading import Timer
from typing import Any

from mdevref.kernel.errors import fail
from mdevref.kernel.modules import LoadedModule
from mdevref.mdev.eras import Era
from mdevref.mdev.objects import MdevDevice, MdevParentOps
from mdevref.vfio.core import Vfio
from mdevref.vfio.device import Operations, VfioDevice
from mdevref.vfio.device_files import DeviceFile
from tests.miniatures.registry import wrong as wrong_host

wrong = partial(wrong_host, interface="driver")

OPERATIONS = ("read", "write", "ioctl", "mmap")
LOW = 0xFFFF_FFFF


class _OpensByItself(VfioDevice):
    def open(self, *, alone: bool = False) -> None:
        self.module.get()
        if self.owner is not None:
            self.owner.get()


@wrong(
    {
        "callback.open": "expected one call of open for A; seen: none",
        "callback.open-refused": "; seen: success",
        "callback.open-missing": "expected EINVAL; seen: success",
    }
)
class opens_by_itself(Vfio):
    """A device is opened without a call of the vendor driver's ``open``."""

    device = _OpensByItself


class _ClosesByItself(VfioDevice):
    def close(self) -> None:
        self.module.put()
        if self.owner is not None:
            self.owner.put()


@wrong(
    {
        "callback.release": "; seen: create of P, open of P",
        "callback.open-each": "; seen: create of P, open of P, open of P",
    }
)
class closes_by_itself(Vfio):
    """A device is closed without a call of the vendor driver's ``release``."""

    device = _ClosesByItself


@wrong(
    {
        "callback.open-each": "; seen: create of P, open of P, release of P",
        "callback.open-missing": "expected EINVAL; seen: success",
    }
)
def opens_once(era: Era) -> Era:
    """``open`` is optional and called only for the first file of a device, as from 6.1 on."""
    return replace(era, opens_per_file=False)


@wrong({"callback.open-first": "; seen: create of P, open of P, open of P"}, era="6.1")
def opens_each_time(era: Era) -> Era:
    """``open`` is called for each file of a device, as until 5.12."""
    return replace(era, opens_per_file=True)


class _ReleasesFirst(VfioDevice):
    has_released = False

    def _close_once(self) -> None:
        with self._mutex:
            self._opened -= 1
            if not self.has_released and self.operations.release is not None:
                self.operations.release(self.mdev)
            self.has_released = self._opened > 0
            if not self._opened and self._backend is not None:
                self._backend.unregister_device(self.mdev)
                self._backend = None


@wrong({"callback.release-last": "expected no call of release; seen: release of P for "}, era="6.1")
class releases_first(Vfio):
    """``release`` is called when the first of several files of a device is closed."""

    device = _ReleasesFirst


class _RemembersRefusals(VfioDevice):
    was_refused = False

    def open(self, *, alone: bool = False) -> None:
        try:
            super().open(alone=alone)
        except OSError:
            self.was_refused = True
            raise


@wrong({"callback.open-refused-not-in-use": "expected the writer not to block; seen: it is blocked"})
class in_use_after_a_refusal(Vfio):
    """After a failed ``open``, the removal of the device blocks for a second, as if the device were in use."""

    device = _RemembersRefusals

    def wait_for_users(self, device: VfioDevice) -> None:
        if isinstance(device, _RemembersRefusals) and device.was_refused:
            with device.changed:
                device.open_files += 1
            Timer(1, device.put).start()
        super().wait_for_users(device)


class _ReleasesWhatWasNotOpened(VfioDevice):
    def open(self, *, alone: bool = False) -> None:
        try:
            super().open(alone=alone)
        except OSError:
            if self.operations.release is not None:
                self.operations.release(self.mdev)
            raise


@wrong({"callback.open-refused-no-release": "expected no call of release; seen: release of P for "})
class releases_what_was_not_opened(Vfio):
    """``release`` is called after a failed ``open``."""

    device = _ReleasesWhatWasNotOpened


class _NeedsRelease(DeviceFile):
    def release(self) -> None:
        super().release()
        if self.device.operations.release is None:
            raise fail(EINVAL, self.device.mdev.name)


@wrong({"callback.release-missing": "expected no error; seen: EINVAL"})
class cannot_close_without_release(Vfio):
    """Closing a device fails if its vendor driver has no ``release``."""

    device_file = _NeedsRelease


class _OtherOperations(Vfio):
    """A core that replaces the operations of the vendor driver."""

    def other(self, operations: MdevParentOps) -> MdevParentOps:
        raise NotImplementedError

    def register(self, mdev: MdevDevice, operations: Operations, owner: LoadedModule | None = None) -> None:
        assert isinstance(operations, MdevParentOps)
        super().register(mdev, self.other(operations), owner)


@wrong(
    {
        "callback.read": "expected one call of read for A; seen: none",
        "callback.read-data": 'expected "abcd"; seen: "\\x00',
    }
)
class reads_nothing(_OtherOperations):
    """Reading a device returns zeros without a call of the vendor driver."""

    def other(self, operations: MdevParentOps) -> MdevParentOps:
        return replace(operations, read=lambda mdev, count, offset: bytes(count))


@wrong({"callback.read-data": 'expected "abcd"; seen: "\\x00'})
class loses_what_was_read(_OtherOperations):
    """The vendor driver's ``read`` is called, but the user receives zeros."""

    def other(self, operations: MdevParentOps) -> MdevParentOps:
        read = operations.read
        return replace(operations, read=read and (lambda mdev, count, offset: bytes(len(read(mdev, count, offset)))))


@wrong({"callback.write": "expected 4; seen: 1"})
class writes_a_byte(_OtherOperations):
    """The vendor driver receives only the first byte of a write."""

    def other(self, operations: MdevParentOps) -> MdevParentOps:
        write = operations.write
        return replace(operations, write=write and (lambda mdev, data, offset: write(mdev, data[:1], offset)))


@wrong({"callback.ioctl": "expected the request 15211; seen: 107"})
class requests_are_bytes(_OtherOperations):
    """The vendor driver receives only the last byte of an ioctl number."""

    def other(self, operations: MdevParentOps) -> MdevParentOps:
        ioctl = operations.ioctl
        return replace(operations, ioctl=ioctl and (lambda mdev, request, what: ioctl(mdev, request & 0xFF, what)))


@wrong({"callback.mmap": "expected one call of mmap for A; seen: none"})
class maps_by_itself(_OtherOperations):
    """A region of a device is mapped without a call of the vendor driver."""

    def other(self, operations: MdevParentOps) -> MdevParentOps:
        return replace(operations, mmap=lambda mdev, count, offset: 0)


@wrong({"callback.raw-offset": "expected the offset 76965813944"})
class offsets_have_32_bits(_OtherOperations):
    """The vendor driver receives only the low 32 bits of an offset."""

    def other(self, operations: MdevParentOps) -> MdevParentOps:
        def low(operation: Callable[..., Any] | None) -> Any:
            return operation and (lambda mdev, what, offset: operation(mdev, what, offset & LOW))

        return replace(operations, read=low(operations.read), write=low(operations.write), mmap=low(operations.mmap))


@wrong({"callback.short-count": "expected 3; seen: 4"})
class writes_are_whole(_OtherOperations):
    """A write to a device returns the full size, whatever the vendor driver returns."""

    def other(self, operations: MdevParentOps) -> MdevParentOps:
        write = operations.write
        if write is None:
            return operations

        def whole(mdev: MdevDevice, data: bytes, offset: int) -> int:
            write(mdev, data, offset)
            return len(data)

        return replace(operations, write=whole)


def _masked(operation: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(operation)
    def masked(*arguments: Any) -> Any:
        try:
            return operation(*arguments)
        except OSError as error:
            raise fail(EIO) from error

    return masked


@wrong({"callback.operation-refused": "expected ENOTTY; seen: EIO"})
class every_error_is_eio(_OtherOperations):
    """Every operation that a vendor driver refuses fails with ``EIO``."""

    def other(self, operations: MdevParentOps) -> MdevParentOps:
        known = {name: operation for name in OPERATIONS if (operation := getattr(operations, name)) is not None}
        masked: dict[str, Any] = {name: _masked(operation) for name, operation in known.items()}
        return replace(operations, **masked)


def _not_there(*arguments: Any) -> Any:
    raise fail(ENOSYS)


@wrong({"callback.operation-missing": "expected EINVAL; seen: ENOSYS"})
class what_is_missing_is_enosys(_OtherOperations):
    """An operation that the vendor driver does not support fails with another errno."""

    def other(self, operations: MdevParentOps) -> MdevParentOps:
        missing: dict[str, Any] = {name: _not_there for name in OPERATIONS if getattr(operations, name) is None}
        return replace(operations, **missing)
