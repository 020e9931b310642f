"""Hosts whose mediated devices have a wrong directory, IOMMU group or ``uevent``, or wrong links."""

from __future__ import annotations

from dataclasses import replace

from mdevref.kernel.attributes import Attribute
from mdevref.kernel.core import Kernel
from mdevref.kernel.device import Device, Driver
from mdevref.kernel.directories import Shortcut
from mdevref.kernel.files import Files, Stat
from mdevref.kernel.modules import LoadedModule
from mdevref.mdev.core import Core
from mdevref.mdev.eras import Era
from mdevref.mdev.objects import MdevDevice, MdevDriver, MdevType
from tests.miniatures.registry import wrong


@wrong({"device.directory": " to be a directory; seen: link"})
class devices_are_links(Files):
    """The entry of a device in its parent's directory is a link instead of a directory."""

    def lstat(self, path: str) -> Stat:
        stat = super().lstat(path)
        is_device = path.startswith("devices/") and path.rpartition("/")[2].count("-") == 4
        return replace(stat, kind="link") if is_device else stat


@wrong({"device.bus-link": "expected a link to devices/virtual/"})
class bus_links_lead_astray(Files):
    """The links in the bus to the devices lead up one directory too few."""

    def readlink(self, path: str) -> str:
        text = super().readlink(path)
        return text.removeprefix("../") if path.startswith("bus/mdev/devices/") else text


@wrong({"device.mdev-type": "expected a link to devices/virtual/"})
class mdev_type_leads_to_the_first_type(Core):
    """``mdev_type`` of every device leads to the first type of its parent."""

    def link_to_type(self, mdev: MdevDevice) -> None:
        self.kernel.tree.add_link(mdev.directory, "mdev_type", mdev.type.parent.types[0].directory)


@wrong({"device.subsystem": "expected a link to bus/mdev; seen: class/mdev_bus"})
class subsystem_leads_to_the_class(Core):
    """``subsystem`` of a device leads to the class of the parents."""

    def start(self) -> None:
        super().start()
        self.bus.table = {**self.bus.table, "subsystem": Shortcut("subsystem", self.class_directory())}


@wrong({"device.remove": "/remove to be a file; seen: nothing"}, tells_leftovers=False)
class forgets_remove(Core):
    """Devices have no attribute ``remove``."""

    def add_remove_file(self, mdev: MdevDevice) -> None:
        pass


@wrong(
    {
        "device.remove-write-only": "expected mode 0200; seen: 0644",
        "sysfs.write-only-unreadable": "expected EACCES; seen: EIO",
    }
)
class remove_is_world_readable(Core):
    """The mode of ``remove`` is 0644."""

    def __init__(self, kernel: Kernel, era: Era) -> None:
        super().__init__(kernel, era)
        self.remove_attribute = Attribute("remove", 0o644, None, self.remove_store)


@wrong({"device.driver": "expected no error; seen: ENOENT: ", "create.bound": "/driver to be a link; seen: nothing"})
class forgets_the_driver_link(Core):
    """A bound device has no link ``driver``."""

    def bus_probe(self, device: Device, driver: Driver) -> None:
        super().bus_probe(device, driver)
        self.kernel.tree.remove_child(device.directory, "driver")


@wrong({"device.driver-lists-it": "expected no error; seen: ENOENT: bus/mdev/drivers/vfio_mdev/"})
class drivers_list_no_device(Core):
    """The directory of a driver has no links to the devices that are bound to the driver."""

    def bus_probe(self, device: Device, driver: Driver) -> None:
        super().bus_probe(device, driver)
        self.kernel.tree.remove_child(driver.directory, device.name)


@wrong({"device.driver-vfio-mdev": "expected a link to bus/mdev/drivers/vfio_mdev; seen: bus/mdev/drivers/vfio-mdev"})
class bus_driver_has_another_name(Core):
    """The name of the bus driver is ``vfio-mdev``."""

    def register_driver(self, driver: MdevDriver, owner: LoadedModule | None = None) -> None:
        renamed = replace(driver, name="vfio-mdev")
        super().register_driver(renamed, owner)
        self._drivers[driver] = self._drivers.pop(renamed)


@wrong({"device.vfio-dev": "/vfio-dev to be a directory; seen: nothing"}, era="6.1")
def forgets_vfio_dev(era: Era) -> Era:
    """Devices have no directory ``vfio-dev``, as before 6.1."""
    return replace(era, has_vfio_devices=False)


@wrong(
    {
        "device.iommu-group": "expected no error; seen: ENOENT: ",
        "create.bound": "/iommu_group to be a link; seen: nothing",
    }
)
class forgets_the_iommu_group_link(Core):
    """A bound device has no link ``iommu_group``."""

    def bus_probe(self, device: Device, driver: Driver) -> None:
        super().bus_probe(device, driver)
        self.kernel.tree.remove_child(device.directory, "iommu_group")


@wrong({"device.iommu-group-number": "expected a number; seen: mdev0"})
class iommu_groups_have_names(Core):
    """The name of an IOMMU group's directory has a word before its number."""

    def bus_probe(self, device: Device, driver: Driver) -> None:
        super().bus_probe(device, driver)
        group = device.iommu_group.directory  # type: ignore[attr-defined]  # only mediated devices are on this bus
        siblings = self.kernel.iommu.directory.children
        siblings[f"mdev{group.name}"] = siblings.pop(group.name)
        group.name = f"mdev{group.name}"


@wrong({"device.iommu-group-own": "expected two IOMMU groups; seen: kernel/iommu_groups/0, kernel/iommu_groups/0"})
class all_devices_share_a_group(Core):
    """``iommu_group`` of every device leads to the same group."""

    def bus_probe(self, device: Device, driver: Driver) -> None:
        super().bus_probe(device, driver)
        first = min(self.kernel.iommu.groups)
        self.kernel.tree.remove_child(device.directory, "iommu_group")
        self.kernel.tree.add_link(device.directory, "iommu_group", self.kernel.iommu.groups[first].directory)


@wrong({"device.iommu-group-lists-it": "expected no error; seen: ENOENT: kernel/iommu_groups/0/devices/"})
class iommu_groups_list_no_device(Core):
    """The directory ``devices`` of an IOMMU group is always empty."""

    def bus_probe(self, device: Device, driver: Driver) -> None:
        super().bus_probe(device, driver)
        for group in self.kernel.iommu.groups.values():
            self.kernel.tree.remove_child(group.devices_directory, device.name)


class _Nameless(MdevDevice):
    def environment(self) -> dict[str, str]:
        return {key: value for key, value in super().environment().items() if key != "DRIVER"}


@wrong(
    {"device.uevent-names-driver": "expected DRIVER=vfio_mdev; seen", "hotplug.bind": "DRIVER=vfio_mdev; seen: none"},
    era="5.10",
)
class uevents_name_no_driver(Core):
    """Neither the file ``uevent`` nor a uevent names the driver of a device."""

    def new_device(self, mtype: MdevType, uuid: str) -> MdevDevice:
        return _Nameless(mtype, uuid, self.bus, super().new_device(mtype, uuid).groups)


class _Nostalgic(MdevDevice):
    def environment(self) -> dict[str, str]:
        return {"DRIVER": "vfio_mdev", **super().environment()}


@wrong({"device.uevent-without-driver": 'expected no DRIVER line; seen: "DRIVER=vfio_mdev'})
class uevents_name_a_driver_always(Core):
    """The file ``uevent`` names a driver even when the device is unbound."""

    def new_device(self, mtype: MdevType, uuid: str) -> MdevDevice:
        return _Nostalgic(mtype, uuid, self.bus, super().new_device(mtype, uuid).groups)
