"""A port that counts its interrupts, and the numbers of its registers."""

from __future__ import annotations

from mdevref.drivers.mtty.uart import Port

DATA, IER, IIR, LCR, MCR, LSR, MSR, SCR = range(8)
FCR = IIR
RDI, THRI, RLSI, MSI = 1, 2, 4, 8


class Wired(Port):
    """A port that counts its interrupts."""

    def __init__(self) -> None:
        self.interrupts = 0
        super().__init__(self.count_one)

    def count_one(self) -> None:
        self.interrupts += 1

    def send(self, data: bytes) -> None:
        for value in data:
            self.write(DATA, value)

    def receive(self, count: int) -> bytes:
        return bytes(self.read(DATA) for _ in range(count))

    def new_interrupts(self) -> int:
        """Return the number of interrupts since the last call."""
        seen, self.interrupts = self.interrupts, 0
        return seen
