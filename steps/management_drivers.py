"""Management interface: load and unload drivers; the scripted vendor driver, which refuses and stops on request."""

from __future__ import annotations

from typing import Literal

from mdevref.suite.interface.unsupported import Unsupported
from mdevref.suite.scenario.vocabulary import Type, World, check, given, then, when


def _load_scripted(world: World, without: tuple[str, ...] = ()) -> None:
    vendor = world.vendor.load(without)
    parent = next((parent for parent in world.tree.parents() if parent.name == vendor.parent), None)
    if parent is None:
        raise Unsupported(f"the class lists no parent {vendor.parent}")
    world.types.chosen = [Type(parent, vendor.types[0])]


@given("the scripted vendor driver")
def scripted_vendor_driver(world: World) -> None:
    """Load the vendor driver that does as it is told, and choose its parent and its first type."""
    _load_scripted(world)


@given('the scripted vendor driver without "{entry:Entry}"')
def scripted_vendor_driver_without(world: World, entry: str) -> None:
    """Load the vendor driver that does as it is told, with types that have no such attribute."""
    _load_scripted(world, (entry,))


@given("the vendor driver refuses to create with {errno:Errno}")
def refuse_create(world: World, errno: int) -> None:
    """From now on the scripted vendor driver gives this error when it is asked to create a device."""
    world.vendor.driver.refuse_create(errno)


@given("the vendor driver refuses to remove with {errno:Errno}")
def refuse_remove(world: World, errno: int) -> None:
    """From now on the scripted vendor driver gives this error when it is asked to remove a device."""
    world.vendor.driver.refuse_remove(errno)


@given("the vendor driver refuses to bind with {errno:Errno}")
def refuse_bind(world: World, errno: int) -> None:
    """From now on binding a driver to a device of the scripted vendor driver gives this error."""
    world.vendor.driver.refuse_probe(errno)


@given("the vendor driver stops inside {callback:Callback}")
def stop_inside(world: World, callback: Literal["create", "remove"]) -> None:
    """From now on the scripted vendor driver does not return from this callback until it is told to go on."""
    world.vendor.stop_inside(callback)


@when("the vendor driver has been reached")
def reached(world: World) -> None:
    """Wait until the writer stands inside the callback that the scripted vendor driver stops in."""
    # Asked for first, so that a writer who never got there does not keep the suite until the driver's deadline.
    check(world.writers.waits("the writer"), "that the vendor driver is asked", "the writer has returned")
    world.vendor.await_held()


@when("the vendor driver goes on")
def go_on(world: World) -> None:
    """Let the scripted vendor driver return from its callback, now and from now on."""
    world.writers.settle()  # a second writer that comes only after the first has ended would prove nothing
    world.vendor.go_on()


@then("the vendor driver was asked once to remove {device:Device}")
def asked_once(world: World, device: str) -> None:
    """The scripted vendor driver's callback was called once for this device."""
    calls = world.vendor.driver.calls().count(("remove", world.devices[device].uuid))
    check(calls == 1, "1 call of remove", calls)


@when("the vendor driver of the parent is unloaded")
def unload(world: World) -> None:
    """Unload the module that has registered the parent, which must succeed."""
    world.modules.unload(world.modules.of_parent())


@when("the vendor driver of the parent is loaded again")
def load_again(world: World) -> None:
    """Load the module that was unloaded, which must succeed."""
    world.modules.load_again()


@when("every vendor driver is unloaded")
def unload_all(world: World) -> None:
    """Unload all modules that have registered a parent, which must succeed."""
    for module in sorted(world.machine.vendor_drivers()):
        world.modules.unload(module)


@when("unloading the vendor driver of the parent begins")
def begin_unloading(world: World) -> None:
    """Unload the module that has registered the parent, beside the scenario: it may wait."""
    world.modules.begin_unloading(world.modules.of_parent())


@given('the bus driver "{module:Entry}" is not loaded')
def without_bus_driver(world: World, module: str) -> None:
    """Unload a bus driver, until the scenario ends."""
    world.modules.unload(module)


@when('the bus driver "{module:Entry}" is unloaded')
def unload_bus_driver(world: World, module: str) -> None:
    """Unload a bus driver, which must succeed."""
    world.modules.unload(module)


@when('the bus driver "{module:Entry}" is loaded')
def load_bus_driver(world: World, module: str) -> None:
    """Load a bus driver again, which must succeed."""
    world.modules.load_again(module)
