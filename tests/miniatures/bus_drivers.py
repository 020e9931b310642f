"""Hosts that register, bind or unregister bus drivers wrongly."""

from __future__ import annotations

from dataclasses import replace
from errno import EBUSY, EEXIST, EINVAL, EIO
from functools import partial

from mdevref.kernel.bus import Bus
from mdevref.kernel.device import Device, Driver
from mdevref.kernel.errors import fail
from mdevref.kernel.modules import LoadedModule
from mdevref.mdev.core import Core
from mdevref.mdev.objects import MdevDevice, MdevDriver
from tests.miniatures.registry import wrong as wrong_host

wrong = partial(wrong_host, interface="driver")


@wrong({"bus-driver.register": "expected the registration to succeed; seen: EINVAL"})
class wants_vfio_in_the_name(Bus):
    """Only a bus driver whose name begins with ``vfio`` can be registered."""

    def add_driver(self, driver: Driver) -> None:
        if not (driver.name or "").startswith("vfio"):
            raise fail(EINVAL, driver.name)
        super().add_driver(driver)


@wrong({"bus-driver.name": " to be a directory; seen: nothing"})
class names_drivers_after_the_bus(Bus):
    """The name of the directory of a bus driver begins with the name of the bus."""

    def add_driver(self, driver: Driver) -> None:
        driver.name = f"{self.name}-{driver.name}"
        super().add_driver(driver)


@wrong({"bus-driver.files": "expected mode 0200; seen: 0644"})
class unbind_is_world_readable(Core):
    """The mode of ``unbind`` of every bus driver is 0644."""

    def register_driver(self, driver: MdevDriver, owner: LoadedModule | None = None) -> None:
        super().register_driver(driver, owner)
        self.kernel.sysfs.chmod(f"bus/mdev/drivers/{driver.name}/unbind", 0o644)


@wrong(
    {
        "bus-driver.owner": "expected no error; seen: ENOENT",
        "bus-driver.owner-lists-it": "expected no error; seen: ENOENT",
    }
)
class forgets_whose_driver_it_is(Core):
    """Every bus driver is registered as if it had no module."""

    def register_driver(self, driver: MdevDriver, owner: LoadedModule | None = None) -> None:
        super().register_driver(driver, None)


@wrong({"bus-driver.name-taken": "expected EBUSY; seen: EEXIST"})
class says_that_the_driver_exists(Bus):
    """Registering a second bus driver with the same name fails with another errno."""

    def add_driver(self, driver: Driver) -> None:
        try:
            super().add_driver(driver)
        except OSError as error:
            raise fail(EEXIST if error.errno == EBUSY else error.errno or EIO, driver.name) from error


@wrong({"bus-driver.name-empty": "expected EINVAL; seen: success"})
class names_the_nameless(Bus):
    """The core gives a bus driver without a name a name of its own."""

    def add_driver(self, driver: Driver) -> None:
        driver.name = driver.name or "nameless"
        super().add_driver(driver)


@wrong({"bus-driver.device-api-missing": "expected EINVAL; seen: success"}, era="6.1")
class takes_everything_for_pci(Core):
    """A driver without a device API is registered as if it were for ``vfio-pci``."""

    def register_driver(self, driver: MdevDriver, owner: LoadedModule | None = None) -> None:
        super().register_driver(driver if driver.device_api else replace(driver, device_api="vfio-pci"), owner)


@wrong({"bus-driver.callbacks-optional": "expected the registration to succeed; seen: EINVAL"})
class wants_both_callbacks(Core):
    """A bus driver can be registered only if it has both ``probe`` and ``remove``."""

    def register_driver(self, driver: MdevDriver, owner: LoadedModule | None = None) -> None:
        if driver.probe is None or driver.remove is None:
            raise fail(EINVAL, driver.name)
        super().register_driver(driver, owner)


@wrong(
    {
        "bus-driver.unregister": "/drivers/one; seen: a directory",
        "bus-driver.unregister-name-free": "expected the registration to succeed; seen: EEXIST",
    }
)
class keeps_the_directory_of_a_driver(Core):
    """The directory of a bus driver still exists after the driver was unregistered."""

    def unregister_driver(self, driver: MdevDriver) -> None:
        super().unregister_driver(driver)
        self.kernel.tree.add_directory(self.bus.drivers_directory, driver.name)


@wrong({"bus-driver.unregister-unknown": "expected no other change; seen: bus/mdev/drivers/one/bind is gone"})
class knows_drivers_by_name(Core):
    """Unregistering an unknown bus driver unregisters the driver that has its name."""

    def unregister_driver(self, driver: MdevDriver) -> None:
        super().unregister_driver(next((each for each in self._drivers if each.name == driver.name), driver))


@wrong(
    {
        "bus-driver.unregister-unbinds": "/driver; seen: a link",
        "bus-driver.module-idle": "/driver; seen: a link",
    }
)
class drivers_go_without_their_devices(Bus):
    """An unregistered bus driver stays bound to its devices."""

    def remove_driver(self, driver: Driver) -> None:
        driver.devices.clear()
        super().remove_driver(driver)


@wrong({"bus-driver.unregister-keeps-devices": "to exist; seen: no bus/mdev/devices/"})
class devices_go_with_their_driver(Core):
    """When a bus driver is unregistered, its devices are removed."""

    def unregister_driver(self, driver: MdevDriver) -> None:
        registered = self._drivers.get(driver)
        for mdev in list(self.devices.values()):
            if mdev.driver is not None and mdev.driver is registered:
                self.remove(mdev)
        super().unregister_driver(driver)


@wrong({"bus-driver.unregister-leaves-others": "/driver to be a link; seen: nothing"})
class unbinds_everybody(Bus):
    """When a bus driver is unregistered, the devices of all bus drivers are unbound."""

    def remove_driver(self, driver: Driver) -> None:
        super().remove_driver(driver)
        for device in list(self.devices.values()):
            self.release(device)


@wrong({"bus-driver.unregister-no-heir": "/driver; seen: a link"})
class devices_are_inherited(Bus):
    """When a bus driver is unregistered, its devices are offered to the remaining bus drivers."""

    def remove_driver(self, driver: Driver) -> None:
        super().remove_driver(driver)
        for device in list(self.devices.values()):
            self.attach(device)


@wrong(
    {
        "bus-driver.refusal-no-remove": "expected no call of remove; seen: remove of one for ",
        "bus-driver.remove-once": "expected one call of remove for A; seen: remove of one for ",
    }
)
class tells_drivers_that_are_not_bound(Core):
    """When an unbound device is removed, the core calls ``remove`` of every bus driver without a module."""

    def delete_device(self, mdev: MdevDevice) -> None:
        if mdev.driver is None:
            for driver in self.bus.drivers.values():
                if driver.owner is None and driver.callbacks.remove is not None:
                    driver.callbacks.remove(mdev)
        super().delete_device(mdev)


class _Forgetful(Core):
    """A core that omits some calls of ``remove`` of bus drivers without a module."""

    def is_told(self, device: MdevDevice) -> bool:
        raise NotImplementedError

    def bus_remove(self, device: Device, driver: Driver) -> None:
        assert isinstance(device, MdevDevice)
        if driver.owner is None and not self.is_told(device):
            self._leave_group(device)
        else:
            super().bus_remove(device, driver)


@wrong({"bus-driver.remove-destroyed": "expected one call of remove for A; seen: none"})
class forgets_remove_at_the_end(_Forgetful):
    """The core does not call ``remove`` of the bus driver when a bound device is removed."""

    def is_told(self, device: MdevDevice) -> bool:
        return not device.is_dying


@wrong({"bus-driver.remove-unbound": "expected one call of remove for A; seen: none"})
class forgets_remove_before_the_end(_Forgetful):
    """The core does not call ``remove`` of the bus driver when a device is unbound through sysfs."""

    def is_told(self, device: MdevDevice) -> bool:
        return device.is_dying
