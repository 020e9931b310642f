"""The mdev bus and its drivers (facts 2.1 to 2.3)."""

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
    """The mdev bus, which exists while the mdev module is loaded.

    Tests may set ``probe_refusals``: it maps a parent device to the errno with which probing its devices fails.
    """

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
        """The bus. ``ENODEV`` if the mdev module is not loaded."""
        if self._bus is None:
            raise fail(ENODEV, "mdev")
        return self._bus

    def start(self) -> None:
        """Register the bus, when the module is loaded."""
        self._bus = self.bus_class(
            self.kernel.driver_core, "mdev", match=self.match, probe=self.bus_probe, remove=self.bus_remove
        )
        if self.era.has_class_from_start:
            self.class_directory()

    def stop(self) -> None:
        """Remove the bus, when the module is unloaded."""
        if self._class_directory is not None:
            self.kernel.tree.remove(self._class_directory)
            self._class_directory = None
        self.bus.destroy()
        self._bus = None

    def class_directory(self) -> Directory:
        """Return /sys/class/mdev_bus and create it if needed. It contains only links and sends no events."""
        if self._class_directory is None:
            self._class_directory = self.kernel.tree.add_directory(self.kernel.class_directory, "mdev_bus")
        return self._class_directory

    # Registering drivers

    def register_driver(self, driver: MdevDriver, owner: LoadedModule | None = None) -> None:
        """Register a driver of the bus and probe it for every unbound device.

        ``EINVAL`` if it has no name, or from 6.1 on no device_api (fact B7). ``EBUSY`` if its name is taken (fact B2).
        """
        if self.era.core_owns_types and driver.device_api is None:
            raise fail(EINVAL, driver.name)
        registered = Driver(driver.name, callbacks=driver, groups=driver.groups, owner=owner)
        self.bus.add_driver(registered)
        self._drivers[driver] = registered

    def unregister_driver(self, driver: MdevDriver) -> None:
        """Unbind the driver from its devices and unregister it. A driver that is not registered is only logged."""
        registered = self._drivers.pop(driver, None)
        if registered is None:
            self.kernel.log.append(f"Unexpected driver unregister: {driver.name}")
            return
        self.bus.remove_driver(registered)

    def driver_of(self, parent: Parent) -> Driver:
        """Return the registered driver of a parent (6.1 and later). ``ENODEV`` if it is not registered."""
        registered = self._drivers.get(parent.driver) if parent.driver is not None else None
        if registered is None:
            raise fail(ENODEV, parent.device.name)
        return registered

    # Wrappers around a driver's callbacks

    def match(self, device: Device, driver: Driver) -> bool:
        """Return True until 5.12, where any driver matches any device.

        Return False from 6.1 on, where the core binds devices itself (facts B3, B7).
        """
        return self.era.has_bus_driver

    def bus_probe(self, device: Device, driver: Driver) -> None:
        """Call the driver's probe. Until 5.12, create an IOMMU group first and remove it if probe fails (fact 2.2)."""
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
        """Call the driver's own probe."""
        refusal = self.probe_refusals.get(device.type.parent.device)
        if refusal:
            raise fail(refusal, device.name)
        if driver.callbacks.probe is not None:
            driver.callbacks.probe(device)

    def bus_remove(self, device: Device, driver: Driver) -> None:
        """Call the driver's remove, which may block while the device is in use; then remove the IOMMU group."""
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
