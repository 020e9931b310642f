"""Driver interface: create, register and unregister physical devices."""

from __future__ import annotations

from functools import partial

from mdevref.suite.interface.drivers import Ops, Placement
from mdevref.suite.scenario.vocabulary import (
    SOMEWHERE,
    TYPES,
    Mediated,
    Outcome,
    Parent,
    Type,
    Unsupported,
    World,
    check,
    given,
    name_of,
    then,
    when,
)


def _add(world: World, device: str, placement: Placement, name: str = "") -> None:
    name = name or f"device{device}"
    world.devices[device] = Mediated(name, world.drivers.interface.add_device(name, placement))


def _register(world: World, device: str, ops: Ops | None) -> Outcome:
    path = world.devices[device].path
    outcome = world.outcomes.attempt(partial(world.drivers.interface.register_device, path, ops))
    if outcome.succeeded and ops:
        _choose_types(world, Parent(world.devices[device].uuid, path), ops)
    return outcome


def _choose_types(world: World, parent: Parent, ops: Ops) -> None:
    """Make the types of the ops, in their order, the types of the scenario."""
    try:
        ids = world.files.listdir(f"{parent.path}/{TYPES}")
    except OSError:  # a later step reports that the types are missing
        return
    suffixes = [f"-{(name or '').replace('/', '!')}" for name in ops.types]
    found = [Type(parent, id) for suffix in suffixes for id in ids if id.endswith(suffix)]
    world.types.chosen += [type for type in found if type not in world.types.chosen]


def _registered(world: World, device: str, placement: Placement, ops: Ops | None) -> None:
    _add(world, device, placement)
    outcome = _register(world, device, ops)
    if not outcome.succeeded:
        raise Unsupported(f"the preparation failed: registering {device}: {outcome}")


@given("a physical device {device:Device}")
def physical_device(world: World, device: str) -> None:
    """Create a physical device that is not registered."""
    _add(world, device, SOMEWHERE)


@given("a physical device {device:Device} {where:Where}")
def physical_device_at(world: World, device: str, where: Placement) -> None:
    """Create a physical device with this driver, bus or class. It is not registered."""
    _add(world, device, where)


@given('a physical device {device:Device} named "{name:Entry}" {where:Where}')
def named_physical_device_at(world: World, device: str, name: str, where: Placement) -> None:
    """Create a physical device with this name. It is not registered."""
    _add(world, device, where, name)


@given("a registered physical device {device:Device}")
def registered(world: World, device: str) -> None:
    """Create a physical device and register it with complete ops and two types."""
    _registered(world, device, SOMEWHERE, Ops())


@given("a registered physical device {device:Device} {ops:Ops}")
def registered_with(world: World, device: str, ops: Ops) -> None:
    """Create a physical device and register it with these ops."""
    _registered(world, device, SOMEWHERE, ops)


@given("a registered physical device {device:Device} {where:Where} {ops:Ops}")
def registered_at_with(world: World, device: str, where: Placement, ops: Ops) -> None:
    """Create a physical device with this driver, bus or class, and register it with these ops."""
    _registered(world, device, where, ops)


@given('a child device "{name:Entry}" of {device:Device} that is not a mediated device')
def child_device(world: World, name: str, device: str) -> None:
    """Create a child device of a physical device."""
    world.drivers.interface.add_child(world.devices[device].path, name)


@given("a mediated device {device:Device} of {parent:Device}")
def mediated_device_of_parent(world: World, device: str, parent: str) -> None:
    """Create a mediated device of the first type of a physical device."""
    path = world.devices[parent].path
    outcome = world.devices.create(device, next(type for type in world.types.chosen if type.parent.path == path))
    if not outcome.succeeded:
        raise Unsupported(f"the preparation failed: creating a device of {parent}: {outcome}")


@when("{device:Device} is registered")
def register(world: World, device: str) -> None:
    """Register a physical device with complete ops and two types."""
    _register(world, device, Ops())


@when("{device:Device} is registered {ops:Ops}")
def register_with(world: World, device: str, ops: Ops | None) -> None:
    """Register a physical device with these ops."""
    _register(world, device, ops)


@when("a NULL device is registered")
def register_nothing(world: World) -> None:
    """Register NULL in place of a physical device, with complete ops."""
    world.outcomes.attempt(partial(world.drivers.interface.register_device, None, Ops()))


@when("{device:Device} is unregistered")
def unregister(world: World, device: str) -> None:
    """Unregister a physical device."""
    world.drivers.interface.unregister_device(world.devices[device].path)


@when("registration of {device:Device} begins")
def begin_registering(world: World, device: str) -> None:
    """Start to register a physical device with complete ops. The call may block."""
    path = world.devices[device].path
    world.writers.start("the registration", partial(world.drivers.interface.register_device, path, Ops()))


@when("unregistration of {device:Device} begins")
def begin_unregistering(world: World, device: str) -> None:
    """Start to unregister a physical device. The call may block."""
    path = world.devices[device].path
    world.writers.start("the unregistration", partial(world.drivers.interface.unregister_device, path))


@when('{device:Device} is bound to the driver "{driver:Entry}"')
def bind_physical_device(world: World, device: str, driver: str) -> None:
    """Bind a physical device to a driver of its bus."""
    world.drivers.interface.bind_device(world.devices[device].path, driver)


@then("the registration succeeds")
def registration_succeeds(world: World) -> None:
    """The last registration succeeded."""
    check(world.outcomes.last.succeeded, "the registration to succeed", world.outcomes.last)


@then("the registration fails")
def registration_fails(world: World) -> None:
    """The last registration failed with any errno."""
    check(world.outcomes.last.errno, "the registration to fail", world.outcomes.last)


@then("the registration fails with {errno:Errno}")
def registration_fails_with(world: World, errno: int) -> None:
    """The last registration failed with this errno."""
    check(world.outcomes.last.errno == errno, name_of(errno), world.outcomes.last)
