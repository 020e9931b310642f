"""Management interface: load and unload drivers; the scripted vendor driver, which refuses and blocks on request."""

from __future__ import annotations

from typing import Literal

from mdevref.suite.scenario.vocabulary import Type, Unsupported, World, check, given, then, when


def _load_scripted(world: World, without: tuple[str, ...] = ()) -> None:
    vendor = world.vendor.load(without)
    parent = next((parent for parent in world.tree.parents() if parent.name == vendor.parent), None)
    if parent is None:
        raise Unsupported(f"the class lists no parent {vendor.parent}")
    world.types.chosen = [Type(parent, vendor.types[0])]


@given("the scripted vendor driver")
def scripted_vendor_driver(world: World) -> None:
    """Load the scripted vendor driver and select its parent and its first type."""
    _load_scripted(world)


@given('the scripted vendor driver without "{entry:Entry}"')
def scripted_vendor_driver_without(world: World, entry: str) -> None:
    """Load the scripted vendor driver with types that lack this attribute."""
    _load_scripted(world, (entry,))


@given("create of the vendor driver fails with {errno:Errno}")
def refuse_create(world: World, errno: int) -> None:
    """From now on ``create`` of the scripted vendor driver fails with this errno."""
    world.vendor.driver.refuse_create(errno)


@given("remove of the vendor driver fails with {errno:Errno}")
def refuse_remove(world: World, errno: int) -> None:
    """From now on ``remove`` of the scripted vendor driver fails with this errno."""
    world.vendor.driver.refuse_remove(errno)


@given("probe of the vendor driver fails with {errno:Errno}")
def refuse_bind(world: World, errno: int) -> None:
    """From now on binding a driver to a device of the scripted vendor driver fails with this errno."""
    world.vendor.driver.refuse_probe(errno)


@given("{callback:Callback} of the vendor driver blocks")
def stop_inside(world: World, callback: Literal["create", "remove"]) -> None:
    """From now on this callback of the scripted vendor driver blocks until the scenario lets it continue."""
    world.vendor.stop_inside(callback)


@when("the writer is blocked in the vendor driver")
def reached(world: World) -> None:
    """Wait until the writer is blocked in the callback of the scripted vendor driver."""
    # Check this first: waiting for a writer that has already returned would last until the driver's deadline.
    check(world.writers.waits("the writer"), "the writer to be blocked in the vendor driver", "it returned")
    world.vendor.await_held()


@when("the vendor driver continues")
def go_on(world: World) -> None:
    """Let the callback of the scripted vendor driver return, now and in later calls."""
    world.writers.settle()  # otherwise a second writer might start only after the first has ended
    world.vendor.go_on()


@then("remove of the vendor driver was called once for {device:Device}")
def asked_once(world: World, device: str) -> None:
    """``remove`` of the scripted vendor driver was called exactly once for this device."""
    calls = world.vendor.driver.calls().count(("remove", world.devices[device].uuid))
    check(calls == 1, "1 call of remove", calls)


@when("the vendor driver of the parent is unloaded")
def unload(world: World) -> None:
    """Unload the module that registered the parent. Unloading must succeed."""
    world.modules.unload(world.modules.of_parent())


@when("the vendor driver of the parent is loaded again")
def load_again(world: World) -> None:
    """Load the module that was unloaded. Loading must succeed."""
    world.modules.load_again()


@when("every vendor driver is unloaded")
def unload_all(world: World) -> None:
    """Unload all modules that registered a parent. Unloading must succeed."""
    for module in sorted(world.machine.vendor_drivers()):
        world.modules.unload(module)


@when("unloading of the vendor driver of the parent begins")
def begin_unloading(world: World) -> None:
    """Start to unload the module that registered the parent. Unloading may block."""
    world.modules.begin_unloading(world.modules.of_parent())


@given('the bus driver "{module:Entry}" is not loaded')
def without_bus_driver(world: World, module: str) -> None:
    """Unload a bus driver until the scenario ends."""
    world.modules.unload(module)


@when('the bus driver "{module:Entry}" is unloaded')
def unload_bus_driver(world: World, module: str) -> None:
    """Unload a bus driver. Unloading must succeed."""
    world.modules.unload(module)


@when('the bus driver "{module:Entry}" is loaded')
def load_bus_driver(world: World, module: str) -> None:
    """Load a bus driver again. Loading must succeed."""
    world.modules.load_again(module)
