"""Devices and classes: a device's directory and what is always in it, its links, its events, in the kernel's order."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from errno import EINVAL
from typing import TYPE_CHECKING

from mdevref.kernel.attributes import Attribute, AttributeGroup, table
from mdevref.kernel.directories import Directory, Shortcut, Table
from mdevref.kernel.errors import fail
from mdevref.kernel.power import POWER

if TYPE_CHECKING:
    from mdevref.kernel.bus import Bus, Driver
    from mdevref.kernel.core import Kernel


class DeviceClass:
    """A class such as ``mtty``: /sys/class/NAME with a link to each of its devices."""

    __slots__ = ("directory", "kernel", "name", "table")

    subsystem = "class"

    def __init__(self, kernel: Kernel, name: str) -> None:
        """Register it. ``EEXIST`` if there is a class of that name."""
        self.kernel = kernel
        self.name = name
        self.directory = kernel.tree.add_directory(kernel.class_directory, name, owner=self)
        self.table: Table = {**COMMON, "subsystem": Shortcut("subsystem", self.directory)}
        kernel.uevents.emit("add", self)

    def destroy(self) -> None:
        self.kernel.uevents.emit("remove", self)
        self.kernel.tree.remove(self.directory)

    def environment(self) -> dict[str, str]:
        return {}


class Device:
    """A device. It is nowhere to be seen before :func:`device_add`.

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
        "kernel",
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
        kernel: Kernel,
        name: str,
        *,
        parent: Device | None = None,
        bus: Bus | None = None,
        cls: DeviceClass | None = None,
        groups: Sequence[AttributeGroup] = (),
        number: tuple[int, int] | None = None,
        node: str = "",
    ) -> None:
        self.kernel = kernel
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
        self.directory: Directory = kernel.nowhere
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

    def populate(self) -> None:
        """Put what is not shared with others of the kind into the directory, before anybody is told of it."""

    def take_lock(self) -> None:
        """Take the device's lock, under which it is bound and unbound; told when that has to wait."""
        if not self.lock.acquire(blocking=False):
            self.kernel.waits.acquire(self.lock, f"the device lock of {self.name}")

    def log(self, text: str) -> None:
        """A line in the kernel log, with driver string and name before it."""
        self.kernel.log.append(f"{self.driver_string} {self.name}: {text}")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


def device_add(device: Device) -> None:
    """Make ``device`` visible, tell of it, and let its bus look for a driver. On an error nothing of it stays.

    Order: directory with ``uevent`` and the device's groups, class or bus links, ADD event, probe (whose outcome does
    not matter here: fact C2).
    """
    tree = device.kernel.tree
    above = device.bus or device.cls
    tables: tuple[Table, ...] = (above.table if above is not None else COMMON,)
    if device.number is not None:
        tables += (_NUMBER_FILE,)
    device.directory = directory = _add_directory(device, tables)
    try:
        if device.groups:
            tree.add_tables(directory, tuple([group.entries for group in device.groups]))
        device.populate()
        if device.cls is not None:
            tree.add_link(device.cls.directory, device.name, directory)
        if device.bus is not None:
            tree.add_link(device.bus.devices_directory, device.name, directory)
    except OSError:
        _remove_directory(device)
        raise
    if device.parent is not None:
        device.parent.children[device.name] = device
    if device.bus is not None:
        device.bus.devices[device.name] = device
    device.kernel.uevents.emit("add", device)
    if device.bus is not None and device.bus.autoprobe:
        device.bus.attach(device)


def device_del(device: Device) -> None:
    """Take ``device`` away. While its driver lets go of it (which may block) only directory and driver's things stay.

    Order of the kernel's device_del (fact D9): attributes and groups, links, driver, REMOVE event, directory.
    """
    tree, directory = device.kernel.tree, device.directory
    if device.bus is not None:
        device.take_lock()
        device.is_dying = True
        device.lock.release()
    tree.remove_tables(directory, directory.tables)
    if device.cls is not None:
        tree.remove_child(device.cls.directory, device.name)
    if device.bus is not None:
        # Off the table before the link goes: from then on another parent may have a device of that name.
        if device.bus.devices.get(device.name) is device:
            del device.bus.devices[device.name]
        tree.remove_child(device.bus.devices_directory, device.name)
        device.bus.release(device)
    device.kernel.uevents.emit("remove", device)
    if device.parent is not None:
        device.parent.children.pop(device.name, None)
    _remove_directory(device)


def _add_directory(device: Device, tables: tuple[Table, ...]) -> Directory:
    """Below the parent; devices of a class are kept apart in a directory of the class's name, made when needed."""
    kernel, tree = device.kernel, device.kernel.tree
    if device.cls is None:
        parent = device.parent.directory if device.parent is not None else kernel.devices_directory
        return tree.add_directory(parent, device.name, device, tables)
    if device.parent is None:
        base = kernel.virtual_directory
    elif device.parent.cls is not None:
        return tree.add_directory(device.parent.directory, device.name, device, tables)
    else:
        base = device.parent.directory
    with kernel.glue_lock:
        glue = base.children.get(device.cls.name)
        if not isinstance(glue, Directory):
            glue = tree.add_directory(base, device.cls.name, kernel.glue)
        return tree.add_directory(glue, device.name, device, tables)


def _remove_directory(device: Device) -> None:
    kernel, directory = device.kernel, device.directory
    kernel.tree.remove(directory)
    glue = directory.parent
    if glue is not None and glue.owner is kernel.glue:
        with kernel.glue_lock:
            if not glue.children and glue.alive:
                kernel.tree.remove(glue)
    device.directory = kernel.nowhere


def _show_uevent(device: Device) -> bytes:
    return "".join(f"{key}={value}\n" for key, value in device.environment().items()).encode()


def _store_uevent(device: Device, data: bytes) -> None:
    try:
        device.kernel.uevents.synthesise(device, data)
    except OSError:
        device.log("uevent: failed to send synthetic uevent")
        if device.kernel.behaviour.refuses_bad_uevents:
            raise


def _show_number(device: Device) -> bytes:
    if device.number is None:
        raise fail(EINVAL, device.name)
    return "{}:{}\n".format(*device.number).encode()


COMMON: Table = {**table(Attribute("uevent", 0o644, _show_uevent, _store_uevent)), **POWER.entries}
_NUMBER_FILE: Table = table(Attribute("dev", 0o444, _show_number))
