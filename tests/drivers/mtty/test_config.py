"""The configuration space of a card: its 255 bytes, and the effect of a write at each offset."""

from __future__ import annotations

import pytest

from mdevref.drivers.mtty.config import ConfigSpace

TWO_PORTS = bytes.fromhex(
    "48435332 01000002 10020007 00000000 01000000 01000000 00000000 00000000"
    "00000000 00000000 00000000 48435332 00000000 00000000 00000000 00010000"
    "23000080 23000000 23000000 23000000"
).ljust(0x60, b"\0") + b"PCI Serial/UART".ljust(255 - 0x60, b"\0")


@pytest.fixture
def log() -> list[str]:
    return []


@pytest.fixture
def space(log: list[str]) -> ConfigSpace:
    return ConfigSpace(2, log.append)


def test_the_255_bytes_of_two_ports_are_those_recorded(space: ConfigSpace) -> None:
    assert space.read(0, 255) == TWO_PORTS


def test_a_card_of_one_port_has_no_second_bar(log: list[str]) -> None:
    space = ConfigSpace(1, log.append)
    assert space.read(0, 255) == TWO_PORTS[:0x14] + bytes(4) + TWO_PORTS[0x18:]
    space.write(0x14, b"\xff" * 4)
    assert space.read(0x14, 4) == bytes(4)


@pytest.mark.parametrize("offset", [0xFF, 0x100, 0x1000, 1 << 39])
def test_behind_the_end_there_are_zeros(space: ConfigSpace, offset: int) -> None:
    assert space.read(offset, 4) == bytes(4)
    assert space.read(0xFC, 4) == bytes(4)


@pytest.mark.parametrize(
    ("offset", "written", "read"),
    [
        (0x00, "ffff", "4843"),
        (0x04, "0700", "0100"),
        (0x06, "ffff", "0002"),
        (0x08, "ffffffff", "10020007"),
        (0x10, "ffffffff", "f9ffffff"),
        (0x10, "00c00000", "01c00000"),
        (0x10, "03c10000", "03c10000"),  # not aligned to the size
        (0x10, "12345678", "13345678"),
        (0x10, "00c1", "01c10000"),  # the kernel stores garbage in the upper half
        (0x10, "50", "51000000"),
        (0x12, "ffff", "0000"),
        (0x14, "ffffffff", "f9ffffff"),
        (0x18, "ffffffff", "00000000"),
        (0x1C, "ffffffff", "00000000"),
        (0x20, "ffffffff", "00000000"),
        (0x24, "ffffffff", "00000000"),
        (0x2C, "ffffffff", "48435332"),
        (0x30, "ffffffff", "00000000"),
        (0x3C, "0b", "0b"),
        (0x3C, "0bff", "0b01"),
        (0x3D, "ff", "01"),
        (0x3E, "ff", "00"),
        (0x40, "ff", "23"),
        (0x60, "ff", "50"),
        (0xFE, "ff", "00"),
    ],
)
def test_a_write_does_what_its_place_says(space: ConfigSpace, offset: int, written: str, read: str) -> None:
    data = bytes.fromhex(written)
    before = space.read(0, 255)
    space.write(offset, data)
    expected = bytes.fromhex(read)
    after = space.read(0, 255)
    assert after[offset : offset + len(expected)].hex() == read
    assert before[:offset] == after[:offset]
    assert before[offset + len(expected) :] == after[offset + len(expected) :]


def test_the_low_two_bits_of_a_bar_stay_set_once_they_are(space: ConfigSpace) -> None:
    for written, read in (("00000000", "01000000"), ("02000000", "03000000"), ("00c00000", "03c00000")):
        space.write(0x14, bytes.fromhex(written))
        assert space.read(0x14, 4).hex() == read
    space.write(0x14, b"\xff" * 4)
    assert space.read(0x14, 4).hex() == "fbffffff"


def test_the_log_tells_of_addresses_and_of_writes_that_nobody_handles(space: ConfigSpace, log: list[str]) -> None:
    space.write(0x00, b"\xff\xff")
    space.write(0x10, b"\xff" * 4)
    space.write(0x14, bytes.fromhex("00c00000"))
    space.write(0x04, b"\x07\x00")
    assert log == ["PCI config write @0x0 of 2 bytes not handled", "BAR0 addr 0xffffffff", "BAR1 addr 0xc000"]
