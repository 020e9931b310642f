"""Sample interface: the ports of a card, register by register."""

from __future__ import annotations

from mdevref.suite.scenario.vocabulary import World, check, then, when


@when('"{writes:Writes}" is written to the registers of port {port:Port} of {device:Device}')
def write_registers(world: World, writes: list[tuple[str, int]], port: int, device: str) -> None:
    """Write a hexadecimal byte to each register, in this order."""
    for register, value in writes:
        world.cards[device].write(port, register, value)


@when('"{text:Text}" is sent to port {port:Port} of {device:Device}')
def send(world: World, text: str, port: int, device: str) -> None:
    """Write the bytes to TX, one per write."""
    world.cards[device].send(port, world.words.data(text))


@when("{count:Number} bytes are sent to port {port:Port} of {device:Device}")
def send_some(world: World, count: int, port: int, device: str) -> None:
    """Write this many bytes to TX, each one higher than the last."""
    world.cards[device].send(port, bytes(range(0x41, 0x41 + count)))


@when("{count:Number} bytes are received from port {port:Port} of {device:Device}")
def receive(world: World, count: int, port: int, device: str) -> None:
    """Read RX this many times."""
    world.cards[device].receive(port, count)


@when("a byte is received from port {port:Port} of {device:Device}")
def receive_one(world: World, port: int, device: str) -> None:
    """Read RX once."""
    world.cards[device].receive(port, 1)


@when(
    "the bytes {written:Bytes} are written to {register:Register} of port {port:Port} of {device:Device} in one write"
)
def write_at_once(world: World, written: bytes, register: str, port: int, device: str) -> None:
    """Write several bytes in one pwrite(2), beginning at the register."""
    world.cards[device].write_at_once(port, register, written)


@when("{count:Number} bytes are read from {register:Register} of port {port:Port} of {device:Device} in one read")
def read_at_once(world: World, count: int, register: str, port: int, device: str) -> None:
    """Read several bytes in one pread(2), beginning at the register."""
    world.outcomes.texts = [world.cards[device].read_at_once(port, register, count)]


@then("{register:Register} of port {port:Port} of {device:Device} reads {value:Byte}")
def reads(world: World, register: str, port: int, device: str, value: int) -> None:
    """Reading the register returns this hexadecimal byte."""
    seen = world.cards[device].read(port, register)
    check(seen == value, f"{register} {value:02x}", f"{seen:02x}")


@then('"{text:Text}" is received from port {port:Port} of {device:Device}')
def received(world: World, text: str, port: int, device: str) -> None:
    """Reading RX returns these bytes, one per read."""
    expected = world.words.data(text)
    seen = world.cards[device].receive(port, len(expected))
    check(seen == expected, f'"{text}"', seen)


@then("every byte sent to port {port:Port} of {device:Device} is received from it")
def received_what_was_sent(world: World, port: int, device: str) -> None:
    """Reading RX returns all bytes sent that were not received before, in order."""
    card = world.cards[device]
    card.receive(port, len(card.sent[port]) - len(card.received[port]))
    check(card.received[port] == card.sent[port], card.sent[port].hex(), card.received[port].hex())


@then("the first byte read is {value:Byte}")
def first_byte(world: World, value: int) -> None:
    """The last read begins with this hexadecimal byte. The other bytes are undefined."""
    check(world.outcomes.text[:1] == bytes((value,)), f"{value:02x} as the first byte", world.outcomes.text.hex())
