"""The common base of drivers for hardware on a bus: each device that the driver is bound to becomes a parent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from errno import EINVAL
from typing import ClassVar

from mdevref.drivers.hardware import Hardware, bus_of, plug
from mdevref.drivers.vendor import VendorDriver
from mdevref.kernel.bus import Bus
from mdevref.kernel.device import Device, Driver
from mdevref.kernel.errors import fail
from mdevref.kernel.modules import LoadedModule
from mdevref.mdev.core import Core
from mdevref.mdev.objects import MdevDevice, MdevParentOps, Parent
from mdevref.vfio.core import Vfio


@dataclass(frozen=True, slots=True, eq=False)
class _Callbacks:
    """The driver's callbacks for devices of its own bus."""

    probe: Callable[[Device], None]
    remove: Callable[[Device], None]


class PlacedDriver(VendorDriver):
    """A vendor driver whose parents are devices on a bus. It models types, counts, attributes and errors only.

    The option ``addresses`` lists the addresses of the devices, separated by spaces. The real module has no such
    parameter, so /sys/module does not show it. ``mdev_driver_name`` is the name on the mdev bus from 6.1 on. ``users``
    counts the open files of each device.
    """

    uses_vfio = True
    hardware: ClassVar[Hardware]
    mdev_driver_name: ClassVar[str]

    def __init__(self, core: Core, vfio: Vfio, parameters: Mapping[str, str]) -> None:
        """Create the driver. ``EINVAL`` if the value of an option is invalid."""
        super().__init__(core, vfio, parameters)
        self.options = self.parameters
        self.parameters = {}
        self.addresses = self.options["addresses"].split()
        for address in self.addresses:
            self.hardware.check(address)
        self.users: dict[MdevDevice, int] = {}
        self._ops: MdevParentOps | None = None
        self._registered: tuple[Bus, Driver] | None = None  # on the bus of the hardware
        self._parents: dict[Device, Parent] = {}

    def number(self, option: str, least: int = 0) -> int:
        """Return the value of a numeric option. ``EINVAL`` if it is not a number or is below ``least``."""
        value = self.options[option]
        if not value.isdecimal() or int(value) < least:
            raise fail(EINVAL, f"{option}={value}")
        return int(value)

    # For subclasses

    def parent_comes(self, device: Device) -> None:
        """Initialise the state for ``device`` before it is registered as a parent."""

    def open_device(self, mdev: MdevDevice) -> None:
        self.users[mdev] = self.users.get(mdev, 0) + 1

    def close_device(self, mdev: MdevDevice) -> None:
        self.users[mdev] -= 1
        if not self.users[mdev]:
            del self.users[mdev]

    # Loading and unloading

    def init(self, loaded: LoadedModule) -> None:
        self.module = loaded
        for address in self.addresses:
            plug(self.kernel, self.hardware, address, self.name)
        bus = bus_of(self.kernel, self.hardware)
        if self.core.era.has_bus_driver:
            self._ops = self.parent_ops(loaded)
        else:
            self._driver = self.mdev_driver(self.mdev_driver_name)
            self.core.register_driver(self._driver, loaded)
        callbacks = _Callbacks(self._probe_parent, self._remove_parent)
        driver = Driver(self.name, callbacks=callbacks, owner=loaded)
        self._registered = bus, driver
        try:
            bus.add_driver(driver)
        except OSError:
            self._unregister_driver()
            raise

    def exit(self) -> None:
        assert self._registered is not None
        bus, driver = self._registered
        bus.remove_driver(driver)
        self._unregister_driver()

    def _unregister_driver(self) -> None:
        if self._driver is not None:
            self.core.unregister_driver(self._driver)

    def _probe_parent(self, device: Device) -> None:
        self.parent_comes(device)
        if self._driver is None:
            self._parents[device] = self.core.register_device(device, self._ops)
        else:
            self._parents[device] = self.core.register_parent(device, self._driver, self.type_infos())

    def _remove_parent(self, device: Device) -> None:
        parent = self._parents.pop(device)
        if self._driver is None:
            self.core.unregister_device(device)
        else:
            self.core.unregister_parent(parent)
