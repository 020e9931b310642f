"""The ioctls of a card, and the state that survives a close."""

from __future__ import annotations

import struct
from errno import EFAULT, EINVAL, ENOTTY

import pytest

from mdevref.vfio import uapi
from mdevref.vfio.uapi import PciIrq, PciRegion
from tests.drivers.mtty.bench import BAR0, FCR, IER, INSTALL, NEW, OLD, SCR, Bench, Caller, Eventfd
from tests.machines import errno_of


def test_device_info(card: Bench) -> None:
    assert card.ask(uapi.DEVICE_GET_INFO, uapi.DeviceInfo(argsz=16))[:4] == [16, 2, 9, 5]


@pytest.mark.parametrize("count", [1, 2])
def test_regions(count: int) -> None:
    card = Bench(count)
    sizes = {PciRegion.BAR0: 8, PciRegion.BAR1: 8 if count == 2 else 0, PciRegion.CONFIG: 255}
    for index in PciRegion:
        seen = card.ask(uapi.DEVICE_GET_REGION_INFO, uapi.RegionInfo(argsz=32, index=index))
        assert seen == [32, 3, index, 0, sizes.get(index, 0), index << 40]
    assert errno_of(card.ask, uapi.DEVICE_GET_REGION_INFO, uapi.RegionInfo(argsz=32, index=9)) == EINVAL


@pytest.mark.parametrize(("release", "req"), [(OLD, 9), (NEW, None)])
def test_interrupts(release: tuple[int, int], req: int | None) -> None:
    card = Bench(2, release)
    card.introduce()
    flags = {PciIrq.INTX: 7, PciIrq.MSI: 9, PciIrq.REQ: req}
    for index in range(6):
        info = uapi.IrqInfo(argsz=16, index=index)
        if expected := flags.get(PciIrq(index) if index < 5 else PciIrq.ERR):
            assert card.ask(uapi.DEVICE_GET_IRQ_INFO, info) == [16, expected, index, 1]
        else:
            assert errno_of(card.ask, uapi.DEVICE_GET_IRQ_INFO, info) == EINVAL


@pytest.mark.parametrize("release", [OLD, NEW])
def test_interrupts_are_not_known_before_the_device_has_told_how_many_it_has(release: tuple[int, int]) -> None:
    card = Bench(2, release)
    assert errno_of(card.ask, uapi.DEVICE_GET_IRQ_INFO, uapi.IrqInfo(argsz=16)) == EINVAL
    assert errno_of(card.install, PciIrq.INTX, Eventfd()) == EINVAL
    card.introduce()
    card.close()  # the card remembers that GET_INFO was called
    assert card.ask(uapi.DEVICE_GET_IRQ_INFO, uapi.IrqInfo(argsz=16)) == [16, 7, 0, 1]


@pytest.mark.parametrize(
    ("request_number", "record"),
    [
        (uapi.DEVICE_GET_INFO, uapi.DeviceInfo),
        (uapi.DEVICE_GET_REGION_INFO, uapi.RegionInfo),
        (uapi.DEVICE_GET_IRQ_INFO, uapi.IrqInfo),
        (uapi.DEVICE_SET_IRQS, uapi.IrqSet),
    ],
)
def test_the_argsz_rule(card: Bench, request_number: int, record: type[uapi.Record]) -> None:
    card.introduce()
    least = record.minimum

    def ask(memory: bytearray | None) -> None:
        card.ioctl(request_number, Caller(memory))

    def memory(argsz: int, length: int) -> bytearray:
        flags = 33 if record is uapi.IrqSet else 0
        return bytearray(struct.pack("=2I", argsz, flags)).ljust(length, b"\0")

    assert errno_of(ask, None) == EFAULT
    assert errno_of(ask, memory(least, least - 1)) == EFAULT
    assert errno_of(ask, memory(least - 1, least)) == EINVAL
    ask(memory(least, least))
    longer = memory(least + 64, least + 64)
    ask(longer)
    assert longer[least:] == bytes(64)


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"index": 5}, True),
        ({"flags": 64 | 33}, True),
        ({"flags": 32}, True),
        ({"flags": 32 | 3}, True),
        ({"flags": 32 | 4}, True),  # the 4 bytes of payload are missing
        ({"flags": 32 | 2}, True),
        ({"start": 5}, True),
        ({"start": 4, "count": 2}, True),
        ({"start": 0xFFFFFFFF, "count": 2}, True),
        ({"start": 5, "count": 0}, True),
        ({"start": 4, "count": 0}, False),
        ({"start": 0, "count": 5}, False),  # the limit is the number of indexes
        ({"flags": 1}, False),
        ({"flags": 1 | 8 | 16 | 32}, False),
    ],
)
def test_what_the_helper_refuses(card: Bench, change: dict[str, int], wrong: bool) -> None:
    card.introduce()
    record = uapi.IrqSet(**{"argsz": 20, "flags": 33, "index": 0, "start": 0, "count": 1, **change})

    def ask() -> int:
        return card.ioctl(uapi.DEVICE_SET_IRQS, Caller(record.pack()))

    if wrong:
        assert errno_of(ask) == EINVAL
    else:
        assert ask() == 0


def test_a_payload_that_lies_outside_memory_is_efault(card: Bench) -> None:
    card.introduce()
    record = uapi.IrqSet(argsz=24, flags=INSTALL, count=1)
    assert errno_of(card.ioctl, uapi.DEVICE_SET_IRQS, Caller(record.pack())) == EFAULT


@pytest.mark.parametrize("release", [OLD, NEW])
def test_an_eventfd_is_signalled_and_given_back_when_the_card_goes(release: tuple[int, int]) -> None:
    card, eventfd = Bench(2, release), Eventfd()
    card.introduce()
    card.install(PciIrq.INTX, eventfd)
    card.write(b"\x01", BAR0 + FCR)
    card.write(b"\x01", BAR0 + IER)
    card.write(b"x", BAR0)
    assert (eventfd.counter, eventfd.holders) == (1, 1)
    card.discard()
    assert eventfd.holders == 0


@pytest.mark.parametrize(("release", "holders"), [(OLD, 1), (NEW, 0)])
def test_m4_neither_reset_nor_close_changes_anything_but_6_12s_interrupts(
    release: tuple[int, int], holders: int
) -> None:
    card, eventfd = Bench(2, release), Eventfd()
    card.introduce()
    card.install(PciIrq.INTX, eventfd)
    card.write(b"\x5a", BAR0 + SCR)
    card.write(b"x", BAR0)
    assert card.ioctl(uapi.DEVICE_RESET, Caller(None)) == 0
    assert card.lines == ["mtty_reset: called"]
    assert eventfd.holders == 1
    card.close()
    assert eventfd.holders == holders
    assert (card.read(1, BAR0 + SCR), card.read(1, BAR0)) == (b"\x5a", b"x")


@pytest.mark.parametrize("request_number", [uapi.DEVICE_QUERY_GFX_PLANE, uapi.DEVICE_FEATURE, 0, 0x3BFF])
def test_other_ioctls_are_enotty(card: Bench, request_number: int) -> None:
    assert errno_of(card.ioctl, request_number, Caller(bytearray(64))) == ENOTTY
