"""Management interface: the number of devices of a type that can be created."""

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
    """Create as many devices as the type reported available when it was selected. Each write may fail."""
    for number in range(world.types.noted or 0):
        world.devices.create(f"device {number}", world.types.named(type))


@then('"available_instances" of {type:Type} is lower than noted')
def fewer_available(world: World, type: str) -> None:
    """``available_instances`` is lower than the recorded value."""
    seen = _available(world, type)
    check(world.types.noted is not None and seen < world.types.noted, f"fewer than {world.types.noted} instances", seen)


@then('"available_instances" of {type:Type} is as noted')
def as_many_available(world: World, type: str) -> None:
    """``available_instances`` equals the recorded value."""
    seen = _available(world, type)
    check(seen == world.types.noted, f"{world.types.noted} instances", seen)
