"""Transfers: their division into units, and the effect of units on each region."""

from __future__ import annotations

from errno import EFAULT

import pytest

from mdevref.drivers.units import units
from tests.drivers.mtty.bench import BAR0, BAR1, BAR2, BAR5, CONFIG, IER, LSR, ROM, SCR, VGA, Bench
from tests.machines import errno_of


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
    card.write(b"\x11\x5a", BAR0 + 6)  # one unit of two bytes, which goes to MSR and is ignored
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
