"""The VFIO core: devices, groups, nodes and back ends (facts 3.2, D8). The order of effects is the recorded one."""

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
    """The VFIO core: holds its parts, and registers and unregisters devices.

    Locks, outermost first: a device's mutex; a group's lock; a container's lock; ``devices.changed``.
    """

    # These classes can be replaced, for deliberately wrong hosts.
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
        """Create the nodes of VFIO, when its module is loaded."""
        self._loaded = module
        self.group_nodes.start(self.open_group)
        self._device_nodes.start(self.open_device_node)
        self.kernel.nodes.serve(NUMBER, self.open_container)
        self.kernel.nodes.add(NODE, NUMBER, 0o666)

    def stop(self) -> None:
        """Remove the nodes of VFIO, when its module is unloaded."""
        self.kernel.nodes.remove(NODE)
        self.kernel.nodes.stop_serving(NUMBER)
        self._device_nodes.stop()
        self.group_nodes.stop()

    @property
    def module(self) -> LoadedModule:
        """The VFIO module; open files hold references to it."""
        assert self._loaded is not None, "vfio is not loaded"
        return self._loaded

    def nodes(self) -> list[str]:
        """Return the sorted names below /dev/vfio."""
        try:
            return self.kernel.nodes.names("vfio")
        except OSError:
            return []

    def open_container(self, process: Task, minor: int) -> ContainerFile:
        """Open /dev/vfio/vfio."""
        return self.container_file(self.backends, self.module, self.era.container_mmap_errno)

    def open_group(self, process: Task, minor: int) -> GroupFile:
        """Open the node of a group. Errors as for :meth:`Group.open`, or ``ENODEV`` if the group does not exist.

        In eras in which each group has its own character device, the number has no driver then: ``ENXIO``.
        """
        group = self.group_nodes.groups.get(minor)
        if group is None:
            raise fail(ENXIO if self.era.has_group_cdevs else ENODEV, f"group of minor {minor}")
        group.open(process)
        return self.group_file(group, self.devices, self.device_file)

    def open_device_node(self, process: Task, minor: int) -> CdevFile:
        """Open the node of a device. ``ENODEV`` if the device is being removed."""
        return self.cdev_file(self._device_nodes.take(minor))

    # Devices

    def register(self, mdev: MdevDevice, operations: Operations, owner: LoadedModule | None = None) -> None:
        """Register ``mdev``: create its VFIO group and, from 6.1 on, its IOMMU group and device directory.

        An open device holds a reference to the module ``owner`` (fact 2.4).
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
        """Wait until ``mdev`` is unused (fact D8), then remove everything that :meth:`register` created.

        Until 5.12 a device is also in use while its group is in a container, even if it is not open.
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
        """Wait until the device is closed and, until 5.12, until its group has left its container."""
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
        """Count a device. From 6.12 on, all devices together hold one reference to the module."""
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
