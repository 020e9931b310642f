"""Helpers for tests of the reference host: machines, device names, the errno of a failure."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mdevref.drivers.scripted import ScriptedDriver
from mdevref.host import Host
from mdevref.mdev.eras import ERAS

MTTY = "class/mdev_bus/mtty/mdev_supported_types/mtty-2"
SCRIPTED = "class/mdev_bus/scripted/mdev_supported_types/scripted-plain"

OLD = [name for name, era in ERAS.items() if era.has_bus_driver]  #: with vfio_mdev and parent ops
NEW = [name for name, era in ERAS.items() if not era.has_bus_driver]
GATED = [name for name, era in ERAS.items() if era.has_unregister_gate]


def uuid(number: int) -> str:
    """Return a different UUID for each number."""
    return f"{number:08x}-0000-4000-8000-000000000000"


def machine(era: str, *vendors: str) -> Host:
    """Return a host with the core, its bus driver if the era has one, and these vendor drivers."""
    host = Host(era)
    for module in ["vfio_mdev"] if host.era.has_bus_driver else ["vfio", "mdev"]:
        host.load(module)
    for vendor in vendors:
        host.load(vendor)
    return host


def scripted(host: Host) -> ScriptedDriver:
    """Load the scripted driver and return it."""
    host.load("scripted")
    driver = host.vendors["scripted"]
    assert isinstance(driver, ScriptedDriver)
    return driver


def create(host: Host, number: int, type_directory: str = MTTY) -> str:
    """Create a device with the UUID of that number, and return the UUID."""
    host.sysfs.write(f"{type_directory}/create", uuid(number).encode())
    return uuid(number)


def remove(host: Host, name: str) -> int:
    """Write 1 to the device's ``remove``."""
    return host.sysfs.write(f"bus/mdev/devices/{name}/remove", b"1")


def errno_of(operation: Callable[..., object], *arguments: object, **keywords: object) -> int | None:
    """Return the errno with which ``operation`` fails. Fail the test if it succeeds."""
    try:
        operation(*arguments, **keywords)
    except OSError as error:
        return error.errno
    pytest.fail("no error")


def events(host: Host, operation: Callable[..., object], *arguments: object) -> list[str]:
    """Return the uevents of ``operation`` as ``action@devpath KEY=VALUE...`` without constant keys. It may fail."""
    subscription = host.subscribe()
    try:
        operation(*arguments)
    except OSError:
        pass
    finally:
        subscription.close()
    return [
        " ".join(
            [
                f"{event.action}@{event.devpath}",
                *(f"{key}={value}" for key, value in event.environment.items() if key not in _CONSTANT),
            ]
        )
        for event in subscription.events
    ]


_CONSTANT = ("ACTION", "DEVPATH", "SUBSYSTEM", "SEQNUM", "MAJOR", "MINOR")
