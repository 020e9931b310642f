"""One port: the register file of a 16550A in loop-back, with the oddities of the sample (fact 5.5; M0 to M5).

Bytes written to the data register go into the port's only FIFO and are read from it. The FIFO counts as empty if the
head of the ring equals its tail, which is also the case with 16 unread bytes (M1).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

DEPTH = 16  #: size of the ring in bytes; one less is usable (M1)

# Interrupt enable register
RDI = 0x01  #: received data
THRI = 0x02  #: transmitter empty
RLSI = 0x04  #: line status
MSI = 0x08  #: modem status
# FIFO control register
ENABLE_FIFO = 0x01
CLEAR_EITHER = 0x06  #: clear receiver or transmitter FIFO, which are the same
# Interrupt identification register
NONE_PENDING = 0x01
HAS_FIFO = 0xC0
# Line control register
DLAB = 0x80
# Modem control register
DTR, RTS, OUT2, AUTO_FLOW = 0x01, 0x02, 0x08, 0x20
# Line status register
DATA_READY, OVERRUN, ALL_SENT = 0x01, 0x02, 0x60
# Modem status register
CARRIER_AND_READY = 0xA2
CLEAR_TO_SEND = 0x11


@dataclass(frozen=True, slots=True)
class Register:
    """A register: its name, and the methods of a port that read and write it."""

    name: str
    read: str
    write: str


#: The register file, indexed by the offset in the BAR.
REGISTERS = (
    Register("RX / TX, or divisor's low byte", "read_data", "write_data"),
    Register("IER, or divisor's high byte", "read_ier", "write_ier"),
    Register("IIR / FCR", "read_iir", "write_fcr"),
    Register("LCR", "read_lcr", "write_lcr"),
    Register("MCR", "read_mcr", "write_mcr"),
    Register("LSR", "read_lsr", "ignore"),
    Register("MSR", "read_msr", "ignore"),
    Register("SCR", "read_scratch", "write_scratch"),
)


class Port:
    """One port. ``signal`` raises the card's interrupt. Callers hold the card's lock."""

    __slots__ = (
        "count",
        "divisor",
        "dlab",
        "fifo",
        "head",
        "ier",
        "lcr",
        "limit",
        "mcr",
        "overrun",
        "scratch",
        "signal",
        "tail",
        "trigger",
    )

    readers: ClassVar[tuple[Callable[[Port], int], ...]]  #: by the offset of the register
    writers: ClassVar[tuple[Callable[[Port, int], None], ...]]

    def __init_subclass__(cls) -> None:
        wire(cls)

    def __init__(self, signal: Callable[[], None]) -> None:
        self.signal = signal
        self.fifo = bytearray(DEPTH)
        self.head = self.tail = self.count = 0
        self.limit = DEPTH  #: number of bytes that fit before one is lost
        self.trigger = 0  #: until the first write of FCR (M2)
        self.overrun = False
        self.ier = self.lcr = self.mcr = self.scratch = 0
        self.divisor = 0
        self.dlab = False

    def read(self, offset: int) -> int:
        """Return the value of the register at ``offset`` of the BAR."""
        return self.readers[offset](self) if offset < len(REGISTERS) else 0

    def write(self, offset: int, value: int) -> None:
        """Set the register at ``offset`` of the BAR to a byte."""
        if offset < len(REGISTERS):
            self.writers[offset](self, value)

    # 0 and 1: data and interrupt enable, or the divisor if DLAB is set

    def read_data(self) -> int:
        if self.dlab:
            return self.divisor & 0xFF
        value = 0
        if self.head != self.tail:
            value = self.fifo[self.tail]
            self.count -= 1
            self.tail = (self.tail + 1) % DEPTH
        if self.head == self.tail and self.ier & THRI:
            self.signal()
        return value

    def write_data(self, value: int) -> None:
        if self.dlab:
            self.divisor |= value  # written bytes are ORed until LCR is written again (M5)
        elif self.count < self.limit:
            self.fifo[self.head] = value
            self.count += 1
            self.head = (self.head + 1) % DEPTH
            self.overrun = False
            if self.ier & RDI and self.count == self.trigger:
                self.signal()
        else:
            self.overrun = True
            if self.ier & RLSI:
                self.signal()

    def read_ier(self) -> int:
        return self.divisor >> 8 if self.dlab else self.ier & 0x0F

    def write_ier(self, value: int) -> None:
        if self.dlab:
            self.divisor |= value << 8
            return
        self.ier = value
        if value & THRI and self.head == self.tail:
            self.signal()

    # 2: pending interrupts; FIFO control

    def read_iir(self) -> int:
        """Return all pending causes ORed together, without priority. A modem status interrupt has no bit."""
        ier, pending = self.ier, 0
        if ier & RLSI and self.overrun:
            pending |= 0x06
        if ier & RDI and self.count >= self.trigger:
            pending |= 0x04
        if ier & THRI and self.head == self.tail:
            pending |= 0x02
        return (pending or NONE_PENDING) | HAS_FIFO

    def write_fcr(self, value: int) -> None:
        if value & CLEAR_EITHER:
            self.count = self.head = self.tail = 0  # an overrun remains
        self.trigger = 1  # regardless of the requested level (M0)
        self.limit = DEPTH if value & ENABLE_FIFO else 1  # bytes in the FIFO remain (M3)

    # 3 to 7

    def read_lcr(self) -> int:
        return self.lcr

    def write_lcr(self, value: int) -> None:
        self.lcr = value
        self.dlab = bool(value & DLAB)
        if self.dlab:
            self.divisor = 0

    def read_mcr(self) -> int:
        return self.mcr

    def write_mcr(self, value: int) -> None:
        self.mcr = value
        if self.ier & MSI:
            if value & OUT2:
                self.signal()
            if value & (RTS | DTR):
                self.signal()

    def read_lsr(self) -> int:
        state = ALL_SENT if self.head == self.tail else DATA_READY
        return state | OVERRUN if self.overrun else state

    def read_msr(self) -> int:
        is_stopped = self.mcr & AUTO_FLOW and self.count >= self.limit
        return CARRIER_AND_READY if is_stopped else CARRIER_AND_READY | CLEAR_TO_SEND

    def read_scratch(self) -> int:
        return self.scratch

    def write_scratch(self, value: int) -> None:
        self.scratch = value

    def ignore(self, value: int) -> None:
        """Ignore a write to a status register, which is read-only."""


def wire(port: type[Port]) -> None:
    """Look up the methods of a port class once instead of at each access."""
    port.readers = tuple(getattr(port, register.read) for register in REGISTERS)
    port.writers = tuple(getattr(port, register.write) for register in REGISTERS)


wire(Port)
