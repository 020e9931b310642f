"""Sample interface: accesses of a guest's firmware and serial driver to a card in the document's example."""

from __future__ import annotations

from mdevref.suite.scenario.vocabulary import World, check, then, when

_COMMAND, _LINE, _BARS = 0x04, 0x3C, (0x10, 0x14)  # in configuration space
_IO, _FLAGS = 0x1, 0x3  # a BAR of I/O ports; the bits that are not part of its address
_PORT = 8  # bytes of a port's registers
_KEEPS = 15  # unread bytes that a port can hold
_ROW = 16  # bytes of a row of lspci


@when("a guest is started with {device:Device}")
def start_guest(world: World, device: str) -> None:
    """Hold the card open as a VMM does."""
    world.cards.hold(device)


@when(
    "the firmware of the guest assigns the ports {first:Offset} and {second:Offset} and the interrupt line "
    "{line:Offset} to {device:Device}"
)
def set_up(world: World, device: str, first: int, second: int, line: int) -> None:
    """Determine the size of the ports, which must be 8 bytes, then write their addresses and the line."""
    card = world.cards[device]
    card.write_config(_COMMAND, bytes(2))
    for place, address in zip(_BARS, (first, second), strict=True):
        card.write_config(place, b"\xff" * 4)
        mask = int.from_bytes(card.read_config(place, 4), "little") & ~_FLAGS
        check((1 << 32) - mask == _PORT, f"a port of {_PORT} bytes at {place:#x}", f"{(1 << 32) - mask} bytes")
        card.write_config(place, address.to_bytes(4, "little"))
    card.write_config(_LINE, bytes((line,)))
    card.write_config(_COMMAND, _IO.to_bytes(2, "little"))


@then('lspci in the guest shows "{row:Text}" for {device:Device}')
def lspci_shows(world: World, row: str, device: str) -> None:
    """A row of the configuration space in the format of ``lspci -xx``: the offset, then the bytes."""
    offset = int(row.partition(":")[0], 16)
    seen = world.cards[device].read_config(offset, _ROW)
    check(f"{offset:02x}: {seen.hex(' ')}" == row, row, f"{offset:02x}: {seen.hex(' ')}")


@when("a driver sends every byte value to port {port:Port} of {device:Device}")
def type_every_byte(world: World, port: int, device: str) -> None:
    """Send each byte value, in chunks that fit the receive buffer, and receive each chunk after an interrupt."""
    card = world.cards[device]
    card.connect("INTx")
    for register, value in (("FCR", 0x07), ("LCR", 0x03), ("IER", 0x01)):
        card.write(port, register, value)
    for start in range(0, 256, _KEEPS):
        card.send(port, bytes(range(start, min(start + _KEEPS, 256))))
        if not card.signals("INTx")[-1]:
            return
        while card.read(port, "LSR") & 1 and len(card.received[port]) < len(card.sent[port]):
            card.receive(port, 1)
        card.mask("INTx", "unmasked")  # from 6.12 on INTx is masked automatically at each interrupt


@then("the driver received every byte value from port {port:Port} of {device:Device}")
def typed_came_back(world: World, port: int, device: str) -> None:
    """All 256 byte values were received, unchanged and in order."""
    card = world.cards[device]
    typed, seen = card.sent[port], card.received[port]
    check(seen == typed and len(typed) == 256, f"{typed.hex()} and all other bytes", seen.hex() or "nothing")
