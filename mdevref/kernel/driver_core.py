"""The driver core adds and deletes classes and devices. Directories, links and events follow the kernel's order."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from errno import EINVAL

from mdevref.kernel.attributes import Attribute, table
from mdevref.kernel.device import Device, DeviceClass, dev_info, take_lock
from mdevref.kernel.directories import NOWHERE, Directory, Shortcut, Table
from mdevref.kernel.errors import fail
from mdevref.kernel.power import POWER
from mdevref.kernel.tree import Tree
from mdevref.kernel.uevents import Uevents
from mdevref.kernel.waiting import Mutex, Waits


class DriverCore:
    """Adds and deletes classes and devices. Buses use its services.

    Locks, outermost first: ``drivers_lock``, which serialises the registration of drivers; a device's lock; the lock of
    the class directories below parents (glue directories); the tree's lock; the lock of the uevents.
    """

    def __init__(
        self,
        *,
        tree: Tree,
        uevents: Uevents,
        log: deque[str],
        waits: Waits,
        bus_directory: Directory,
        class_directory: Directory,
        devices_directory: Directory,
        virtual_directory: Directory,
        probe_failure: str,
    ) -> None:
        """``probe_failure`` is the log line for a failed probe, with ``{driver}``, ``{device}`` and ``{errno}``."""
        self.tree = tree
        self.uevents = uevents
        self.log = log
        self.waits = waits
        self.bus_directory = bus_directory
        self.probe_failure = probe_failure
        self.drivers_lock = Mutex(waits, "the list of drivers")
        self._class_directory = class_directory
        self._devices_directory = devices_directory
        self._virtual_directory = virtual_directory
        self._glue = object()  # owner of the glue directories, each of which holds a parent's devices of one class
        self._glue_lock = threading.Lock()
        uevent = Attribute("uevent", 0o644, _show_uevent, self._store_uevent)
        self._files_of_all: Table = {**table(uevent), **POWER.entries}

    def files_of(self, subsystem: Directory) -> Table:
        """Return the files of each device of the bus or class whose directory is ``subsystem``."""
        return {**self._files_of_all, "subsystem": Shortcut("subsystem", subsystem)}

    # Classes

    def add_class(self, name: str) -> DeviceClass:
        """Register a class. ``EEXIST`` if a class of that name exists."""
        cls = DeviceClass(name)
        cls.directory = self.tree.add_directory(self._class_directory, name, owner=cls)
        cls.table = self.files_of(cls.directory)
        self.uevents.emit("add", cls)
        return cls

    def remove_class(self, cls: DeviceClass) -> None:
        self.uevents.emit("remove", cls)
        self.tree.remove(cls.directory)

    # Devices

    def add_device(self, device: Device, populate: Callable[[], None] | None = None) -> None:
        """Make ``device`` visible, send its ADD event and let its bus look for a driver. An error removes all traces.

        Order: directory with ``uevent`` and the device's groups, ``populate`` (which may add entries that only this
        device has), class or bus links, ADD event, probe. A failed probe is not an error here (fact C2).
        """
        tree = self.tree
        above = device.bus or device.cls
        tables: tuple[Table, ...] = (above.table if above is not None else self._files_of_all,)
        if device.number is not None:
            tables += (_NUMBER_FILE,)
        device.directory = directory = self._add_directory(device, tables)
        try:
            if device.groups:
                tree.add_tables(directory, tuple([group.entries for group in device.groups]))
            if populate is not None:
                populate()
            if device.cls is not None:
                tree.add_link(device.cls.directory, device.name, directory)
            if device.bus is not None:
                tree.add_link(device.bus.devices_directory, device.name, directory)
        except OSError:
            self._remove_directory(device)
            raise
        if device.parent is not None:
            device.parent.children[device.name] = device
        if device.bus is not None:
            device.bus.devices[device.name] = device
        self.uevents.emit("add", device)
        if device.bus is not None and device.bus.autoprobe:
            device.bus.attach(device)

    def delete_device(self, device: Device) -> None:
        """Remove ``device``. Its directory and the driver's entries remain while the driver unbinds, which may block.

        The order is that of the kernel's device_del (fact D9): attributes and groups, links, driver, REMOVE event,
        directory.
        """
        tree, directory = self.tree, device.directory
        if device.bus is not None:
            take_lock(device, self.waits)
            device.is_dying = True
            device.lock.release()
        tree.remove_tables(directory, directory.tables)
        if device.cls is not None:
            tree.remove_child(device.cls.directory, device.name)
        if device.bus is not None:
            # Drop the name before removing the link: after that, another parent may add a device of the same name.
            if device.bus.devices.get(device.name) is device:
                del device.bus.devices[device.name]
            tree.remove_child(device.bus.devices_directory, device.name)
            device.bus.release(device)
        self.uevents.emit("remove", device)
        if device.parent is not None:
            device.parent.children.pop(device.name, None)
        self._remove_directory(device)

    def _add_directory(self, device: Device, tables: tuple[Table, ...]) -> Directory:
        """Add the device's directory below its parent.

        Devices of a class go into a glue directory named after the class, which is created when needed.
        """
        tree = self.tree
        if device.cls is None:
            parent = device.parent.directory if device.parent is not None else self._devices_directory
            return tree.add_directory(parent, device.name, device, tables)
        if device.parent is None:
            base = self._virtual_directory
        elif device.parent.cls is not None:
            return tree.add_directory(device.parent.directory, device.name, device, tables)
        else:
            base = device.parent.directory
        with self._glue_lock:
            glue = base.children.get(device.cls.name)
            if not isinstance(glue, Directory):
                glue = tree.add_directory(base, device.cls.name, self._glue)
            return tree.add_directory(glue, device.name, device, tables)

    def _remove_directory(self, device: Device) -> None:
        directory = device.directory
        self.tree.remove(directory)
        glue = directory.parent
        if glue is not None and glue.owner is self._glue:
            with self._glue_lock:
                if not glue.children and glue.alive:
                    self.tree.remove(glue)
        device.directory = NOWHERE

    def _store_uevent(self, device: Device, data: bytes) -> None:
        try:
            self.uevents.synthesise(device, data)
        except OSError:
            dev_info(self.log, device, "uevent: failed to send synthetic uevent")
            if self.uevents.refuses_bad_requests:
                raise


def _show_uevent(device: Device) -> bytes:
    return "".join(f"{key}={value}\n" for key, value in device.environment().items()).encode()


def _show_number(device: Device) -> bytes:
    if device.number is None:
        raise fail(EINVAL, device.name)
    return "{}:{}\n".format(*device.number).encode()


_NUMBER_FILE: Table = table(Attribute("dev", 0o444, _show_number))
