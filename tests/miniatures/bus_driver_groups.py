"""Hosts that handle IOMMU groups, VFIO groups or module references wrongly when a bus driver is bound."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from mdevref.kernel.device import Device, Driver
from mdevref.kernel.directories import Directory
from mdevref.kernel.modules import LoadedModule
from mdevref.mdev.core import Core
from mdevref.mdev.objects import MdevDevice
from mdevref.suite.targets.reference.target import ReferenceMachine
from mdevref.vfio.core import Vfio
from mdevref.vfio.device import Operations
from mdevref.vfio.groups import Group
from tests.miniatures.registry import wrong as wrong_host

wrong = partial(wrong_host, interface="driver")


@wrong({"bus-driver.group-before-probe": "/iommu_group to be a link; seen: nothing"})
class probes_before_there_is_a_group(Core):
    """A device joins its IOMMU group after ``probe`` if the bus driver has no module."""

    def bus_probe(self, device: Device, driver: Driver) -> None:
        assert isinstance(device, MdevDevice)
        if driver.owner is not None:
            super().bus_probe(device, driver)
            return
        self.driver_probe(device, driver)
        device.iommu_group = self.kernel.iommu.add(device)


@wrong({"bus-driver.group-without-probe": "expected no error; seen: ENOENT"})
class makes_no_group_without_probe(Core):
    """A device that is bound to a bus driver without ``probe`` is not in an IOMMU group."""

    def bus_probe(self, device: Device, driver: Driver) -> None:
        if driver.callbacks.probe is not None:
            super().bus_probe(device, driver)


@wrong({"bus-driver.group-after-refusal": "/iommu_group; seen: a link"})
class keeps_the_group_after_a_refusal(Core):
    """A device that ``probe`` has refused still joins an IOMMU group."""

    def bus_probe(self, device: Device, driver: Driver) -> None:
        try:
            super().bus_probe(device, driver)
        except OSError:
            assert isinstance(device, MdevDevice)
            if device.iommu_group is None:
                device.iommu_group = self.kernel.iommu.add(device)
            raise

    def delete_device(self, mdev: MdevDevice) -> None:
        if mdev.driver is None:
            self._leave_group(mdev)
        super().delete_device(mdev)


@wrong({"bus-driver.group-until-removed": "/iommu_group to be a link; seen: nothing"})
class leaves_the_group_before_remove(Core):
    """A device leaves its IOMMU group before ``remove`` if the bus driver has no module."""

    def bus_remove(self, device: Device, driver: Driver) -> None:
        assert isinstance(device, MdevDevice)
        if driver.owner is None:
            self._leave_group(device)
        super().bus_remove(device, driver)


class _Unseen(Group):
    def show(self) -> None:
        pass

    def hide(self) -> None:
        pass


@wrong({"bus-driver.vfio-group": "expected 0 in class/vfio; seen: none"})
class makes_no_vfio_group(Vfio):
    """A device that is bound to the bus driver of VFIO has no VFIO group."""

    group = _Unseen


class _Everlasting(Group):
    def hide(self) -> None:
        pass


@wrong({"bus-driver.vfio-group-gone": "expected no 0 in class/vfio; seen: 0"}, tells_leftovers=False)
class keeps_vfio_groups(Vfio):
    """A VFIO group still exists after its device was unbound."""

    group = _Everlasting


@wrong({"bus-driver.vfio-group-drivers-own": "expected no 0 in class/vfio; seen: 0"})
class makes_vfio_groups_for_all(Core):
    """The core creates a VFIO group for a device that is bound to a bus driver without a module."""

    def bus_probe(self, device: Device, driver: Driver) -> None:
        super().bus_probe(device, driver)
        if driver.owner is None:
            self._in_class(device, self.kernel.tree.add_directory)

    def bus_remove(self, device: Device, driver: Driver) -> None:
        if driver.owner is None:
            self._in_class(device, self.kernel.tree.remove_child)
        super().bus_remove(device, driver)

    def _in_class(self, device: Device, change: Callable[[Directory, str], object]) -> None:
        vfio = self.kernel.tree.walk("class/vfio")
        assert isinstance(vfio, Directory)
        assert isinstance(device, MdevDevice)
        assert device.iommu_group is not None
        change(vfio, str(device.iommu_group.number))


@wrong({"bus-driver.module-in-use": "expected the unloading not to block; seen: it is blocked"})
class users_keep_no_module(Vfio):
    """The module of a bus driver can be unloaded while one of its devices is open."""

    def register(self, mdev: MdevDevice, operations: Operations, owner: LoadedModule | None = None) -> None:
        super().register(mdev, operations, None)


@wrong({"bus-driver.module-idle": "expected success; seen: EAGAIN"})
class devices_keep_the_module(Vfio):
    """A bound device blocks the unloading of its bus driver's module, whether the device is open or not."""

    def register(self, mdev: MdevDevice, operations: Operations, owner: LoadedModule | None = None) -> None:
        super().register(mdev, operations, owner)
        if owner is not None:
            owner.get()

    def unregister(self, mdev: MdevDevice) -> None:
        owner = self.devices.by_mdev[mdev].owner
        super().unregister(mdev)
        if owner is not None:
            owner.put()


@wrong({"bus-driver.module-core": "expected EAGAIN; seen: success"})
class the_core_seems_to_go(ReferenceMachine):
    """Unloading the core module succeeds without effect."""

    def unload(self, driver: str) -> None:
        if driver != "mdev":
            super().unload(driver)
