"""A card as its caller sees it: regions and how a transfer is cut, the ioctls, what outlives a close."""

from __future__ import annotations

import struct
from errno import EBADF, EFAULT, EINVAL, ENOTTY

import pytest

from mdevref.drivers.mtty.card import Card
from mdevref.drivers.mtty.releases import release_of
from mdevref.drivers.units import units
from mdevref.kernel.errors import fail
from mdevref.vfio import uapi
from mdevref.vfio.uapi import IrqSetFlags, PciIrq, PciRegion
from tests.machines import errno_of

BAR0, BAR1, BAR2, BAR5, ROM, CONFIG, VGA = (index << 40 for index in (0, 1, 2, 5, 6, 7, 8))
IER, FCR, LSR, SCR = 1, 2, 5, 7
INSTALL = IrqSetFlags.ACTION_TRIGGER | IrqSetFlags.DATA_EVENTFD
OLD, NEW = (6, 1), (6, 12)


class Eventfd:
    """Counts what is signalled to it, and who holds it."""

    def __init__(self) -> None:
        self.counter = 0
        self.holders = 0

    def signal(self) -> None:
        self.counter += 1

    def release(self) -> None:
        self.holders -= 1


class Caller:
    """The memory and the eventfds of a process, as an ioctl's argument."""

    def __init__(self, memory: bytearray | None) -> None:
        self.memory = memory
        self.eventfds: dict[int, Eventfd] = {}

    def copy_in(self, size: int, offset: int = 0) -> bytes:
        if self.memory is None or offset + size > len(self.memory):
            raise fail(EFAULT)
        return bytes(self.memory[offset : offset + size])

    def copy_out(self, data: bytes, offset: int = 0) -> None:
        if self.memory is None or offset + len(data) > len(self.memory):
            raise fail(EFAULT)
        self.memory[offset : offset + len(data)] = data

    def look_up(self, descriptor: int) -> Eventfd:
        if descriptor not in self.eventfds:
            raise fail(EBADF, str(descriptor))
        self.eventfds[descriptor].holders += 1
        return self.eventfds[descriptor]


class Bench(Card):
    """A card with the words of a test."""

    def __init__(self, count: int = 2, release: tuple[int, int] = OLD) -> None:
        self.lines: list[str] = []
        super().__init__(count, release_of(release), self.lines.append)

    def ask(self, request: int, record: uapi.Record) -> list[int]:
        memory = record.pack()
        assert self.ioctl(request, Caller(memory)) == 0
        return [getattr(type(record).read(memory), name) for name, *_ in record._fields_]

    def introduce(self) -> None:
        self.ask(uapi.DEVICE_GET_INFO, uapi.DeviceInfo(argsz=16))

    def install(self, index: int, eventfd: Eventfd, descriptor: int = 5) -> None:
        caller = Caller(uapi.irq_set(index, INSTALL, eventfds=[descriptor]))
        caller.eventfds[descriptor] = eventfd
        self.ioctl(uapi.DEVICE_SET_IRQS, caller)


@pytest.fixture
def card() -> Bench:
    return Bench()


# Transfers


@pytest.mark.parametrize(
    ("position", "count", "expected"),
    [
        (0, 0, []),
        (0, 1, [(0, 1)]),
        (0, 2, [(0, 2)]),
        (1, 2, [(1, 1), (2, 1)]),
        (0, 3, [(0, 2), (2, 1)]),
        (0, 4, [(0, 4)]),
        (2, 4, [(2, 2), (4, 2)]),
        (1, 8, [(1, 1), (2, 2), (4, 4), (8, 1)]),
        (3, 7, [(3, 1), (4, 4), (8, 2)]),
        (CONFIG + 0xFE, 4, [(CONFIG + 0xFE, 2), (CONFIG + 0x100, 2)]),
    ],
)
def test_a_transfer_is_cut_into_aligned_units(position: int, count: int, expected: list[tuple[int, int]]) -> None:
    assert list(units(position, count)) == expected


def test_only_the_first_byte_of_a_wide_write_reaches_a_register(card: Bench) -> None:
    assert card.write(b"AB", BAR0) == 2
    assert card.read(1, BAR0) == b"A"
    assert card.read(1, BAR0 + LSR) == b"\x60"
    assert card.read(1, BAR0 + IER) == b"\0"


def test_a_wide_read_takes_one_byte_from_the_fifo_and_reads_no_register_behind_it(card: Bench) -> None:
    card.write(b"a", BAR0)
    card.write(b"b", BAR0)
    card.write(b"\x0f", BAR0 + IER)
    assert card.read(4, BAR0) == b"a\0\0\0"
    assert card.read(1, BAR0) == b"b"


def test_units_of_one_transfer_reach_the_registers_they_begin_at(card: Bench) -> None:
    card.write(b"\x11\x5a", BAR0 + 6)  # one unit of two bytes, which is MSR's and is lost
    assert card.read(1, BAR0 + SCR) == b"\0"
    card.write(b"\x22\x33\x5a", BAR0 + 5)
    assert card.read(1, BAR0 + SCR) == b"\0"
    card.write(b"\x5a", BAR0 + SCR)
    assert card.read(8, BAR0) == b"\0\0\0\0\0\0\0\0"  # RX and MCR
    assert card.read(3, BAR0 + 5) == b"\x60\xb3\0"


def test_the_ports_are_apart(card: Bench) -> None:
    card.write(b"a", BAR0)
    card.write(b"b", BAR1)
    card.write(b"\x01", BAR1 + SCR)
    assert [card.read(1, bar) for bar in (BAR0, BAR1)] == [b"a", b"b"]
    assert [card.read(1, bar + SCR) for bar in (BAR0, BAR1)] == [b"\0", b"\1"]


def test_a_card_of_one_port_has_a_hidden_second_one() -> None:
    card = Bench(1)
    card.write(b"h", BAR1)
    assert card.read(1, BAR1) == b"h"


def test_io_works_whatever_the_command_register_says(card: Bench) -> None:
    card.write(b"\0\0", CONFIG + 4)
    card.write(b"a", BAR0)
    assert card.read(1, BAR0) == b"a"


@pytest.mark.parametrize("count", [1, 2, 4, 8])
@pytest.mark.parametrize("position", [BAR2, BAR5, BAR5 + 8])
def test_the_bars_that_are_not_there_read_as_ones_and_take_what_is_written(
    card: Bench, position: int, count: int
) -> None:
    assert card.read(count, position) == b"\xff" * count
    assert card.write(bytes(count), position) == count
    assert card.read(count, position) == b"\xff" * count


@pytest.mark.parametrize("position", [ROM, VGA, 9 << 40, 500 << 40])
def test_rom_vga_and_beyond_are_efault(card: Bench, position: int) -> None:
    assert errno_of(card.read, 1, position) == EFAULT
    assert errno_of(card.write, b"x", position) == EFAULT
    assert card.read(0, position) == b""
    assert card.write(b"", position) == 0


def test_a_transfer_that_runs_out_of_the_last_bar_fails_after_what_it_did(card: Bench) -> None:
    assert errno_of(card.read, 8, ROM - 4) == EFAULT
    assert errno_of(card.write, bytes(8), ROM - 4) == EFAULT


def test_config_space_is_read_and_written_through_its_region(card: Bench) -> None:
    assert card.read(16, CONFIG).hex() == "48435332010000021002000700000000"
    assert card.write(bytes.fromhex("ffffffff00c00000"), CONFIG + 0x10) == 8
    assert card.read(8, CONFIG + 0x10).hex() == "f9ffffff01c00000"
    assert card.write(b"\x0b", CONFIG + 0x3C) == 1
    assert card.read(3, CONFIG + 0x3B).hex() == "000b01"


# Ioctls


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
    card.close()  # what was told is remembered
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
        ({"flags": 32 | 4}, True),  # a payload of 4 bytes is missing
        ({"flags": 32 | 2}, True),
        ({"start": 5}, True),
        ({"start": 4, "count": 2}, True),
        ({"start": 0xFFFFFFFF, "count": 2}, True),
        ({"start": 5, "count": 0}, True),
        ({"start": 4, "count": 0}, False),
        ({"start": 0, "count": 5}, False),  # it is the number of indexes that limits
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
