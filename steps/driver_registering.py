"""Driver interface: physical devices and bus drivers are registered and unregistered."""

from __future__ import annotations

import errno
from functools import partial

from mdevref.suite.interface.drivers import BusDriver, Ops, Placement
from mdevref.suite.interface.unsupported import Unsupported
from mdevref.suite.scenario.vocabulary import (
    SOMEWHERE,
    TYPES,
    Mediated,
    Outcome,
    Parent,
    Type,
    World,
    check,
    given,
    name_of,
    then,
    when,
)

# -- Physical devices


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
    """The types of the ops, in their order, become those that the scenario can choose from."""
    try:
        ids = world.files.listdir(f"{parent.path}/{TYPES}")
    except OSError:  # that there are none is for a step to say
        return
    suffixes = [f"-{(name or '').replace('/', '!')}" for name in ops.types]
    found = [Type(parent, id) for suffix in suffixes for id in ids if id.endswith(suffix)]
    world.types.chosen += [type for type in found if type not in world.types.chosen]


def _registered(world: World, device: str, placement: Placement, ops: Ops | None) -> None:
    _add(world, device, placement)
    outcome = _register(world, device, ops)
    if not outcome.succeeded:
        raise Unsupported(f"the stage cannot be set: registering {device}: {outcome}")


@given("a physical device {device:Device}")
def physical_device(world: World, device: str) -> None:
    """Make a physical device, which nobody has registered."""
    _add(world, device, SOMEWHERE)


@given("a physical device {device:Device} {where:Where}")
def physical_device_at(world: World, device: str, where: Placement) -> None:
    """Make a physical device with this driver, bus or class, which nobody has registered."""
    _add(world, device, where)


@given('a physical device {device:Device} named "{name:Entry}" {where:Where}')
def named_physical_device_at(world: World, device: str, name: str, where: Placement) -> None:
    """Make a physical device of this name, which nobody has registered."""
    _add(world, device, where, name)


@given("a registered physical device {device:Device}")
def registered(world: World, device: str) -> None:
    """Make a physical device and register it with complete ops and two types."""
    _registered(world, device, SOMEWHERE, Ops())


@given("a registered physical device {device:Device} {ops:Ops}")
def registered_with(world: World, device: str, ops: Ops) -> None:
    """Make a physical device and register it with these ops."""
    _registered(world, device, SOMEWHERE, ops)


@given("a registered physical device {device:Device} {where:Where} {ops:Ops}")
def registered_at_with(world: World, device: str, where: Placement, ops: Ops) -> None:
    """Make a physical device with this driver, bus or class, and register it with these ops."""
    _registered(world, device, where, ops)


@given('a child device "{name:Entry}" of {device:Device} that is no mediated device')
def child_device(world: World, name: str, device: str) -> None:
    """Make a device below a physical device."""
    world.drivers.interface.add_child(world.devices[device].path, name)


@given("a mediated device {device:Device} of {parent:Device}")
def mediated_device_of_parent(world: World, device: str, parent: str) -> None:
    """Create a mediated device of the first type of a physical device."""
    path = world.devices[parent].path
    outcome = world.devices.create(device, next(type for type in world.types.chosen if type.parent.path == path))
    if not outcome.succeeded:
        raise Unsupported(f"the stage cannot be set: creating a device of {parent}: {outcome}")


@when("{device:Device} is registered")
def register(world: World, device: str) -> None:
    """Register a physical device with complete ops and two types."""
    _register(world, device, Ops())


@when("{device:Device} is registered {ops:Ops}")
def register_with(world: World, device: str, ops: Ops | None) -> None:
    """Register a physical device with these ops."""
    _register(world, device, ops)


@when("no device is registered as a parent")
def register_nothing(world: World) -> None:
    """Register with complete ops, but without a physical device."""
    world.outcomes.attempt(partial(world.drivers.interface.register_device, None, Ops()))


@when("{device:Device} is unregistered")
def unregister(world: World, device: str) -> None:
    """Unregister a physical device."""
    world.drivers.interface.unregister_device(world.devices[device].path)


@when("registering {device:Device} begins")
def begin_registering(world: World, device: str) -> None:
    """Register a physical device with complete ops, beside the scenario: it may wait."""
    path = world.devices[device].path
    world.writers.start("the registering", partial(world.drivers.interface.register_device, path, Ops()))


@when("unregistering {device:Device} begins")
def begin_unregistering(world: World, device: str) -> None:
    """Unregister a physical device, beside the scenario: it may wait."""
    path = world.devices[device].path
    world.writers.start("the unregistering", partial(world.drivers.interface.unregister_device, path))


@when('{device:Device} is bound to the driver "{driver:Entry}"')
def bind_physical_device(world: World, device: str, driver: str) -> None:
    """Bind a physical device to a driver of its bus."""
    world.drivers.interface.bind_device(world.devices[device].path, driver)


@then("the registration succeeds")
def registration_succeeds(world: World) -> None:
    """The last registration gave no error."""
    check(world.outcomes.last.succeeded, "that the registration succeeds", world.outcomes.last)


@then("the registration fails")
def registration_fails(world: World) -> None:
    """The last registration gave an error, whichever."""
    check(world.outcomes.last.errno, "that the registration fails", world.outcomes.last)


@then("the registration fails with {errno:Errno}")
def registration_fails_with(world: World, errno: int) -> None:
    """The last registration gave this error."""
    check(world.outcomes.last.errno == errno, name_of(errno), world.outcomes.last)


# -- Bus drivers and modules


@given("no bus driver is loaded")
def no_bus_driver(world: World) -> None:
    """Unload the bus driver that is a module of its own, if there is one, until the scenario ends."""
    try:
        world.modules.unload("vfio_mdev")
    except OSError as error:
        if error.errno != errno.ENOENT:  # from 6.1 on there is no such module
            raise


def _register_driver(world: World, driver: BusDriver) -> Outcome:
    return world.outcomes.attempt(partial(world.drivers.interface.register_driver, driver))


def _registered_driver(world: World, driver: BusDriver) -> None:
    outcome = _register_driver(world, driver)
    if not outcome.succeeded:
        raise Unsupported(f"the stage cannot be set: registering the bus driver {driver}: {outcome}")


@given('the bus driver "{name:Entry}" is registered')
def bus_driver(world: World, name: str) -> None:
    """Register a bus driver that accepts every device."""
    _registered_driver(world, BusDriver(name))


@given('the bus driver "{name:Entry}" is registered without "{members:List}"')
def bus_driver_without(world: World, name: str, members: list[str]) -> None:
    """Register a bus driver that lacks these members."""
    _registered_driver(world, BusDriver(name, frozenset(members)))


@given('the module "{module:Entry}" is loaded')
def module(world: World, module: str) -> None:
    """Load a module that does nothing of itself."""
    world.drivers.interface.add_module(module)


@when('the bus driver "{name:Text}" is registered')
def register_driver(world: World, name: str) -> None:
    """Register a bus driver that accepts every device."""
    _register_driver(world, BusDriver(name))


@when("a bus driver without a name is registered")
def register_nameless_driver(world: World) -> None:
    """Register a bus driver that has no name, not even an empty one."""
    _register_driver(world, BusDriver(None))


@when('the bus driver "{name:Entry}" is registered without "{members:List}"')
def register_driver_without(world: World, name: str, members: list[str]) -> None:
    """Register a bus driver that lacks these members."""
    _register_driver(world, BusDriver(name, frozenset(members)))


@when('the bus driver "{name:Entry}" of the module "{module:Entry}" is registered')
def register_driver_of_module(world: World, name: str, module: str) -> None:
    """Register a bus driver as one of this module."""
    _register_driver(world, BusDriver(name, module=module))


@when('the bus driver "{name:Entry}" is unregistered')
def unregister_driver(world: World, name: str) -> None:
    """Unregister the bus driver of this name, or one of this name that never was registered."""
    world.drivers.interface.unregister_driver(name, False)


@when('the bus driver "{name:Entry}" that was refused is unregistered')
def unregister_refused_driver(world: World, name: str) -> None:
    """Unregister the bus driver whose registration under this name has failed."""
    world.drivers.interface.unregister_driver(name, True)


@when('unloading the module "{module:Entry}" begins')
def begin_unloading(world: World, module: str) -> None:
    """Unload a module beside the scenario: it may wait."""
    world.modules.begin_unloading(module)


# -- What there is in the tree


@given("the entries of {device:Device} are noted")
def note_entries(world: World, device: str) -> None:
    """Look what stands in the directory of a physical device."""
    world.drivers.noted = world.files.listdir(world.devices[device].path)


@then("{device:Device} has the entries that were noted")
def has_noted_entries(world: World, device: str) -> None:
    """The directory of a physical device has no entry more and none less."""
    seen = world.files.listdir(world.devices[device].path)
    check(sorted(seen) == sorted(world.drivers.noted), ", ".join(world.drivers.noted), seen)


def _holds(world: World, path: str, entries: list[str]) -> None:
    seen = sorted(world.files.listdir(path))
    check(seen == sorted(entries), f"{', '.join(entries) or 'nothing'} in {path}", seen)


@then('"{entry:Entry}" of {device:Device} holds nothing')
def holds_nothing(world: World, entry: str, device: str) -> None:
    """A directory below that of a physical device is empty."""
    _holds(world, world.words.entry(entry, device), [])


@then('"{entry:Entry}" of {device:Device} holds "{entries:List}" and nothing else')
def holds(world: World, entry: str, device: str, entries: list[str]) -> None:
    """A directory below that of a physical device has these entries, and no others."""
    _holds(world, world.words.entry(entry, device), [world.words.text(one) for one in entries])


@then('"{link:Entry}" leads to "{path:Entry}"')
def leads_to(world: World, link: str, path: str) -> None:
    """A link, by its path below /sys, leads to this directory below /sys."""
    seen = world.tree.follow(link)
    check(seen == path, f"a link to {path}", seen)


@then("every IOMMU group has a device")
def no_empty_group(world: World) -> None:
    """There is no IOMMU group that nothing is in."""
    groups = world.files.listdir("kernel/iommu_groups")
    empty = [group for group in groups if not world.files.listdir(f"kernel/iommu_groups/{group}/devices")]
    check(not empty, "no empty IOMMU group", empty)


def _vfio_groups(world: World) -> list[str]:
    return world.files.listdir("class/vfio")


@then("there is a VFIO group of {device:Device}")
def vfio_group(world: World, device: str) -> None:
    """The class ``vfio`` has an entry that is named as the IOMMU group that the device is, or was last seen, in."""
    name = world.devices.group(device).rpartition("/")[2]
    check(name in _vfio_groups(world), f"{name} in class/vfio", _vfio_groups(world))


@then("there is no VFIO group of {device:Device}")
def no_vfio_group(world: World, device: str) -> None:
    """The class ``vfio`` has no entry that is named as the IOMMU group that the device is, or was last seen, in."""
    name = world.devices.group(device).rpartition("/")[2]
    check(name not in _vfio_groups(world), f"no {name} in class/vfio", _vfio_groups(world))


@then('a line of the kernel log names "{one:Entry}" and "{other:Entry}"')
def log_names(world: World, one: str, other: str) -> None:
    """There is a line in the kernel log since the scenario began that has both words."""
    log = world.drivers.interface.kernel_log()
    words = world.words.text(one), world.words.text(other)
    check(any(all(word in line for word in words) for line in log), f"a line with {' and '.join(words)}", log)
