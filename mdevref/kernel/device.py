"""Devices, their classes and their drivers: the data of the driver model.

The driver core (:mod:`mdevref.kernel.driver_core`) adds and deletes devices and classes, a bus
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
    """What a driver does, each a function of the device or None: ``probe`` (an ``OSError`` refuses it), ``remove``."""

    @property
    def probe(self) -> Callable[[Any], None] | None: ...
    @property
    def remove(self) -> Callable[[Any], None] | None: ...


class Driver:
    """A driver of a bus. ``groups`` are attributes that a device has while it is bound."""

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
    """A class such as ``mtty``: /sys/class/NAME with a link to each of its devices, which show ``table``."""

    __slots__ = ("directory", "name", "table")

    subsystem = "class"

    def __init__(self, name: str) -> None:
        self.name = name
        self.directory: Directory = NOWHERE
        self.table: Table = {}

    def environment(self) -> dict[str, str]:
        return {}


class DeviceBus(Protocol):
    """What a device needs of the bus it is on.

    ``attach`` looks for a driver, ``release`` unbinds; ``devices`` are by name, and all of them show ``table``.
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
    """A device. It has no directory before the driver core adds it.

    ``groups`` are the attribute groups it is added with; ``number`` (major, minor) and ``node`` (the name below /dev)
    belong to a device that user space can open.
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
        """Driver's name, else the bus's, else the class's, else nothing (fact T1)."""
        above = self.driver or self.bus or self.cls
        return above.name if above is not None else ""

    def environment(self) -> dict[str, str]:
        """The device's own uevent variables, as its ``uevent`` file shows them."""
        variables: dict[str, str] = {}
        if self.number is not None:
            variables.update(MAJOR=str(self.number[0]), MINOR=str(self.number[1]), DEVNAME=self.node)
        if self.driver is not None:
            variables["DRIVER"] = self.driver.name
        return variables

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


def take_lock(device: Device, waits: Waits) -> None:
    """Take the lock under which ``device`` is bound and unbound; ``waits`` knows a thread that has to wait for it."""
    if not device.lock.acquire(blocking=False):
        waits.acquire(device.lock, f"the device lock of {device.name}")


def dev_info(log: deque[str], device: Device, text: str) -> None:
    """Append a line about ``device`` to the kernel log: driver string, name and ``text``."""
    log.append(f"{device.driver_string} {device.name}: {text}")
