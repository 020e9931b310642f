"""Sample interface: the ports of a card, register by register."""

from __future__ import annotations

from mdevref.suite.scenario.vocabulary import World, check, then, when


@when('"{writes:Writes}" is written to the registers of port {port:Port} of {device:Device}')
def write_registers(world: World, writes: list[tuple[str, int]], port: int, device: str) -> None:
    """Write a byte, in hexadecimal, to each of the registers, in this order."""
    for register, value in writes:
        world.cards[device].write(port, register, value)


@when('"{text:Text}" is sent to port {port:Port} of {device:Device}')
def send(world: World, text: str, port: int, device: str) -> None:
    """Write the bytes to TX, one by one."""
    world.cards[device].send(port, world.words.data(text))


@when("{count:Number} bytes are sent to port {port:Port} of {device:Device}")
def send_some(world: World, count: int, port: int, device: str) -> None:
    """Write so many bytes to TX, each one higher than the last."""
    world.cards[device].send(port, bytes(range(0x41, 0x41 + count)))


@when("{count:Number} bytes are received from port {port:Port} of {device:Device}")
def receive(world: World, count: int, port: int, device: str) -> None:
    """Read RX so many times."""
    world.cards[device].receive(port, count)


@when("the bytes {written:Bytes} are written at once to {register:Register} of port {port:Port} of {device:Device}")
def write_at_once(world: World, written: bytes, register: str, port: int, device: str) -> None:
    """Write several bytes in one pwrite(2), from a register on."""
    world.cards[device].write_at_once(port, register, written)


@when("{count:Number} bytes are read at once at {register:Register} of port {port:Port} of {device:Device}")
def read_at_once(world: World, count: int, register: str, port: int, device: str) -> None:
    """Read several bytes in one pread(2), from a register on."""
    world.outcomes.texts = [world.cards[device].read_at_once(port, register, count)]


@then("{register:Register} of port {port:Port} of {device:Device} reads {value:Byte}")
def reads(world: World, register: str, port: int, device: str, value: int) -> None:
    """A register has this byte, in hexadecimal."""
    seen = world.cards[device].read(port, register)
    check(seen == value, f"{register} {value:02x}", f"{seen:02x}")


@then('"{text:Text}" is received from port {port:Port} of {device:Device}')
def received(world: World, text: str, port: int, device: str) -> None:
    """RX gives these bytes, one by one."""
    expected = world.words.data(text)
    seen = world.cards[device].receive(port, len(expected))
    check(seen == expected, f'"{text}"', seen)


@then("what was sent to port {port:Port} of {device:Device} is received from it")
def received_what_was_sent(world: World, port: int, device: str) -> None:
    """RX gives, after what was received before, the rest of what was sent."""
    card = world.cards[device]
    card.receive(port, len(card.sent[port]) - len(card.received[port]))
    check(card.received[port] == card.sent[port], card.sent[port].hex(), card.received[port].hex())


@then("the first byte that was read is {value:Byte}")
def first_byte(world: World, value: int) -> None:
    """What was read at once begins with this byte, in hexadecimal; the others are nobody's."""
    check(world.outcomes.text[:1] == bytes((value,)), f"{value:02x} first", world.outcomes.text.hex())
