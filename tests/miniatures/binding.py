"""Hosts whose binding files (``bind``, ``unbind``, ``drivers_autoprobe``) or whose bus driver are wrong."""

from __future__ import annotations

from errno import ENODEV, EPERM

from mdevref.drivers.mdpy import COUNT, Mdpy
from mdevref.kernel.bus import Bus
from mdevref.kernel.core import Kernel
from mdevref.kernel.device import Device, Driver
from mdevref.kernel.errors import fail
from mdevref.kernel.files import Files
from mdevref.kernel.modules import LoadedModule
from mdevref.mdev.core import Core
from mdevref.mdev.eras import Era
from mdevref.mdev.objects import MdevDevice, MdevDriver, MdevType
from tests.miniatures.registry import wrong


@wrong({"binding.modes": "expected mode 0200; seen: 0644"})
class bind_is_world_readable(Core):
    """The mode of ``bind`` is 0644."""

    def register_driver(self, driver: MdevDriver, owner: LoadedModule | None = None) -> None:
        super().register_driver(driver, owner)
        self.kernel.sysfs.chmod(f"bus/mdev/drivers/{driver.name}/bind", 0o644)


@wrong({"binding.unbind": "expected the write to succeed; seen: ENODEV"})
class unbind_refuses_a_newline(Bus):
    """``unbind`` rejects a name with a trailing newline, so that ``echo`` cannot unbind a device."""

    def find(self, data: bytes) -> Device | None:
        return None if data.endswith(b"\n") else super().find(data)


@wrong({"binding.unbind-refused": "expected ENODEV; seen: 36 of 36 bytes written"})
class finds_devices_in_upper_case(Bus):
    """``unbind`` also accepts a device name in upper case."""

    def find(self, data: bytes) -> Device | None:
        return super().find(data.lower())


@wrong({"binding.unbind-leaves-group": "seen: a link"})
class keeps_its_group_when_unbound(Core):
    """A device that is unbound through sysfs stays in its IOMMU group."""

    def bus_remove(self, device: Device, driver: Driver) -> None:
        if device.is_dying:
            super().bus_remove(device, driver)
        elif driver.callbacks.remove is not None:
            driver.callbacks.remove(device)


@wrong({"binding.unbind-keeps-device": "expected no error; seen: ENOENT: "})
class loses_its_type_when_unbound(Core):
    """An unbound device has no link ``mdev_type``."""

    def bus_remove(self, device: Device, driver: Driver) -> None:
        super().bus_remove(device, driver)
        self.kernel.tree.remove_child(device.directory, "mdev_type")


@wrong({"binding.remove-unbound": "expected the write to succeed; seen: EPERM"})
class removes_only_what_is_bound(Core):
    """An unbound device cannot be removed."""

    def begin_removal(self, mdev: MdevDevice) -> None:
        if mdev.driver is None:
            raise fail(EPERM, mdev.name)
        super().begin_removal(mdev)


@wrong({"binding.unbound-counts": "expected 3 instances; seen: 4"})
class counts_bound_devices_only(Mdpy):
    """An unbound device does not use an instance of its type."""

    def available(self, mtype: MdevType) -> int:
        bound = [mdev for mdev in self.core.devices_of(mtype.parent) if mdev.driver is not None]
        return COUNT - len(bound)


@wrong(
    {
        "binding.bind": "expected the write to succeed; seen: ENODEV",
        "binding.probe": "/driver to be a link; seen: nothing",
    }
)
class binds_only_once(Core):
    """A device cannot be bound again after it was unbound."""

    def __init__(self, kernel: Kernel, era: Era) -> None:
        super().__init__(kernel, era)
        self.bound: set[str] = set()

    def bus_probe(self, device: Device, driver: Driver) -> None:
        if device.name in self.bound:
            raise fail(ENODEV, device.name)
        super().bus_probe(device, driver)
        self.bound.add(device.name)


@wrong(
    {
        "binding.bind-impossible": "expected ENODEV; seen: 36 of 36 bytes written",
        "binding.probe-idle": "seen: a link",
    },
    era="6.1",
)
class binds_by_hand(Core):
    """A device can be bound to the driver of its parent, as until 5.12."""

    def match(self, device: Device, driver: Driver) -> bool:
        return isinstance(device, MdevDevice) and device.is_active and driver is self.driver_of(device.type.parent)


@wrong({"binding.bind-refused": "expected ENODEV; seen: 36 of 36 bytes written"})
class binds_what_is_bound(Bus):
    """Binding a device to the driver that it is already bound to succeeds."""

    def attach_to(self, device: Device, driver: Driver) -> bool:
        return device.driver is driver or super().attach_to(device, driver)


@wrong({"binding.autoprobe": 'expected "1\\n"; seen: "Y\\n"'})
class shows_autoprobe_as_a_letter(Files):
    """``drivers_autoprobe`` shows Y or N, as module parameters do."""

    def read(self, path: str) -> bytes:
        text = super().read(path)
        return text.translate(bytes.maketrans(b"01", b"NY")) if path.endswith("/drivers_autoprobe") else text


@wrong({"binding.autoprobe-off": "/driver; seen: a link"})
class ignores_autoprobe(Files):
    """Writing to ``drivers_autoprobe`` has no effect."""

    def write(self, path: str, data: bytes) -> int:
        return len(data) if path.endswith("/drivers_autoprobe") else super().write(path, data)


@wrong({"binding.autoprobe-ignored": "/driver to be a link; seen: nothing"}, era="6.1")
class heeds_autoprobe(Core):
    """While ``drivers_autoprobe`` is 0, a new device stays unbound, as until 5.12."""

    def attach_driver(self, mdev: MdevDevice) -> None:
        if self.bus.autoprobe:
            super().attach_driver(mdev)


@wrong({"binding.bus-driver-comes": "expected no error; seen: ENOENT: "})
class binds_new_devices_only(Bus):
    """A new bus driver is not bound to the devices that already exist."""

    def add_driver(self, driver: Driver) -> None:
        self.autoprobe, before = False, self.autoprobe
        super().add_driver(driver)
        self.autoprobe = before


@wrong({"binding.bus-driver-goes": "to exist; seen: no bus/mdev/devices/"})
class bus_driver_takes_devices_along(Core):
    """When a bus driver is removed, the devices that are bound to it are removed."""

    def unregister_driver(self, driver: MdevDriver) -> None:
        for mdev in list(self.devices.values()):
            self.remove(mdev)
        super().unregister_driver(driver)
