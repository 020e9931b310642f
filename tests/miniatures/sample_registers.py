"""Hosts whose mtty ports have wrong registers, often those of a real 16550A."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from mdevref.drivers.mtty.uart import CLEAR_TO_SEND, DLAB, ENABLE_FIFO, HAS_FIFO, RDI, THRI, Port
from tests.miniatures.registry import wrong as wrong_host

wrong = partial(wrong_host, interface="sample")


@wrong({"sample.reset-state": "expected LCR 00; seen: 03"})
class begins_with_eight_bits(Port):
    """The initial value of ``LCR`` is 03."""

    def __init__(self, signal: Callable[[], None]) -> None:
        super().__init__(signal)
        self.lcr = 3


@wrong({"sample.16550a": "expected IIR c1; seen: 01"})
class is_a_16450(Port):
    """The FIFO bits of ``IIR`` are always 0."""

    def read_iir(self) -> int:
        return super().read_iir() & ~HAS_FIFO


@wrong({"sample.kept": "expected MCR ff; seen: 1f"})
class keeps_five_modem_lines(Port):
    """``MCR`` keeps only 5 bits."""

    def read_mcr(self) -> int:
        return super().read_mcr() & 0x1F


@wrong({"sample.ier": "; seen: f"})
class keeps_all_of_ier(Port):
    """``IER`` keeps every bit that is written."""

    def read_ier(self) -> int:
        return super().read_ier() if self.dlab else self.ier


@wrong({"sample.status-read-only": "; seen: ff"})
class status_can_be_written(Port):
    """``LSR`` returns the last value that was written to it."""

    written: int | None = None

    def ignore(self, value: int) -> None:
        self.written = value

    def read_lsr(self) -> int:
        return super().read_lsr() if self.written is None else self.written


@wrong({"sample.lsr": "expected LSR 01; seen: 61"})
class transmits_at_once(Port):
    """``LSR`` reports an empty transmitter while a received byte is unread."""

    def read_lsr(self) -> int:
        return super().read_lsr() | 0x60


@wrong({"sample.msr-flow-control": "expected MSR a2; seen: b3"})
class is_always_clear_to_send(Port):
    """``CTS`` is set, whatever the value of ``MCR`` is."""

    def read_msr(self) -> int:
        return super().read_msr() | CLEAR_TO_SEND


@wrong({"sample.divisor": "expected DLL 0c; seen: "})
class has_no_divisor(Port):
    """Bit 7 of ``LCR`` has no effect on the first two registers."""

    def write_lcr(self, value: int) -> None:
        self.lcr = value


@wrong({"sample.divisor-adds-up": "expected DLL 0d; seen: 0c"})
class divisor_is_replaced(Port):
    """A second byte that is written to the divisor replaces the first."""

    def write_data(self, value: int) -> None:
        if self.dlab:
            self.divisor &= 0xFF00
        super().write_data(value)


@wrong({"sample.divisor-zero": "expected DLL 00; seen: 0c"})
class divisor_stays(Port):
    """Writing ``LCR`` does not change the divisor."""

    def write_lcr(self, value: int) -> None:
        self.lcr = value
        self.dlab = bool(value & DLAB)


@wrong({"sample.fifo-clear": "expected LSR 60; seen: 01"})
class clears_one_direction(Port):
    """Clearing the transmitter leaves the unread bytes in the FIFO."""

    def write_fcr(self, value: int) -> None:
        super().write_fcr(value & ~4)


@wrong({"sample.fifo-kept": 'expected "abc"; seen: "\\x00\\x00\\x00"'})
class always_clears(Port):
    """Each write to ``FCR`` clears the FIFO."""

    def write_fcr(self, value: int) -> None:
        super().write_fcr(value | 6)


@wrong({"sample.fifo-disabled": 'expected "c"; seen: "b"'})
class cannot_be_disabled(Port):
    """The FIFO is always enabled."""

    def write_fcr(self, value: int) -> None:
        super().write_fcr(value | ENABLE_FIFO)


@wrong({"sample.overrun": "expected LSR 03; seen: 01"})
class forgets_overruns(Port):
    """Reading ``LSR`` clears an overrun."""

    def read_lsr(self) -> int:
        status = super().read_lsr()
        self.overrun = False
        return status


@wrong({"sample.iir": "expected IIR c2; seen: c1"})
class forgets_what_was_told(Port):
    """Reading ``IIR`` clears the interrupt of an empty FIFO."""

    def read_iir(self) -> int:
        found = super().read_iir()
        if found & 6 == 2:
            self.ier &= ~THRI
        return found


@wrong({"sample.iir-first": "expected IIR c4; seen: c1", "sample.received-first": "expected no signal of MSI; seen: 1"})
class begins_with_a_trigger(Port):
    """The initial trigger level of a port is one byte."""

    def __init__(self, signal: Callable[[], None]) -> None:
        super().__init__(signal)
        self.trigger = 1


# Interrupts of a port


@wrong({"sample.received": "expected 1 signals of MSI; seen: 0"})
class minds_the_level(Port):
    """The trigger level is the one that ``FCR`` selects."""

    def write_fcr(self, value: int) -> None:
        super().write_fcr(value)
        self.trigger = (1, 4, 8, 14)[value >> 6]


@wrong({"sample.received-more": "expected no signal of MSI; seen: "})
class every_byte_interrupts(Port):
    """Every received byte raises an interrupt, whether the FIFO was empty or not."""

    def write_data(self, value: int) -> None:
        before = self.count
        super().write_data(value)
        if not self.dlab and self.count > before and self.ier & RDI and self.count > self.trigger > 0:
            self.signal()


@wrong({"sample.not-empty-enabled": "expected no signal of MSI; seen: 1"})
class one_byte_counts_as_empty(Port):
    """Enabling the interrupt of an empty FIFO also raises one while the FIFO holds one byte."""

    def write_ier(self, value: int) -> None:
        super().write_ier(value)
        if not self.dlab and value & THRI and self.count == 1:
            self.signal()


@wrong({"sample.empty-enabled": "expected 1 signals of MSI; seen: 0"})
class does_not_tell_that_it_is_empty(Port):
    """Enabling the interrupt of an empty FIFO does not raise an interrupt."""

    def write_ier(self, value: int) -> None:
        super().write_ier(value & ~THRI)
        if not self.dlab:
            self.ier = value


@wrong({"sample.empty-read": "expected 1 signals of MSI; seen: 0"})
class reads_nothing_in_silence(Port):
    """Reading ``RX`` of an empty FIFO does not raise an interrupt."""

    def read_data(self) -> int:
        return super().read_data() if self.dlab or self.head != self.tail else 0


@wrong({"sample.lost": "expected 2 signals of MSI; seen: 0"})
class loses_in_silence(Port):
    """A lost byte does not raise an interrupt."""

    def write_data(self, value: int) -> None:
        if not self.dlab and self.count >= self.limit:
            self.overrun = True
        else:
            super().write_data(value)


@wrong({"sample.modem": "expected 2 signals of MSI; seen: 1"})
class modem_lines_interrupt_once(Port):
    """A write to ``MCR`` raises only one interrupt for all modem lines."""

    def write_mcr(self, value: int) -> None:
        super().write_mcr(value & ~8 if value & 3 else value)
        self.mcr = value


@wrong({"sample.disabled": "expected no signal of MSI; seen: 1"})
class interrupts_unasked(Port):
    """A received byte raises an interrupt even if this interrupt is disabled."""

    def write_data(self, value: int) -> None:
        ier, self.ier = self.ier, self.ier | 1
        super().write_data(value)
        self.ier = ier


# Loop-back


@wrong({"sample.loop-back": "; seen: "})
class has_seven_bits(Port):
    """Loop-back clears the highest bit of each byte."""

    def read_data(self) -> int:
        value = super().read_data()
        return value if self.dlab else value & 0x7F


@wrong({"sample.loop-back-again": "; seen: "})
class is_worn_out(Port):
    """After 30 bytes, a port returns only zeros."""

    received = 0

    def read_data(self) -> int:
        value = super().read_data()
        if self.dlab:
            return value
        self.received += 1
        return value if self.received <= 30 else 0


@wrong({"sample.loop-back-depth": "expected LSR 01; seen: 03"})
class has_eight_places(Port):
    """The FIFO has 8 bytes."""

    def write_fcr(self, value: int) -> None:
        super().write_fcr(value)
        self.limit = min(self.limit, 8)


@wrong({"sample.loop-back-always": 'expected "mdev"; seen: '})
class breaks_the_line(Port):
    """While ``LCR`` sets the break bit, every byte that is sent is received as 0."""

    def write_data(self, value: int) -> None:
        super().write_data(0 if self.lcr & 0x40 and not self.dlab else value)
