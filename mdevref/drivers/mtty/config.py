"""The configuration space of a card: 255 bytes, and the effect of a write at each offset (fact 5.3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

SIZE = 255  #: bytes, not 256
BAR_SIZE = 8  #: bytes of a port's register file
COMMAND, STATUS = 0x04, 0x06
BAR0, BAR1 = 0x10, 0x14
INTERRUPT_LINE = 0x3C
INTERRUPT_PIN = 0x3D
PROBE = 0xFFFFFFFF  #: written to a BAR to determine its size
_BAR_MASK = 0xFFFFFFFF ^ (BAR_SIZE - 1)
_ID = b"\x48\x43\x53\x32"  #: vendor 4348, device 3253

#: The non-zero bytes in the space of a new card with two ports.
_CONTENT = {
    0x00: _ID,
    COMMAND: b"\x01\x00",  # I/O
    STATUS: b"\x00\x02",  # DEVSEL medium, no list of capabilities
    0x08: b"\x10\x02\x00\x07",  # revision; 16550, serial, communication
    BAR0: b"\x01",  # I/O
    BAR1: b"\x01",
    0x2C: _ID,
    INTERRUPT_PIN: b"\x01",  # INTA
    0x40: b"\x23",
    0x43: b"\x80",
    0x44: b"\x23",
    0x48: b"\x23",
    0x4C: b"\x23",
    0x60: b"PCI Serial/UART",
}


def _template(ports: int) -> bytes:
    space = bytearray(SIZE)
    for offset, content in _CONTENT.items():
        if offset != BAR1 or ports == 2:
            space[offset : offset + len(content)] = content
    return bytes(space)


_TEMPLATES = {ports: _template(ports) for ports in (1, 2)}


class ConfigSpace:
    """The configuration space of a card with one or two ports. ``log`` appends a line to the kernel log."""

    __slots__ = ("_log", "space")

    def __init__(self, ports: int, log: Callable[[str], None]) -> None:
        self.space = bytearray(_TEMPLATES[ports])
        self._log = log

    def read(self, offset: int, count: int) -> bytes:
        """Return ``count`` bytes; bytes beyond the end read as zero."""
        return bytes(self.space[offset : offset + count]).ljust(count, b"\0")

    def write(self, offset: int, data: bytes) -> None:
        """Write to the register at ``offset``. Further registers that the access covers are not written."""
        rule = RULES.get(offset)
        if rule is not None:
            getattr(self, rule)(offset, data)
        else:
            self._log(f"PCI config write @0x{offset:x} of {len(data)} bytes not handled")

    def ignore(self, offset: int, data: bytes) -> None:
        """Leave the register unchanged."""

    def write_bar(self, offset: int, data: bytes) -> None:
        """Store an address, or the size mask if all ones are written. Low two bits that are set remain set."""
        stored = int.from_bytes(self.space[offset : offset + 4], "little")
        if offset == BAR1 and not stored:
            return  # a card with one port: BAR1 remains zero
        value = int.from_bytes(data, "little")
        self._log(f"BAR{(offset - BAR0) // 4} addr 0x{value:x}")
        if value == PROBE:
            value &= _BAR_MASK
        self.space[offset : offset + 4] = (value | stored & 3).to_bytes(4, "little")

    def write_interrupt_line(self, offset: int, data: bytes) -> None:
        self.space[offset] = data[0]


#: The method that handles a write, by the offset at which it begins. Writes at other offsets are only logged.
RULES: Mapping[int, str] = {
    COMMAND: "ignore",  # I/O stays enabled
    STATUS: "ignore",
    BAR0: "write_bar",
    BAR1: "write_bar",
    0x18: "ignore",  # BAR2 to BAR4: always zero
    0x1C: "ignore",
    0x20: "ignore",
    INTERRUPT_LINE: "write_interrupt_line",
    INTERRUPT_PIN: "ignore",
}
