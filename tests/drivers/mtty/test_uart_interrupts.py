"""The causes for which a port of mtty interrupts, and the pending causes that it reports (M0 to M2)."""

from __future__ import annotations

import pytest

from tests.drivers.mtty.wired import DATA, FCR, IER, IIR, LSR, MCR, MSI, RDI, RLSI, THRI, Wired


def test_m2_before_the_first_fcr_no_byte_interrupts_and_data_are_pending_without_a_byte(port: Wired) -> None:
    port.write(IER, RDI)
    assert port.read(IIR) == 0xC4
    port.send(b"abc")
    assert port.interrupts == 0


@pytest.mark.parametrize("level", [0x00, 0x40, 0x80, 0xC0])
def test_m0_whichever_level_is_asked_for_only_the_first_byte_interrupts(port: Wired, level: int) -> None:
    port.write(FCR, 0x01 | level)
    port.write(IER, RDI)
    assert port.read(IIR) == 0xC1
    port.send(b"a")
    assert port.new_interrupts() == 1
    assert port.read(IIR) == 0xC4
    port.send(b"bcdefghijklmno")
    assert port.new_interrupts() == 0
    port.receive(14)
    assert port.read(IIR) == 0xC4
    port.receive(1)
    assert port.read(IIR) == 0xC1
    port.send(b"p")
    assert port.new_interrupts() == 1


def test_the_transmitter_interrupts_when_enabled_while_empty_and_at_each_read_that_leaves_it_empty(port: Wired) -> None:
    port.write(IER, THRI)
    assert port.new_interrupts() == 1
    assert port.read(IIR) == 0xC2
    assert port.read(IIR) == 0xC2  # reading does not clear it
    port.send(b"ab")
    assert port.read(IIR) == 0xC1
    port.write(IER, THRI)
    assert port.new_interrupts() == 0
    port.read(DATA)
    assert port.new_interrupts() == 0
    port.read(DATA)
    assert port.new_interrupts() == 1
    port.read(DATA)  # from an empty FIFO
    assert port.new_interrupts() == 1


def test_an_overrun_interrupts_for_each_lost_byte(port: Wired) -> None:
    port.write(FCR, 0x00)
    port.write(IER, RLSI)
    port.send(b"a")
    assert port.interrupts == 0
    assert port.read(IIR) == 0xC1
    port.send(b"bc")
    assert port.interrupts == 2
    assert port.read(IIR) == 0xC6
    assert port.read(LSR) == 0x03
    port.read(DATA)
    assert port.read(LSR) == 0x62  # reading status or data does not clear the overrun
    port.send(b"d")
    assert port.read(LSR) == 0x01


@pytest.mark.parametrize(
    ("value", "interrupts"),
    [(0x00, 0), (0x01, 1), (0x02, 1), (0x03, 1), (0x08, 1), (0x0B, 2), (0x0A, 2), (0x10, 0), (0x24, 0)],
)
def test_modem_lines_interrupt_once_for_out2_and_once_for_rts_or_dtr(port: Wired, value: int, interrupts: int) -> None:
    port.write(MCR, 0xFF)
    assert port.interrupts == 0
    port.write(IER, MSI)
    port.write(MCR, value)
    assert port.interrupts == interrupts
    assert port.read(MCR) == value
    assert port.read(IIR) == 0xC1  # this cause has no bit


@pytest.mark.parametrize(
    ("ier", "setup", "iir"),
    [
        (RDI | THRI, b"", 0xC2),
        (RDI | THRI, b"a", 0xC4),
        (RDI | THRI | RLSI, b"a", 0xC4),
        (RDI | RLSI, b"ab", 0xC6),
        (RLSI, b"ab", 0xC6),
        (THRI | MSI, b"", 0xC2),
        (0, b"ab", 0xC1),
    ],
)
def test_what_is_pending_is_the_sum_of_its_causes(port: Wired, ier: int, setup: bytes, iir: int) -> None:
    port.write(FCR, 0x00)
    port.write(IER, ier)
    port.send(setup)
    assert port.read(IIR) == iir


def test_causes_are_not_ranked(port: Wired) -> None:
    port.write(IER, RDI | THRI)
    assert port.read(IIR) == 0xC6  # 04 (M2: 0 bytes are enough) and 02


def test_only_four_bits_of_the_interrupt_enables_are_read_back(port: Wired) -> None:
    port.write(IER, 0xF5)
    assert port.read(IER) == 0x05
