"""Hosts whose devices report wrong information about themselves, their regions or their interrupts."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from errno import EFAULT, EINVAL
from functools import partial
from itertools import count
from typing import Any, ClassVar

from mdevref.kernel.errors import fail
from mdevref.kernel.open_files import UserArgument
from mdevref.vfio import uapi
from mdevref.vfio.device_files import DeviceFile
from mdevref.vfio.uapi import DeviceFlags, DeviceInfo, IrqFlags, IrqInfo, PciRegion, Record, RegionInfo
from tests.miniatures.registry import wrong as wrong_host

wrong = partial(wrong_host, interface="device")

ANSWERS: dict[int, type[Record]] = {
    uapi.DEVICE_GET_INFO: DeviceInfo,
    uapi.DEVICE_GET_REGION_INFO: RegionInfo,
    uapi.DEVICE_GET_IRQ_INFO: IrqInfo,
}


class _Answers(DeviceFile):
    """A device file that modifies the answers to some requests."""

    spoil: ClassVar[dict[int, Callable[[Any], None]]] = {}

    def ioctl(self, request: int, argument: UserArgument) -> int:
        given = super().ioctl(request, argument)
        if request in self.spoil:
            record = ANSWERS[request]
            info = record.read(argument.copy_in(record.minimum))
            self.spoil[request](info)
            argument.copy_out(bytes(info)[: record.minimum])
        return given


def _set(**values: int) -> Callable[[Any], None]:
    """Return a function that sets fields of an answer to ``values``."""

    def spoil(info: Any) -> None:
        for name, value in values.items():
            setattr(info, name, value)

    return spoil


@wrong({"device-info.kind": "expected exactly one kind; seen: PCI, CCW"})
class of_two_kinds(_Answers):
    """The flags of a device name two kinds of device."""

    spoil: ClassVar = {uapi.DEVICE_GET_INFO: _set(flags=DeviceFlags.PCI | DeviceFlags.CCW)}


@wrong({"device-info.kind-of-type": "expected PCI; seen: PLATFORM"})
class of_another_kind(_Answers):
    """The flags of a PCI device name a platform device."""

    spoil: ClassVar = {uapi.DEVICE_GET_INFO: _set(flags=DeviceFlags.PLATFORM)}


@wrong({"device-info.pci": "; seen: 7 regions, 2 interrupts"})
class a_small_pci_device(_Answers):
    """A PCI device reports fewer regions and interrupts than VFIO defines for PCI."""

    spoil: ClassVar = {uapi.DEVICE_GET_INFO: _set(num_regions=7, num_irqs=2)}


_NUMBERS = count()


@wrong({"device-info.steady": "expected the same description twice; seen: two different descriptions"})
class never_the_same(_Answers):
    """A device reports another number of interrupts at each request."""

    spoil: ClassVar = {uapi.DEVICE_GET_INFO: lambda info: setattr(info, "num_irqs", 5 + next(_NUMBERS) % 2)}


class _Larger(UserArgument):
    """An argument whose ``argsz`` always seems large enough."""

    def __init__(self, argument: UserArgument, minimum: int) -> None:
        super().__init__(argument.process, argument._buffer if argument._buffer is not None else argument.value)
        self._minimum = minimum

    def copy_in(self, size: int, offset: int = 0) -> bytes:
        data = super().copy_in(size, offset)
        return self._minimum.to_bytes(4, "little") + data[4:] if not offset and size >= self._minimum else data


@wrong(
    {
        "device-info.argsz": "expected EINVAL; seen: 0",
        "region.argsz": "expected EINVAL; seen: 0",
        "irq.argsz": "expected EINVAL; seen: 0",
    }
)
class answers_of_any_size(DeviceFile):
    """The device ignores ``argsz``, even if it is too small."""

    def ioctl(self, request: int, argument: UserArgument) -> int:
        if request in ANSWERS:
            argument = _Larger(argument, ANSWERS[request].minimum)
        return super().ioctl(request, argument)


@wrong(
    {
        "device-info.room": "expected success; seen: EINVAL",
        "region.room": "expected success; seen: EINVAL",
        "irq.room": "expected success; seen: EINVAL",
    }
)
class answers_of_one_size(DeviceFile):
    """A request fails if ``argsz`` is larger than the structure."""

    def ioctl(self, request: int, argument: UserArgument) -> int:
        if request in ANSWERS and int.from_bytes(argument.copy_in(4), "little") > ANSWERS[request].minimum:
            raise fail(EINVAL, "argsz")
        return super().ioctl(request, argument)


@wrong(
    {
        "device-info.overrun": "expected no byte changed; seen: byte ",
        "region.overrun": "expected no byte changed; seen: byte ",
        "irq.overrun": "expected no byte changed; seen: byte ",
    }
)
class writes_more_than_an_answer(DeviceFile):
    """Descriptions of a device, a region and an interrupt also write zeros behind the structure."""

    def ioctl(self, request: int, argument: UserArgument) -> int:
        given = super().ioctl(request, argument)
        if request in ANSWERS:
            with suppress(OSError):  # the caller's memory may end there
                argument.copy_out(bytes(4), int.from_bytes(argument.copy_in(4), "little"))
        return given


@wrong({"device-request.pointer": "expected EFAULT; seen: EINVAL"})
class a_bad_pointer_to_a_device_is_invalid(DeviceFile):
    """Requests of a device fail with EINVAL if the pointer is bad."""

    def ioctl(self, request: int, argument: UserArgument) -> int:
        try:
            return super().ioctl(request, argument)
        except OSError as error:
            raise fail(EINVAL if error.errno == EFAULT else error.errno or 0, "pointer") from error


@wrong({"region.index": "expected the requested index; seen: 0"})
class every_region_is_the_first(_Answers):
    """The info of each region has the index 0."""

    spoil: ClassVar = {uapi.DEVICE_GET_REGION_INFO: _set(index=0)}


@wrong({"irq.index": "expected the requested index; seen: 0"})
class every_interrupt_is_the_first(_Answers):
    """The info of each interrupt has the index 0."""

    spoil: ClassVar = {uapi.DEVICE_GET_IRQ_INFO: _set(index=0)}


@wrong({"region.beyond": "expected EINVAL; seen: 0", "irq.beyond": "expected EINVAL; seen: 0"})
class answers_for_what_is_not_there(DeviceFile):
    """Requests for regions and interrupts beyond the last one succeed."""

    def ioctl(self, request: int, argument: UserArgument) -> int:
        try:
            return super().ioctl(request, argument)
        except OSError as error:
            numbered = (uapi.DEVICE_GET_REGION_INFO, uapi.DEVICE_GET_IRQ_INFO)
            if request in numbered and error.errno == EINVAL and int.from_bytes(argument.copy_in(4), "little") >= 32:
                return 0
            if request == uapi.DEVICE_GET_IRQ_INFO and int.from_bytes(argument.copy_in(4), "little") == 16:
                return 0
            raise


@wrong({"region.apart": "expected regions that do not overlap; seen: region"})
class regions_in_one_place(_Answers):
    """Every region has the offset 0."""

    spoil: ClassVar = {uapi.DEVICE_GET_REGION_INFO: _set(offset=0)}


@wrong({"region.capabilities": "expected cap_offset 0; seen: region 0: 0x20"})
class points_behind_itself(_Answers):
    """Each region has the offset of a capability, but no flag for it."""

    spoil: ClassVar = {uapi.DEVICE_GET_REGION_INFO: _set(cap_offset=32)}


@wrong({"region.pci-config": "expected at least 64 bytes"})
class half_a_configuration_space(_Answers):
    """The configuration space of a PCI device is smaller than its header."""

    spoil: ClassVar = {
        uapi.DEVICE_GET_REGION_INFO: lambda info: setattr(
            info, "size", 32 if info.index == PciRegion.CONFIG else info.size
        )
    }


@wrong({"irq.automasked": "expected MASKABLE with AUTOMASKED; seen: interrupt 0"})
class masked_for_ever(_Answers):
    """The flags of the interrupts have AUTOMASKED but not MASKABLE."""

    spoil: ClassVar = {uapi.DEVICE_GET_IRQ_INFO: _set(flags=IrqFlags.EVENTFD | IrqFlags.AUTOMASKED)}


# -- Reading, writing and mapping


@wrong({"access.read": ' bytes; seen: "'})
class half_a_read(DeviceFile):
    """A read returns one byte less than requested."""

    def read(self, count: int, position: int) -> bytes:
        return super().read(count, position)[:-1]


@wrong({"access.read-nothing": "expected 0 bytes; seen: EINVAL"})
class reads_something_or_nothing(DeviceFile):
    """A read of 0 bytes fails."""

    def read(self, count: int, position: int) -> bytes:
        if not count:
            raise fail(EINVAL, "read")
        return super().read(count, position)


@wrong({"access.read-parts": "expected the same bytes; seen: ffffffff"})
class reads_words_only(DeviceFile):
    """A read of one byte returns ff."""

    def read(self, count: int, position: int) -> bytes:
        return b"\xff" if count == 1 else super().read(count, position)


@wrong({"access.read-behind": 'expected an error; seen: "'})
class nothing_but_zeros_behind(DeviceFile):
    """Reads beyond the last region return zeros."""

    def read(self, count: int, position: int) -> bytes:
        try:
            return super().read(count, position)
        except OSError:
            return bytes(count)


@wrong({"access.write": "expected 1; seen: 0"})
class takes_nothing(DeviceFile):
    """A write returns 0."""

    def write(self, data: bytes, position: int) -> int:
        super().write(data, position)
        return 0


@wrong({"access.no-map": "expected an error; seen: success"})
class maps_whatever_it_is_told(DeviceFile):
    """Every range of a device file can be mapped."""

    def mmap(self, length: int, position: int) -> Any:
        return bytearray(length)


@wrong({"access.no-seek": "expected ESPIPE; seen: 0"})
class has_a_position(DeviceFile):
    """lseek(2) on a device file succeeds."""

    is_seekable = True


# -- Other requests


@wrong({"device-request.reset": "expected no error; seen: EINVAL"})
class never_recovers(DeviceFile):
    """After a reset, every request of the device fails."""

    was_reset = False

    def ioctl(self, request: int, argument: UserArgument) -> int:
        if self.was_reset:
            raise fail(EINVAL, "reset")
        self.was_reset = request == uapi.DEVICE_RESET
        return super().ioctl(request, argument)
