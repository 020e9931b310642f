"""Management interface: choose parents and types that fit, create devices, and prepare the stage."""

from __future__ import annotations

from mdevref.suite.scenario.vocabulary import (
    BUS,
    Type,
    Unsupported,
    World,
    check,
    fewest,
    given,
    instances,
    shown,
    when,
)


def _device(world: World, name: str, type: Type) -> None:
    outcome = world.devices.create(name, type)
    if not outcome.succeeded:
        raise Unsupported(f"the preparation failed: creating a device of {type.id}: {outcome}")


@given("a parent")
def any_parent(world: World) -> None:
    """Select any parent."""
    world.types.parent_chosen = world.tree.types()[0].parent


@given("a parent whose vendor driver can be unloaded")
def unloadable_parent(world: World) -> None:
    """Select a parent whose vendor driver is a separate module, and its type with the most instances."""
    drivers = sorted(world.machine.vendor_drivers().values())
    found = [type for type in world.tree.types() if type.parent.name in drivers]
    if not found:
        raise Unsupported("there is no vendor driver that can be unloaded and loaded again")
    of_one = [type for type in found if type.parent == found[0].parent]
    world.types.chosen = [max(of_one, key=lambda type: instances(world.files, type))]


@given("a type with an instance available")
def type_with_instance(world: World) -> None:
    """Select any type with an available instance."""
    world.types.chosen = [world.types.find(1)]


@given("a type with at least {count:Count} instances available")
def type_with_instances(world: World, count: int) -> None:
    """Select any type with at least this many available instances."""
    world.types.chosen = [world.types.find(count)]


@given("the type with the fewest instances available")
def type_with_fewest_instances(world: World) -> None:
    """Select the type with the fewest available instances, but at least one."""
    type, world.types.noted = fewest(world.files, iter(world.tree.parents()))
    world.types.chosen = [type]


@given("two types with an instance available")
def two_types(world: World) -> None:
    """Select two types of one parent, each with an available instance."""
    for parent in world.tree.parents():
        found = [type for type in world.tree.types() if type.parent == parent and instances(world.files, type) > 1]
        if len(found) > 1:
            world.types.chosen = found[:2]
            return
    raise Unsupported("no parent has two types with instances available")


@given("two types of different parents")
def types_of_two_parents(world: World) -> None:
    """Select one type from each of two parents, each with an available instance."""
    first = world.types.find(1)
    world.types.chosen = [first, world.types.find(1, but=first.parent)]


@given("a type of another parent")
def type_of_another_parent(world: World) -> None:
    """Select a second type with an available instance, of another parent than the first."""
    world.types.chosen = [world.types.named(), world.types.find(1, but=world.types.parent)]


@given('a type that has "{entry:Entry}"')
def type_that_has(world: World, entry: str) -> None:
    """Select any type that has this attribute."""
    for type in world.tree.types():
        if entry in world.files.listdir(type.path):
            world.types.chosen = [type]
            return
    raise Unsupported(f"no type has {entry}")


@given("a mediated device {device:Device}")
def mediated_device(world: World, device: str) -> None:
    """Create a device of the selected type, or of any type."""
    _device(world, device, world.types.named())


@given("a mediated device {device:Device} of {type:Type}")
def mediated_device_of(world: World, device: str, type: str) -> None:
    """Create a device of this type."""
    _device(world, device, world.types.named(type))


@given("a mediated device {device:Device} of another parent")
def mediated_device_of_another_parent(world: World, device: str) -> None:
    """Create a device of a parent other than the selected one."""
    _device(world, device, world.types.find(1, but=world.types.parent))


@when("a mediated device {device:Device} of {type:Type} is created")
def create(world: World, device: str, type: str) -> None:
    """Create a device of this type. Creation must succeed."""
    outcome = world.devices.create(device, world.types.named(type))
    check(outcome.succeeded, f"the creation of {device} to succeed", outcome)


@when("{device:Device} is removed")
def remove(world: World, device: str) -> None:
    """Write 1 to ``remove`` of the device. The write must succeed."""
    outcome = world.devices.remove(device)
    check(outcome.succeeded, f"the removal of {device} to succeed", outcome)


@given("a user holds {device:Device} open")
def hold_open(world: World, device: str) -> None:
    """Open the device through its VFIO group, as a VMM does."""
    world.devices.hold(device)


@when('a user opens the mediated device "{uuid:Text}"')
def open_mediated_device(world: World, uuid: str) -> None:
    """Open a device through its VFIO group. Opening must succeed."""
    world.devices.hold(world.words.text(uuid))


@when("the user closes {device:Device}")
def close(world: World, device: str) -> None:
    """Close the device that the user holds open."""
    world.devices.close(device)


@given('"{entry:Entry}" of {place:Place} is open for writing')
def open_for_writing(world: World, entry: str, place: str) -> None:
    """Open an attribute and keep it open."""
    world.attributes.keep_open(world.words.entry(entry, place))


@given("the driver and the IOMMU group of {device:Device} are noted")
def note_driver_and_group(world: World, device: str) -> None:
    """Record the targets of the device's links, so that later steps can use them after the links are removed."""
    world.devices.driver(device)
    world.devices.group(device)


@given("{device:Device} is unbound")
def unbind(world: World, device: str) -> None:
    """Unbind the device from its driver."""
    world.files.write(f"{world.devices.driver(device)}/unbind", world.devices[device].uuid.encode())


@given("automatic binding of new devices is disabled")
def autoprobe_off(world: World) -> None:
    """Set ``drivers_autoprobe`` of the bus to 0 until the scenario ends."""
    world.undo.at_the_end(lambda: world.files.write(f"{BUS}/drivers_autoprobe", b"1"))
    world.files.write(f"{BUS}/drivers_autoprobe", b"0")


@given('"available_instances" of {type:Type} is noted')
def note_instances(world: World, type: str) -> None:
    """Record the current value of ``available_instances``."""
    text = world.files.read(f"{world.types.named(type).path}/available_instances")
    try:
        world.types.noted = int(text)
    except ValueError:
        raise Unsupported(f"the preparation failed: no number of instances is {shown(text)}") from None


@given("the uevents so far are discarded")
def pass_over_uevents(world: World) -> None:
    """Make later steps ignore the uevents sent so far."""
    world.uevents.pass_over()


@when("the uevents so far are discarded")
def pass_over_uevents_meanwhile(world: World) -> None:
    """Make later steps ignore the uevents sent so far."""
    world.uevents.pass_over()
