"""Sample interface: the configuration space of a card."""

from __future__ import annotations

from mdevref.suite.scenario.vocabulary import World, check, then, when


@when("the bytes {written:Bytes} are written to the configuration space of {device:Device} at {offset:Offset}")
def write_config(world: World, written: bytes, device: str, offset: int) -> None:
    """Write these hexadecimal bytes in one pwrite(2)."""
    count = world.cards[device].write_config(offset, written)
    check(count == len(written), f"all {len(written)} bytes to be written", count)


@then("the configuration space of {device:Device} has {expected:Bytes} at {offset:Offset}")
def config_has(world: World, device: str, expected: bytes, offset: int) -> None:
    """One pread(2) returns these hexadecimal bytes."""
    seen = world.cards[device].read_config(offset, len(expected))
    check(seen == expected, f"{expected.hex()} at {offset:#04x}", seen.hex())


@then("the configuration space of {device:Device} has {count:Number} zero bytes at {offset:Offset}")
def config_is_zero(world: World, device: str, count: int, offset: int) -> None:
    """One pread(2) returns only zero bytes."""
    seen = world.cards[device].read_config(offset, count)
    check(seen == bytes(count), f"{count} zero bytes at {offset:#04x}", seen.hex())
