"""Checks of a description beyond its schema, such as unknown eras and drivers, or duplicate parents."""

from __future__ import annotations

import errno
from collections.abc import Iterator

from mdevref.drivers.placed import PlacedDriver
from mdevref.drivers.vendor import VendorDriver
from mdevref.host import DRIVERS, find_era
from mdevref.hosts.description import Description, MdevTypeFault, Parent, RemoveFault
from mdevref.hosts.source import Key, Source
from mdevref.mdev.eras import Era

_ERRNOS = frozenset(errno.errorcode.values())


def check(description: Description, source: Source) -> None:
    """Raise a :class:`~mdevref.hosts.source.HostError` for the first problem found."""
    for key, reason in _problems(description):
        raise source.problem(key, reason)


def driver_of(parent: Parent) -> type[VendorDriver]:
    """Return the class of the parent's driver, which must be a known driver."""
    factory = DRIVERS[parent.driver]
    assert isinstance(factory, type)
    assert issubclass(factory, VendorDriver)
    return factory


def name_of(parent: Parent) -> str:
    """Return the parent's name in /sys, which is its address or its driver's name."""
    driver = driver_of(parent)
    if not issubclass(driver, PlacedDriver):
        return parent.driver
    return parent.address or driver.defaults["addresses"]


def _problems(description: Description) -> Iterator[tuple[Key, str]]:
    try:
        era = find_era(description.era)
    except ValueError as error:
        yield ("era",), str(error)
        return
    if not description.bus_driver and not era.has_bus_driver:
        yield ("bus_driver",), f"invalid bus_driver: kernels of era {era.name} have no bus driver"
    seen: dict[str, Parent] = {}
    uuids: set[str] = set()
    for number, parent in enumerate(description.parents):
        key: Key = ("parents", number)
        for inner, reason in _of_parent(parent, era, list(seen.values())):
            yield (*key, *inner), reason
        name = name_of(parent)
        if name in seen:
            yield key, f"duplicate parent {name}"
        seen[name] = parent
        for place, device in enumerate(parent.devices):
            if device.uuid in uuids:
                yield (*key, "devices", place, "uuid"), f"duplicate device {device.uuid}"
            uuids.add(device.uuid)


def _of_parent(parent: Parent, era: Era, before: list[Parent]) -> Iterator[tuple[Key, str]]:
    if parent.driver not in DRIVERS:
        yield ("driver",), f"unknown driver {parent.driver!r} (choose from {', '.join(DRIVERS)})"
    driver = driver_of(parent)
    if parent.address is not None:
        if not issubclass(driver, PlacedDriver):
            yield ("address",), f"{parent.driver} does not take an address"
        else:
            try:
                driver.hardware.check(parent.address)
            except OSError:
                yield ("address",), f"invalid address {parent.address!r} (expected {driver.hardware.form})"
    options = driver.defaults.keys() - {"addresses"}
    for option in parent.options:
        if option not in options:
            known = ", ".join(sorted(options)) or "none"
            yield ("options", option), f"unknown option {option!r} for {parent.driver} (known: {known})"
    for other in before:
        if other.driver == parent.driver and parent.options:
            yield ("options",), f"options of {parent.driver} are only allowed with its first parent"
        if other.driver == parent.driver and other.registered_after != parent.registered_after:
            yield ("registered_after",), f"registered_after must be the same for all parents of {parent.driver}"
    if parent.devices and parent.registered_after:
        yield ("devices",), "a parent with registered_after cannot have devices"
    for number, device in enumerate(parent.devices):
        if device.in_use and device.vanishes:
            yield ("devices", number), "in_use and vanishes cannot be combined"
    yield from _of_faults(parent, era)


def _of_faults(parent: Parent, era: Era) -> Iterator[tuple[Key, str]]:
    for number, fault in enumerate(parent.faults):
        key: Key = ("faults", number)
        if not isinstance(fault, MdevTypeFault) and fault.errno not in _ERRNOS:
            yield (*key, "errno"), f"unknown errno {fault.errno!r}"
        if isinstance(fault, RemoveFault) and era.core_owns_types:
            yield key, f"a vendor driver cannot refuse a removal in kernels of era {era.name}"
