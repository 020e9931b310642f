"""Sample interface: the configuration space of a card."""

from __future__ import annotations

from mdevref.suite.scenario.vocabulary import World, check, then, when


@when("the bytes {written:Bytes} are written to the configuration space of {device:Device} at {offset:Offset}")
def write_config(world: World, written: bytes, device: str, offset: int) -> None:
    """Write bytes, in hexadecimal, in one pwrite(2)."""
    count = world.cards[device].write_config(offset, written)
    check(count == len(written), f"that all {len(written)} bytes are taken", count)


@then("the configuration space of {device:Device} has {expected:Bytes} at {offset:Offset}")
def config_has(world: World, device: str, expected: bytes, offset: int) -> None:
    """The bytes, in hexadecimal, that are read in one pread(2)."""
    seen = world.cards[device].read_config(offset, len(expected))
    check(seen == expected, f"{expected.hex()} at {offset:#04x}", seen.hex())


@then("the configuration space of {device:Device} has {count:Number} bytes of zero at {offset:Offset}")
def config_is_zero(world: World, device: str, count: int, offset: int) -> None:
    """Nothing but zeros is read in one pread(2)."""
    seen = world.cards[device].read_config(offset, count)
    check(seen == bytes(count), f"{count} bytes of zero at {offset:#04x}", seen.hex())
