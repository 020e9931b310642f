"""The mdev bus and the drivers on it (facts 2.1 to 2.3)."""

from __future__ import annotations

from errno import EINVAL, ENODEV

from mdevref.kernel.bus import Bus
from mdevref.kernel.core import Kernel
from mdevref.kernel.device import Device, Driver, dev_info
from mdevref.kernel.directories import Directory
from mdevref.kernel.errors import fail
from mdevref.kernel.modules import LoadedModule
from mdevref.mdev.eras import Era
from mdevref.mdev.objects import MdevDevice, MdevDriver, Parent


class MdevBus:
    """The bus, while the mdev module is loaded. ``probe_refusals`` is for tests: errno by parent device, with which
    every probe of that parent's devices fails."""

    bus_class = Bus

    def __init__(self, kernel: Kernel, era: Era) -> None:
        self.kernel = kernel
        self.era = era
        self.probe_refusals: dict[Device, int] = {}
        self._bus: Bus | None = None
        self._class_directory: Directory | None = None
        self._drivers: dict[MdevDriver, Driver] = {}

    @property
    def bus(self) -> Bus:
        """``ENODEV`` while the mdev module is not loaded."""
        if self._bus is None:
            raise fail(ENODEV, "mdev")
        return self._bus

    def start(self) -> None:
        """The module's init."""
        self._bus = self.bus_class(
            self.kernel.driver_core, "mdev", match=self.match, probe=self.bus_probe, remove=self.bus_remove
        )
        if self.era.has_class_from_start:
            self.class_directory()

    def stop(self) -> None:
        """The module's exit."""
        if self._class_directory is not None:
            self.kernel.tree.remove(self._class_directory)
            self._class_directory = None
        self.bus.destroy()
        self._bus = None

    def class_directory(self) -> Directory:
        """/sys/class/mdev_bus, made when it is first needed. A class of links only: no events."""
        if self._class_directory is None:
            self._class_directory = self.kernel.tree.add_directory(self.kernel.class_directory, "mdev_bus")
        return self._class_directory

    # Registering drivers

    def register_driver(self, driver: MdevDriver, owner: LoadedModule | None = None) -> None:
        """Register a driver of the bus; it is tried on every device that has none.

        ``EINVAL`` without a name, or in 6.1 without a device_api (fact B7); ``EBUSY`` for a second one of a name (B2).
        """
        if self.era.core_owns_types and driver.device_api is None:
            raise fail(EINVAL, driver.name)
        registered = Driver(driver.name, callbacks=driver, groups=driver.groups, owner=owner)
        self.bus.add_driver(registered)
        self._drivers[driver] = registered

    def unregister_driver(self, driver: MdevDriver) -> None:
        """Unbind the driver's devices, which stay, and forget it. A driver that is not registered is only logged."""
        registered = self._drivers.pop(driver, None)
        if registered is None:
            self.kernel.log.append(f"Unexpected driver unregister: {driver.name}")
            return
        self.bus.remove_driver(registered)

    def driver_of(self, parent: Parent) -> Driver:
        """The registered driver of a parent, from 6.1 on. ``ENODEV`` if it is not registered (any more)."""
        registered = self._drivers.get(parent.driver) if parent.driver is not None else None
        if registered is None:
            raise fail(ENODEV, parent.device.name)
        return registered

    # What the bus does around a driver's callbacks

    def match(self, device: Device, driver: Driver) -> bool:
        """Any driver for any device until 5.12; none in 6.1, where the core binds by itself (facts B3, B7)."""
        return self.era.has_bus_driver

    def bus_probe(self, device: Device, driver: Driver) -> None:
        """Until 5.12: an IOMMU group, then the driver's probe; if that fails, the group goes again (fact 2.2)."""
        assert isinstance(device, MdevDevice)
        if not self.era.has_bus_driver:
            self.driver_probe(device, driver)
            return
        device.iommu_group = self.kernel.iommu.add(device)
        dev_info(self.kernel.log, device, f"MDEV: group_id = {device.iommu_group.number}")
        try:
            self.driver_probe(device, driver)
        except BaseException:
            self._leave_group(device)
            raise

    def driver_probe(self, device: MdevDevice, driver: Driver) -> None:
        """The driver's own probe."""
        refusal = self.probe_refusals.get(device.type.parent.device)
        if refusal:
            raise fail(refusal, device.name)
        if driver.callbacks.probe is not None:
            driver.callbacks.probe(device)

    def bus_remove(self, device: Device, driver: Driver) -> None:
        """The driver's remove, which may block while the device is in use; then the group goes."""
        assert isinstance(device, MdevDevice)
        if driver.callbacks.remove is not None:
            driver.callbacks.remove(device)
        if self.era.has_bus_driver:
            self._leave_group(device)

    def _leave_group(self, device: MdevDevice) -> None:
        if device.iommu_group is not None:
            self.kernel.iommu.remove(device, device.iommu_group)
            device.iommu_group = None
            dev_info(self.kernel.log, device, "MDEV: detaching iommu")
