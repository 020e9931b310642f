"""VFIO while its module is loaded: its devices, groups, nodes and back ends (facts 3.2, D8; order as recorded)."""

from __future__ import annotations

from errno import ENODEV, ENXIO
from typing import ClassVar

from mdevref.kernel.core import Kernel
from mdevref.kernel.errors import fail
from mdevref.kernel.modules import LoadedModule
from mdevref.kernel.open_files import Task
from mdevref.mdev.eras import Era
from mdevref.mdev.objects import MdevDevice
from mdevref.vfio.backends import BackendDriver
from mdevref.vfio.cdev import CdevFile
from mdevref.vfio.containers import NODE, NUMBER, ContainerFile
from mdevref.vfio.device import Operations, VfioDevice
from mdevref.vfio.device_files import DeviceFile
from mdevref.vfio.device_nodes import DeviceNodes
from mdevref.vfio.devices import Devices
from mdevref.vfio.group_files import GroupFile
from mdevref.vfio.groups import Group, GroupNodes


class Vfio:
    """VFIO: its parts, each made of what it uses, and how devices come to it and leave.

    Locks, outermost first: a device's mutex; a group's lock; a container's lock; ``devices.changed``.
    """

    # For hosts that are wrong on purpose.
    device: ClassVar[type[VfioDevice]] = VfioDevice
    group: ClassVar[type[Group]] = Group
    group_file: ClassVar[type[GroupFile]] = GroupFile
    container_file: ClassVar[type[ContainerFile]] = ContainerFile
    device_file: ClassVar[type[DeviceFile]] = DeviceFile
    cdev_file: ClassVar[type[CdevFile]] = CdevFile

    def __init__(self, kernel: Kernel, era: Era) -> None:
        self.kernel = kernel
        self.era = era
        self.backends: list[tuple[BackendDriver, LoadedModule]] = []
        self.devices = Devices()
        self.group_nodes = GroupNodes(kernel)
        self._device_nodes = DeviceNodes(kernel, era, self.devices.changed)
        self._loaded: LoadedModule | None = None
        self._pins = 0  # guarded by devices.changed

    # The module

    def start(self, module: LoadedModule) -> None:
        """The module's init."""
        self._loaded = module
        self.group_nodes.start(self.open_group)
        self._device_nodes.start(self.open_device_node)
        self.kernel.nodes.serve(NUMBER, self.open_container)
        self.kernel.nodes.add(NODE, NUMBER, 0o666)

    def stop(self) -> None:
        """The module's exit."""
        self.kernel.nodes.remove(NODE)
        self.kernel.nodes.stop_serving(NUMBER)
        self._device_nodes.stop()
        self.group_nodes.stop()

    @property
    def module(self) -> LoadedModule:
        """The module, which open files keep loaded."""
        assert self._loaded is not None, "vfio is not loaded"
        return self._loaded

    def nodes(self) -> list[str]:
        """The names below /dev/vfio, sorted."""
        try:
            return self.kernel.nodes.names("vfio")
        except OSError:
            return []

    def open_container(self, process: Task, minor: int) -> ContainerFile:
        """Opening /dev/vfio/vfio."""
        return self.container_file(self.backends, self.module, self.era.container_mmap_errno)

    def open_group(self, process: Task, minor: int) -> GroupFile:
        """Opening a group's node. ``ENODEV`` if it has none behind it (any more), else as :meth:`Group.open`.

        Where each group has a character device of its own, nobody serves such a number: ``ENXIO``.
        """
        group = self.group_nodes.groups.get(minor)
        if group is None:
            raise fail(ENXIO if self.era.has_group_cdevs else ENODEV, f"group of minor {minor}")
        group.open(process)
        return self.group_file(group, self.devices, self.device_file)

    def open_device_node(self, process: Task, minor: int) -> CdevFile:
        """Opening the node of a device. ``ENODEV`` if it is leaving."""
        return self.cdev_file(self._device_nodes.take(minor))

    # Devices

    def register(self, mdev: MdevDevice, operations: Operations, owner: LoadedModule | None = None) -> None:
        """Give ``mdev`` a VFIO group, and from 6.1 on an IOMMU group and a device directory too.

        ``owner`` is the module that an open device keeps in the kernel (fact 2.4).
        """
        has_iommu_group = self.era.vfio_group_name is not None
        self._pin()
        try:
            if has_iommu_group:
                mdev.iommu_group = self.kernel.iommu.add(mdev, self.era.vfio_group_name)
            assert mdev.iommu_group is not None
            group = self.group(
                mdev.iommu_group,
                nodes=self.group_nodes,
                iommu=self.kernel.iommu,
                module=self.module,
                era=self.era,
                changed=self.devices.changed,
            )
            group.add()
            try:
                device = self.device(
                    group,
                    mdev,
                    operations,
                    owner,
                    module=self.module,
                    era=self.era,
                    changed=self.devices.changed,
                    waits=self.kernel.waits,
                )
                self._device_nodes.add(device)
            except BaseException:
                group.leave()
                raise
        except BaseException:
            if has_iommu_group:
                self._leave_iommu_group(mdev)
            self._unpin()
            raise
        self.devices.add(device)

    def unregister(self, mdev: MdevDevice) -> None:
        """Wait until nobody uses ``mdev`` (fact D8), then take away what :meth:`register` made.

        Until 5.12 a device that nobody has open is in use, too, as long as its group is in a container.
        """
        device = self.devices.by_mdev[mdev]
        group = device.group
        if self.era.vfio_device_goes_first:
            with self.devices.changed:
                del group.devices[mdev.name]
            self._device_nodes.remove(device)
        self.wait_for_users(device)
        self.devices.remove(device)
        self._device_nodes.remove(device)
        group.leave()
        if self.era.vfio_group_name is not None:
            self._leave_iommu_group(mdev)
        self._unpin()

    def wait_for_users(self, device: VfioDevice) -> None:
        """Wait until nobody has the device open and, until 5.12, its group is in no container."""
        group, waits, changed = device.group, self.kernel.waits, self.devices.changed
        with changed:
            if device.open_files:
                why = f"the users of device {device.mdev.name} to close it"
                waits.wait_for(changed, lambda: not device.open_files, why)
            group.devices.pop(device.mdev.name, None)
            if group.container is not None and not self.era.revokes_groups:
                why = f"group {group.name} to leave its container"
                waits.wait_for(changed, lambda: group.container is None, why)

    def _pin(self) -> None:
        """As long as there is any device, all of them together have one reference to the module (6.12 and later)."""
        if self.era.vfio_devices_pin_module:
            with self.devices.changed:
                self._pins += 1
                if self._pins == 1:
                    self.module.get()

    def _unpin(self) -> None:
        if self.era.vfio_devices_pin_module:
            with self.devices.changed:
                self._pins -= 1
                if not self._pins:
                    self.module.put()

    def _leave_iommu_group(self, mdev: MdevDevice) -> None:
        if mdev.iommu_group is not None:
            self.kernel.iommu.remove(mdev, mdev.iommu_group)
            mdev.iommu_group = None
