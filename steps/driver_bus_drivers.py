"""Driver interface: register and unregister bus drivers, and unload modules."""

from __future__ import annotations

import errno
from functools import partial

from mdevref.suite.interface.drivers import BusDriver
from mdevref.suite.scenario.vocabulary import Outcome, Unsupported, World, given, when


@given("no bus driver is loaded")
def no_bus_driver(world: World) -> None:
    """Unload the module ``vfio_mdev``, if the kernel has it, until the scenario ends."""
    try:
        world.modules.unload("vfio_mdev")
    except OSError as error:
        if error.errno != errno.ENOENT:  # this module does not exist from 6.1 on
            raise


def _register_driver(world: World, driver: BusDriver) -> Outcome:
    return world.outcomes.attempt(partial(world.drivers.interface.register_driver, driver))


def _registered_driver(world: World, driver: BusDriver) -> None:
    outcome = _register_driver(world, driver)
    if not outcome.succeeded:
        raise Unsupported(f"the preparation failed: registering the bus driver {driver}: {outcome}")


@given('the bus driver "{name:Entry}" is registered')
def bus_driver(world: World, name: str) -> None:
    """Register a bus driver that accepts every device."""
    _registered_driver(world, BusDriver(name))


@given('the bus driver "{name:Entry}" is registered without "{members:List}"')
def bus_driver_without(world: World, name: str, members: list[str]) -> None:
    """Register a bus driver without these members."""
    _registered_driver(world, BusDriver(name, frozenset(members)))


@given('the module "{module:Entry}" is loaded')
def module(world: World, module: str) -> None:
    """Load a module that contains nothing."""
    world.drivers.interface.add_module(module)


@when('the bus driver "{name:Text}" is registered')
def register_driver(world: World, name: str) -> None:
    """Register a bus driver that accepts every device."""
    _register_driver(world, BusDriver(name))


@when("a bus driver without a name is registered")
def register_nameless_driver(world: World) -> None:
    """Register a bus driver whose name is NULL."""
    _register_driver(world, BusDriver(None))


@when('the bus driver "{name:Entry}" is registered without "{members:List}"')
def register_driver_without(world: World, name: str, members: list[str]) -> None:
    """Register a bus driver without these members."""
    _register_driver(world, BusDriver(name, frozenset(members)))


@when('the bus driver "{name:Entry}" of the module "{module:Entry}" is registered')
def register_driver_of_module(world: World, name: str, module: str) -> None:
    """Register a bus driver with this module as its owner."""
    _register_driver(world, BusDriver(name, module=module))


@when('the bus driver "{name:Entry}" is unregistered')
def unregister_driver(world: World, name: str) -> None:
    """Unregister the bus driver with this name, which need not be registered."""
    world.drivers.interface.unregister_driver(name, False)


@when('the rejected bus driver "{name:Entry}" is unregistered')
def unregister_refused_driver(world: World, name: str) -> None:
    """Unregister the bus driver whose registration with this name failed."""
    world.drivers.interface.unregister_driver(name, True)


@when('unloading of the module "{module:Entry}" begins')
def begin_unloading(world: World, module: str) -> None:
    """Start to unload a module. Unloading may block."""
    world.modules.begin_unloading(module)
