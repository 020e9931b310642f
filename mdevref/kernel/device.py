"""Devices, their classes and their drivers: the data of the driver model.

The driver core (:mod:`mdevref.kernel.driver_core`) adds and deletes devices and classes. A bus
(:mod:`mdevref.kernel.bus`) binds drivers to devices.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from mdevref.kernel.attributes import AttributeGroup
from mdevref.kernel.directories import NOWHERE, Directory, Table
from mdevref.kernel.modules import LoadedModule
from mdevref.kernel.waiting import Waits


class Callbacks(Protocol):
    """The callbacks of a driver, each called with the device, or None. ``probe`` rejects a device with ``OSError``."""

    @property
    def probe(self) -> Callable[[Any], None] | None: ...
    @property
    def remove(self) -> Callable[[Any], None] | None: ...


class Driver:
    """A driver of a bus. A device has the attributes in ``groups`` while the driver is bound to it."""

    __slots__ = ("callbacks", "devices", "directory", "groups", "name", "owner")

    subsystem = "drivers"

    def __init__(
        self,
        name: str,
        *,
        callbacks: Callbacks,
        groups: Sequence[AttributeGroup] = (),
        owner: LoadedModule | None = None,
    ) -> None:
        self.name = name
        self.callbacks = callbacks
        self.groups: tuple[Table, ...] = tuple(group.entries for group in groups)
        self.owner = owner
        self.devices: dict[Device, None] = {}  # in the order of binding
        self.directory: Directory = NOWHERE

    def environment(self) -> dict[str, str]:
        return {}


class DeviceClass:
    """A class such as ``mtty``: /sys/class/NAME links to each of its devices, which have the files in ``table``."""

    __slots__ = ("directory", "name", "table")

    subsystem = "class"

    def __init__(self, name: str) -> None:
        self.name = name
        self.directory: Directory = NOWHERE
        self.table: Table = {}

    def environment(self) -> dict[str, str]:
        return {}


class DeviceBus(Protocol):
    """The interface that a device needs from its bus.

    ``attach`` looks for a driver and ``release`` unbinds it. ``devices`` maps names to devices. ``table`` holds the
    files that every device of the bus has.
    """

    @property
    def name(self) -> str: ...
    @property
    def autoprobe(self) -> bool: ...
    @property
    def devices(self) -> dict[str, Device]: ...
    @property
    def devices_directory(self) -> Directory: ...
    @property
    def table(self) -> Table: ...
    def attach(self, device: Device) -> bool: ...
    def release(self, device: Device) -> None: ...


class Device:
    """A device. It has no directory until the driver core adds it.

    The driver core adds the device with the attribute groups in ``groups``. A device that user space can open has a
    ``number`` (major, minor) and a ``node`` (its name below /dev).
    """

    __slots__ = (
        "bus",
        "children",
        "cls",
        "directory",
        "driver",
        "groups",
        "is_dying",
        "lock",
        "name",
        "node",
        "number",
        "parent",
        "power_switches",
        "subsystem",
    )

    def __init__(
        self,
        name: str,
        *,
        parent: Device | None = None,
        bus: DeviceBus | None = None,
        cls: DeviceClass | None = None,
        groups: Sequence[AttributeGroup] = (),
        number: tuple[int, int] | None = None,
        node: str = "",
    ) -> None:
        self.name = name.replace("/", "!")  # fact T3
        self.parent = parent
        self.bus = bus
        self.cls = cls
        self.groups = groups
        self.number = number
        self.node = node
        self.driver: Driver | None = None
        self.is_dying = False
        self.lock = threading.Lock()
        self.children: dict[str, Device] = {}
        self.power_switches: frozenset[str] = frozenset()
        self.directory: Directory = NOWHERE
        above = bus or cls
        self.subsystem = above.name if above is not None else ""

    @property
    def driver_string(self) -> str:
        """The name of the driver, else of the bus, else of the class, else an empty string (fact T1)."""
        above = self.driver or self.bus or self.cls
        return above.name if above is not None else ""

    def environment(self) -> dict[str, str]:
        """Return the device's own uevent variables, which its ``uevent`` file shows."""
        variables: dict[str, str] = {}
        if self.number is not None:
            variables.update(MAJOR=str(self.number[0]), MINOR=str(self.number[1]), DEVNAME=self.node)
        if self.driver is not None:
            variables["DRIVER"] = self.driver.name
        return variables

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


def take_lock(device: Device, waits: Waits) -> None:
    """Acquire the lock that serialises binding and unbinding of ``device``; ``waits`` records a thread that blocks."""
    if not device.lock.acquire(blocking=False):
        waits.acquire(device.lock, f"the device lock of {device.name}")


def dev_info(log: deque[str], device: Device, text: str) -> None:
    """Append a line about ``device`` to the kernel log: driver string, name and ``text``."""
    log.append(f"{device.driver_string} {device.name}: {text}")
