"""Buses: which driver is bound to which device, and the files through which user space changes that."""

from __future__ import annotations

from collections.abc import Callable
from errno import EBUSY, EINVAL, ENODEV

from mdevref.kernel.attributes import Attribute, table
from mdevref.kernel.device import Device, Driver, take_lock
from mdevref.kernel.directories import Table
from mdevref.kernel.driver_core import DriverCore
from mdevref.kernel.errors import fail


class Bus:
    """A bus: /sys/bus/NAME, with its devices and drivers in the order of registration.

    ``match`` returns whether a driver may be probed for a device. ``probe`` and ``remove`` wrap the driver's own
    callbacks; the mdev bus creates the IOMMU group there.
    """

    __slots__ = (
        "_core",
        "_driver_files",
        "autoprobe",
        "devices",
        "devices_directory",
        "directory",
        "drivers",
        "drivers_directory",
        "match",
        "name",
        "probe",
        "remove",
        "table",
    )

    subsystem = "bus"

    def __init__(
        self,
        core: DriverCore,
        name: str,
        *,
        match: Callable[[Device, Driver], bool] = lambda device, driver: True,
        probe: Callable[[Device, Driver], None] | None = None,
        remove: Callable[[Device, Driver], None] | None = None,
    ) -> None:
        """Register the bus. ``EEXIST`` if a bus of that name exists."""
        self._core = core
        self.name = name
        self.match = match
        self.probe = probe or _call_probe
        self.remove = remove or _call_remove
        self.autoprobe = True
        self.devices: dict[str, Device] = {}
        self.drivers: dict[str, Driver] = {}
        self._driver_files: Table = table(
            Attribute("bind", 0o200, None, self._store_bind),
            Attribute("unbind", 0o200, None, self._store_unbind),
            Attribute("uevent", 0o200, None, core.uevents.store),
        )
        files = table(
            Attribute("drivers_autoprobe", 0o644, _show_autoprobe, _store_autoprobe),
            Attribute("drivers_probe", 0o200, None, _store_drivers_probe),
            Attribute("uevent", 0o200, None, core.uevents.store),
        )
        tree = core.tree
        self.directory = tree.add_directory(core.bus_directory, name, self, (files,))
        self.devices_directory = tree.add_directory(self.directory, "devices")
        self.drivers_directory = tree.add_directory(self.directory, "drivers")
        self.table = core.files_of(self.directory)
        core.uevents.emit("add", self)

    def destroy(self) -> None:
        self._core.uevents.emit("remove", self)
        self._core.tree.remove(self.directory)

    def environment(self) -> dict[str, str]:
        return {}

    # Drivers

    def add_driver(self, driver: Driver) -> None:
        """Register ``driver`` and probe it for every unbound device.

        ``EINVAL`` if the name is empty, ``EBUSY`` if a driver of that name is registered (fact B2).
        """
        if not driver.name:
            raise fail(EINVAL, "the driver has no name")
        core = self._core
        with core.drivers_lock:
            if driver.name in self.drivers:
                core.log.append(f"Error: Driver '{driver.name}' is already registered, aborting...")
                raise fail(EBUSY, driver.name)
            driver.directory = core.tree.add_directory(
                self.drivers_directory, driver.name, driver, (self._driver_files,)
            )
            self.drivers[driver.name] = driver
        if self.autoprobe:
            for device in list(self.devices.values()):
                if self.match(device, driver):
                    self.attach_to(device, driver)
        if driver.owner is not None:
            core.tree.add_link(driver.directory, "module", driver.owner.directory)
            driver.owner.add_driver(f"{self.name}:{driver.name}", driver.directory)
        core.uevents.emit("add", driver)

    def remove_driver(self, driver: Driver) -> None:
        """Unbind ``driver`` from its devices and unregister it. The devices remain (fact B4). May block."""
        if self.drivers.get(driver.name) is not driver:
            self._core.log.append(f"Unexpected driver unregister: {driver.name}")
            return
        tree = self._core.tree
        tree.remove_tables(driver.directory, driver.directory.tables)
        del self.drivers[driver.name]
        for device in list(driver.devices):
            self.release(device, driver)
        if driver.owner is not None:
            tree.remove_child(driver.directory, "module")
            driver.owner.remove_driver(f"{self.name}:{driver.name}")
        self._core.uevents.emit("remove", driver)
        tree.remove(driver.directory)

    # Binding

    def attach(self, device: Device) -> bool:
        """Probe the drivers in the order of registration until one binds ``device``; return whether it is bound."""
        take_lock(device, self._core.waits)
        try:
            for driver in list(self.drivers.values()):
                if device.driver is not None or device.is_dying:
                    break
                if self.match(device, driver):
                    self._try(device, driver)
            return device.driver is not None
        finally:
            device.lock.release()

    def attach_to(self, device: Device, driver: Driver) -> bool:
        """Probe ``driver`` for ``device`` unless it is bound already; return whether this call bound it."""
        take_lock(device, self._core.waits)
        try:
            return device.driver is None and not device.is_dying and self._try(device, driver)
        finally:
            device.lock.release()

    def bind(self, device: Device, driver: Driver) -> None:
        """Bind ``device`` without consulting ``match``. ``EBUSY`` if it is bound already; else the errno of probe."""
        take_lock(device, self._core.waits)
        try:
            if device.driver is not None or device.is_dying:
                raise fail(EBUSY, device.name)
            self._probe(device, driver)
        finally:
            device.lock.release()

    def release(self, device: Device, only_from: Driver | None = None) -> None:
        """Unbind ``device`` if it is bound, and bound to ``only_from`` if that is given. May block while in use."""
        take_lock(device, self._core.waits)
        try:
            driver = device.driver
            if driver is None or only_from not in (None, driver):
                return
            tree = self._core.tree
            tree.remove_child(driver.directory, device.name)
            tree.remove_child(device.directory, "driver")
            if driver.groups:
                tree.remove_tables(device.directory, driver.groups)
            self.remove(device, driver)
            device.driver = None
            driver.devices.pop(device, None)
            self._core.uevents.emit("unbind", device)
        finally:
            device.lock.release()

    def _try(self, device: Device, driver: Driver) -> bool:
        try:
            self._probe(device, driver)
        except OSError:
            return False
        return True

    def _probe(self, device: Device, driver: Driver) -> None:
        tree = self._core.tree
        device.driver = driver
        try:
            tree.add_link(driver.directory, device.name, device.directory)
            tree.add_link(device.directory, "driver", driver.directory)
            self.probe(device, driver)
            if driver.groups:
                try:
                    tree.add_tables(device.directory, driver.groups)
                except OSError:
                    self.remove(device, driver)
                    raise
        except OSError as error:
            tree.remove_child(driver.directory, device.name)
            tree.remove_child(device.directory, "driver")
            device.driver = None
            if error.errno != ENODEV:
                line = self._core.probe_failure
                self._core.log.append(line.format(driver=driver.name, device=device.name, errno=error.errno))
            raise
        driver.devices[device] = None
        self._core.uevents.emit("bind", device)

    def find(self, data: bytes) -> Device | None:
        """Return the device whose exact name was written; one trailing newline is allowed (fact 2.3)."""
        return self.devices.get(data.partition(b"\0")[0].removesuffix(b"\n").decode("latin-1"))

    # The files of each driver

    def _store_bind(self, driver: Driver, data: bytes) -> None:
        device = self.find(data)
        # ENODEV also if the probe fails: the driver core of these releases does not distinguish the two.
        if device is None or not self.match(device, driver) or not self.attach_to(device, driver):
            raise fail(ENODEV, driver.name)

    def _store_unbind(self, driver: Driver, data: bytes) -> None:
        device = self.find(data)
        if device is None or device.driver is not driver:
            raise fail(ENODEV, driver.name)
        self.release(device, driver)


def _call_probe(device: Device, driver: Driver) -> None:
    if driver.callbacks.probe is not None:
        driver.callbacks.probe(device)


def _call_remove(device: Device, driver: Driver) -> None:
    if driver.callbacks.remove is not None:
        driver.callbacks.remove(device)


def _store_drivers_probe(bus: Bus, data: bytes) -> None:
    device = bus.find(data)
    if device is None:
        raise fail(ENODEV, "drivers_probe")
    bus.attach(device)


def _show_autoprobe(bus: Bus) -> bytes:
    return b"1\n" if bus.autoprobe else b"0\n"


def _store_autoprobe(bus: Bus, data: bytes) -> None:
    bus.autoprobe = not data.startswith(b"0")
