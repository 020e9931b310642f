"""A port of mtty: every register, and every oddity (M0 to M5) of the sample's 16550A."""

from __future__ import annotations

import pytest

from mdevref.drivers.mtty.uart import REGISTERS
from tests.drivers.mtty.wired import DATA, FCR, IER, LCR, LSR, MCR, MSR, RDI, SCR, Wired


def test_the_register_file_has_eight_registers() -> None:
    assert [register.name.split()[0].rstrip(",") for register in REGISTERS] == [
        "RX", "IER", "IIR", "LCR", "MCR", "LSR", "MSR", "SCR",
    ]  # fmt: skip


def test_a_new_port_reads_as_recorded(port: Wired) -> None:
    """The expected values are those of BAR 1 in the recordings, an unused port."""
    assert [port.read(offset) for offset in range(8)] == [0, 0, 0xC1, 0, 0, 0x60, 0xB3, 0]


@pytest.mark.parametrize("offset", [8, 9, 0x1000, 0xFFFF])
def test_behind_the_registers_nothing_is_read_and_nothing_written(port: Wired, offset: int) -> None:
    before = [port.read(offset) for offset in range(8)]
    port.write(offset, 0xFF)
    assert port.read(offset) == 0
    assert [port.read(offset) for offset in range(8)] == before
    assert port.interrupts == 0


# Data and FIFO


def test_what_is_sent_is_received_in_its_order(port: Wired) -> None:
    port.send(b"mdev")
    assert port.read(LSR) == 0x01
    assert port.receive(4) == b"mdev"
    assert port.read(LSR) == 0x60


def test_the_ring_goes_round_many_times(port: Wired) -> None:
    for start in range(0, 250, 15):
        data = bytes(range(start, start + 15))[:15]
        port.send(data)
        assert port.receive(15) == data
    assert port.read(LSR) == 0x60


def test_an_empty_fifo_gives_zero_and_stays_empty(port: Wired) -> None:
    assert port.receive(3) == bytes(3)
    port.send(b"x")
    assert port.receive(1) == b"x"


def test_m1_fifteen_bytes_fit_and_sixteen_are_lost_until_the_fifo_is_cleared(port: Wired) -> None:
    port.send(bytes(range(15)))
    assert port.read(LSR) == 0x01
    port.send(b"\x0f")
    assert port.read(LSR) == 0x60  # head equals tail: the FIFO counts as empty
    assert port.receive(16) == bytes(16)  # no byte can be read
    port.send(b"z")
    assert port.read(LSR) == 0x62  # and no byte can be written
    port.write(FCR, 0x02)
    assert port.read(LSR) == 0x62  # the overrun is still reported
    port.send(b"z")
    assert port.read(LSR) == 0x01  # until a byte is accepted
    assert port.receive(1) == b"z"


def test_m3_without_the_fifo_one_byte_fits_and_those_already_there_are_read(port: Wired) -> None:
    port.send(b"abc")
    port.write(FCR, 0x00)
    port.send(b"d")
    assert port.read(LSR) == 0x03
    assert port.receive(2) == b"ab"
    port.send(b"d")  # c is still in the FIFO
    assert port.receive(1) == b"c"
    port.send(b"de")
    assert port.receive(2) == b"d\0"
    port.write(FCR, 0x01)
    port.send(b"fg")
    assert port.receive(2) == b"fg"


@pytest.mark.parametrize("value", [0x02, 0x04, 0x06, 0x07])
def test_either_clear_bit_empties_the_fifo(port: Wired, value: int) -> None:
    port.send(b"abc")
    port.write(FCR, value)
    assert port.read(LSR) == 0x60
    assert port.read(DATA) == 0


def test_switching_the_fifo_on_keeps_what_is_in_it(port: Wired) -> None:
    port.send(b"abc")
    port.write(FCR, 0x01)
    assert port.receive(3) == b"abc"


# Line control and divisor


def test_m5_the_divisors_bytes_add_up_until_dlab_is_written_again(port: Wired) -> None:
    port.write(LCR, 0x83)
    assert port.read(LCR) == 0x83
    port.write(DATA, 0x01)
    port.write(DATA, 0x0C)
    port.write(IER, 0x10)
    port.write(IER, 0x02)
    assert (port.read(DATA), port.read(IER)) == (0x0D, 0x12)
    port.write(LCR, 0x80)
    assert (port.read(DATA), port.read(IER)) == (0, 0)


def test_behind_dlab_neither_data_nor_interrupt_enables_are_touched(port: Wired) -> None:
    port.send(b"a")
    port.write(IER, RDI)
    port.write(LCR, 0x80)
    port.write(DATA, 0x55)
    port.write(IER, 0x0F)
    assert port.interrupts == 0
    port.write(LCR, 0x03)
    assert (port.read(DATA), port.read(IER)) == (ord("a"), RDI)
    port.write(LCR, 0x80)
    assert port.read(DATA) == 0


def test_leaving_dlab_keeps_the_divisor_from_being_read_only(port: Wired) -> None:
    port.write(LCR, 0x80)
    port.write(DATA, 0x01)
    port.write(LCR, 0x03)
    assert port.read(LCR) == 0x03
    assert port.divisor == 1


# Status, modem status, scratch


@pytest.mark.parametrize("register", [LSR, MSR])
def test_status_registers_are_not_written(port: Wired, register: int) -> None:
    before = port.read(register)
    port.write(register, 0xFF)
    assert port.read(register) == before


def test_reading_a_status_register_changes_nothing(port: Wired) -> None:
    port.write(FCR, 0x00)
    port.send(b"ab")
    assert [port.read(LSR), port.read(LSR)] == [0x03, 0x03]
    assert [port.read(MSR), port.read(MSR)] == [0xB3, 0xB3]


def test_with_automatic_flow_control_a_full_fifo_is_not_clear_to_send(port: Wired) -> None:
    port.write(FCR, 0x00)
    port.write(MCR, 0x20)
    assert port.read(MSR) == 0xB3
    port.send(b"a")
    assert port.read(MSR) == 0xA2
    port.write(MCR, 0x00)
    assert port.read(MSR) == 0xB3


def test_the_loop_bit_changes_nothing(port: Wired) -> None:
    port.write(MCR, 0x10)
    port.send(b"x")
    assert port.read(MSR) == 0xB3
    assert port.read(DATA) == ord("x")


def test_scratch_keeps_any_byte(port: Wired) -> None:
    for value in (0x5A, 0xFF, 0x00):
        port.write(SCR, value)
        assert port.read(SCR) == value
