"""Hosts that offer devices to bus drivers wrongly: to the wrong driver, in the wrong order, or never."""

from __future__ import annotations

from errno import EIO, ENODEV
from functools import partial

from mdevref.kernel.bus import Bus
from mdevref.kernel.device import Device, Driver
from mdevref.kernel.errors import fail
from tests.miniatures.registry import wrong as wrong_host

wrong = partial(wrong_host, interface="driver")


@wrong({"bus-driver.probe-new": "expected one call of probe for "})
class offers_new_devices_to_nobody(Bus):
    """A device is bound only to bus drivers that are registered after it was created."""

    def attach(self, device: Device) -> bool:
        return False


@wrong({"bus-driver.probe-unbound": "expected one call of probe for A; seen: none"})
class offers_old_devices_to_nobody(Bus):
    """A new bus driver is bound only to devices that are created after it."""

    def add_driver(self, driver: Driver) -> None:
        autoprobe, self.autoprobe = self.autoprobe, False
        try:
            super().add_driver(driver)
        finally:
            self.autoprobe = autoprobe


@wrong({"bus-driver.probe-bound": "expected no call of probe; seen: probe of one for "})
class offers_bound_devices_too(Bus):
    """The core also calls ``probe`` of a bus driver without a module for bound devices, and ignores the result."""

    def add_driver(self, driver: Driver) -> None:
        super().add_driver(driver)
        for device in list(self.devices.values()):
            if device.driver is not driver and driver.owner is None and driver.callbacks.probe is not None:
                driver.callbacks.probe(device)


@wrong({"bus-driver.probe-autoprobe-off": "expected no call of probe; seen: probe of one for "})
class passes_over_drivers_autoprobe(Bus):
    """A new bus driver is bound to devices even while ``drivers_autoprobe`` is 0."""

    def add_driver(self, driver: Driver) -> None:
        autoprobe, self.autoprobe = self.autoprobe, True
        try:
            super().add_driver(driver)
        finally:
            self.autoprobe = autoprobe


@wrong(
    {
        "bus-driver.order": "expected probe of two, probe of one; seen: probe of one, probe of two",
        "bus-driver.first-wins": "expected probe of one; seen: probe of two",
    }
)
class asks_the_last_driver_first(Bus):
    """A new device is offered to the bus drivers in reverse order."""

    def attach(self, device: Device) -> bool:
        drivers = self.drivers
        self.drivers = dict(reversed(drivers.items()))
        try:
            return super().attach(device)
        finally:
            self.drivers = drivers


@wrong({"bus-driver.first-wins": "expected probe of one; seen: probe of one, probe of two"})
class goes_on_asking(Bus):
    """After one bus driver has accepted a device, the device is offered to the others too."""

    def attach(self, device: Device) -> bool:
        is_bound = super().attach(device)
        for driver in self.drivers.values():
            if is_bound and driver is not device.driver and driver.callbacks.probe is not None:
                driver.callbacks.probe(device)
        return is_bound


@wrong({"bus-driver.next-after-refusal": "expected probe of one, probe of two; seen: probe of one"})
class stops_at_an_error(Bus):
    """The core offers a device to the next bus driver only if ``probe`` fails with ``ENODEV``."""

    def attach(self, device: Device) -> bool:
        for driver in self.drivers.values():
            try:
                self.bind(device, driver)
                return True
            except OSError as error:
                if error.errno != ENODEV:
                    break
        return False


@wrong({"bus-driver.register-despite-refusal": "expected the registration to succeed; seen: EIO"})
class wants_its_drivers_to_be_useful(Bus):
    """The registration of a bus driver fails if its ``probe`` refuses a device."""

    def add_driver(self, driver: Driver) -> None:
        super().add_driver(driver)
        if self.autoprobe and any(device.driver is None for device in self.devices.values()):
            self.remove_driver(driver)
            raise fail(EIO, driver.name)
