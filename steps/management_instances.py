"""Management interface: how many devices of a type can be created."""

from __future__ import annotations

from mdevref.suite.scenario.vocabulary import Mismatch, World, check, shown, then, when


def _available(world: World, type: str) -> int:
    text = world.files.read(f"{world.types.named(type).path}/available_instances")
    try:
        return int(text)
    except ValueError:
        raise Mismatch("a number of instances", shown(text)) from None


@when("a device is created for every available instance of {type:Type}")
def exhaust(world: World, type: str) -> None:
    """Create as many devices as the type said were available when it was chosen, whatever comes of each."""
    for number in range(world.types.noted or 0):
        world.devices.create(f"device {number}", world.types.named(type))


@then("fewer instances of {type:Type} are available than were noted")
def fewer_available(world: World, type: str) -> None:
    """``available_instances`` is lower than it was."""
    seen = _available(world, type)
    check(world.types.noted is not None and seen < world.types.noted, f"fewer instances than {world.types.noted}", seen)


@then("as many instances of {type:Type} are available as were noted")
def as_many_available(world: World, type: str) -> None:
    """``available_instances`` is what it was."""
    seen = _available(world, type)
    check(seen == world.types.noted, f"{world.types.noted} instances", seen)
