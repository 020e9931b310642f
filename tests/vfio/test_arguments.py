"""The argsz rule and the helper for SET_IRQS, row by row (fact 3.4)."""

from __future__ import annotations

from errno import EFAULT, EINVAL

import pytest

from mdevref.kernel.core import Kernel
from mdevref.kernel.open_files import UserArgument
from mdevref.kernel.process import Process
from mdevref.mdev.eras import DEFAULT, ERAS
from mdevref.vfio.arguments import give, take, take_irq_set
from mdevref.vfio.uapi import DeviceInfo, IrqSet, IrqSetFlags, irq_set
from tests.machines import errno_of

NONE, BOOL, EVENTFD = IrqSetFlags.DATA_NONE, IrqSetFlags.DATA_BOOL, IrqSetFlags.DATA_EVENTFD
TRIGGER = IrqSetFlags.ACTION_TRIGGER
IRQS, INDEXES = 3, 5  #: number of interrupts of the index, and of indexes, in the calls below
U32_MAX = 0xFFFF_FFFF


@pytest.fixture
def process() -> Process:
    kernel = Kernel(ERAS[DEFAULT].kernel)
    return Process(kernel.nodes, kernel.host_memory)


def test_a_structure_comes_in_with_its_minimum_and_goes_back_with_no_more(process: Process) -> None:
    given = bytearray(DeviceInfo(argsz=24, cap_offset=7).pack(b"tail"))
    info = take(UserArgument(process, given), DeviceInfo)
    assert (info.argsz, info.cap_offset) == (24, 0)
    info.num_regions, info.cap_offset = 9, 99
    give(UserArgument(process, given), info)
    assert given == DeviceInfo(argsz=24, num_regions=9, cap_offset=7).pack(b"tail")


@pytest.mark.parametrize(
    ("argument", "errno"),
    [
        (DeviceInfo(argsz=16).pack()[:15], EFAULT),
        (DeviceInfo(argsz=15).pack(), EINVAL),
        (DeviceInfo(argsz=0).pack(), EINVAL),
    ],
    ids=["too short", "argsz below the minimum", "no argsz"],
)
def test_a_structure_that_is_not_all_there_is_refused(process: Process, argument: bytearray, errno: int) -> None:
    assert errno_of(take, UserArgument(process, argument), DeviceInfo) == errno


def header(
    flags: int = NONE | TRIGGER, *, argsz: int = 20, index: int = 0, start: int = 0, count: int = 0
) -> bytearray:
    return IrqSet(argsz=argsz, flags=flags, index=index, start=start, count=count).pack()


REFUSED = {
    "argsz below the minimum": header(argsz=19),
    "index": header(index=INDEXES),
    "count and start too large together": header(start=1, count=U32_MAX - 1),
    "count too large": header(count=U32_MAX),
    "unknown flag": header(NONE | TRIGGER | 64),
    "unknown highest flag": header(NONE | TRIGGER | 1 << 31),
    "start": header(start=IRQS),
    "end": header(start=1, count=IRQS),
    "no kind of data": header(TRIGGER),
    "two kinds of data": header(NONE | BOOL | TRIGGER),
    "bools missing": header(BOOL | TRIGGER, count=1),
    "eventfds cut off": header(EVENTFD | TRIGGER, argsz=27, count=2),
}
ACCEPTED = {
    "disabling": (header(), b""),
    "no interrupt from a later start": (header(start=IRQS - 1), b""),
    "none of several": (header(count=IRQS), b""),
    "no action": (header(NONE), b""),
    "several actions": (header(NONE | TRIGGER | IrqSetFlags.ACTION_MASK), b""),
    "no eventfds": (header(EVENTFD | TRIGGER), b""),
    "an eventfd": (irq_set(4, EVENTFD | TRIGGER, start=2, eventfds=[-1]), b"\xff\xff\xff\xff"),
    "bools": (irq_set(0, BOOL | TRIGGER, bools=b"\1\0\1"), b"\1\0\1"),
    "more than is needed": (irq_set(0, BOOL | TRIGGER, bools=b"\1") + b"more", b"\1"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_helper_refuses(process: Process, name: str) -> None:
    argument = UserArgument(process, REFUSED[name] + bytearray(16))
    assert errno_of(take_irq_set, argument, IRQS, INDEXES) == EINVAL


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_the_helper_accepts(process: Process, name: str) -> None:
    argument, payload = ACCEPTED[name]
    wanted, found = take_irq_set(UserArgument(process, argument), IRQS, INDEXES)
    assert (bytes(wanted), found) == (bytes(argument[: IrqSet.full]), payload)


def test_a_payload_that_is_not_there_is_efault(process: Process) -> None:
    argument = irq_set(0, EVENTFD | TRIGGER, eventfds=[1, 2])
    assert errno_of(take_irq_set, UserArgument(process, argument[:-1]), IRQS, INDEXES) == EFAULT
    assert errno_of(take_irq_set, UserArgument(process, 0), IRQS, INDEXES) == EFAULT
