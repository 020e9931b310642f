"""What the drivers of hardware on a bus have in common: each device that the bus gives them becomes a parent."""

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
    """What the driver does with a device of its own bus."""

    probe: Callable[[Device], None]
    remove: Callable[[Device], None]


class PlacedDriver(VendorDriver):
    """A vendor driver whose parents are devices on a bus. Only the shape: types, counts, attributes, refusals.

    ``addresses`` says where the machine has such devices, separated by spaces: no parameter of the real module, and not
    shown as one. ``mdev_driver_name`` is the name on the mdev bus from 6.1 on. ``users`` counts who has a device open.
    """

    uses_vfio = True
    hardware: ClassVar[Hardware]
    mdev_driver_name: ClassVar[str]

    def __init__(self, core: Core, vfio: Vfio, parameters: Mapping[str, str]) -> None:
        """``EINVAL`` for a value that an option cannot have."""
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
        """The value of an option that is a number; ``EINVAL`` for another, or one below ``least``."""
        value = self.options[option]
        if not value.isdecimal() or int(value) < least:
            raise fail(EINVAL, f"{option}={value}")
        return int(value)

    # What a driver does

    def parent_comes(self, device: Device) -> None:
        """A device is about to become a parent: the place to begin its accounts."""

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
