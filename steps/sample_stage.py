"""Sample interface: cards of the sample driver, held open by a user."""

from __future__ import annotations

from mdevref.suite.scenario.vocabulary import SAMPLE, Parent, Type, Unsupported, World, given, when


def _parent(world: World) -> Parent:
    for parent in world.tree.parents():
        if parent.name == SAMPLE:
            return parent
    raise Unsupported(f"there is no parent {SAMPLE}: the sample driver is not loaded")


def _type(world: World, count: int) -> Type:
    return Type(_parent(world), f"{SAMPLE}-{count}")


@given("the parent of the sample driver")
def sample_parent(world: World) -> None:
    """Select the parent of the sample driver."""
    world.types.parent_chosen = _parent(world)


@given("the type of cards with {count:Ports}")
def sample_type(world: World, count: int) -> None:
    """Select one of the two types of the sample driver."""
    world.types.chosen = [_type(world, count)]


@given("the types of cards with one port and with two ports")
def sample_types(world: World) -> None:
    """Select both types of the sample driver. The first has one port, the second has two."""
    world.types.chosen = [_type(world, 1), _type(world, 2)]


@given("a card {device:Device} with {count:Ports}")
def card(world: World, device: str, count: int) -> None:
    """Create a device of the sample driver and hold it open."""
    outcome = world.devices.create(device, _type(world, count))
    if not outcome.succeeded:
        raise Unsupported(f"the preparation failed: creating a card: {outcome}")
    world.cards.hold(device)


@when("{device:Device} is closed and opened again")
def reopen(world: World, device: str) -> None:
    """Close the card and open it again."""
    world.devices.close(device)
    world.cards.hold(device)


@when("{count:Number} devices of {type:Type} are created")
def create_several(world: World, count: int, type: str) -> None:
    """Create this many devices. Each write may fail."""
    for number in range(count):
        world.devices.create(f"device {number}", world.types.named(type))
