"""VFIO while its module is loaded: its devices, groups, nodes and back ends (facts 3.2, D8; order as recorded)."""

from __future__ import annotations

import threading
from errno import ENODEV, ENXIO
from typing import ClassVar

from mdevref.kernel.core import Kernel
from mdevref.kernel.device import Device, DeviceClass
from mdevref.kernel.errors import fail
from mdevref.kernel.ids import LowestFree
from mdevref.kernel.modules import LoadedModule
from mdevref.kernel.open_files import Task
from mdevref.mdev.eras import Era
from mdevref.mdev.objects import MdevDevice
from mdevref.vfio.backends import BackendDriver
from mdevref.vfio.cdev import IOMMU_NODE, IOMMU_NUMBER, CdevFile, open_iommu
from mdevref.vfio.containers import NODE, NUMBER, ContainerFile
from mdevref.vfio.device import Operations, VfioDevice
from mdevref.vfio.device_files import DeviceFile
from mdevref.vfio.group_files import GroupFile
from mdevref.vfio.groups import Group


class Vfio:
    """VFIO while its module is loaded: classes, containers, groups, devices, back ends.

    ``changed`` guards what removals wait for, and is told of it. Locks, outermost first: a device's ``_mutex``; a
    group's lock; a container's lock; ``changed``.
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
        self.devices: dict[MdevDevice, VfioDevice] = {}
        self.groups: dict[int, Group] = {}  #: by minor
        self.minors = LowestFree()
        self.major = 0
        self.group_class: DeviceClass | None = None
        self.changed = threading.Condition(threading.Lock())
        self._by_name: dict[str, VfioDevice] = {}
        self._by_number: dict[int, VfioDevice] = {}
        self._numbers = LowestFree()
        self._device_major = 0
        self._device_class: DeviceClass | None = None
        self._module: LoadedModule | None = None
        self._pins = 0  # guarded by changed

    # The module

    def start(self, module: LoadedModule) -> None:
        """The module's init."""
        self._module = module
        self.group_class = self.kernel.driver_core.add_class("vfio")
        self.major = self.kernel.majors.take()
        if self.era.has_vfio_devices:
            self._device_class = self.kernel.driver_core.add_class("vfio-dev")
        if self.era.has_device_nodes:
            self._device_major = self.kernel.majors.take()
            self.kernel.nodes.serve(IOMMU_NUMBER, open_iommu)
            self.kernel.nodes.add(IOMMU_NODE, IOMMU_NUMBER)
        self.kernel.nodes.serve_major(self.major, self.open_group)
        self.kernel.nodes.serve(NUMBER, self.open_container)
        self.kernel.nodes.add(NODE, NUMBER, 0o666)

    def stop(self) -> None:
        """The module's exit."""
        self.kernel.nodes.remove(NODE)
        self.kernel.nodes.stop_serving(NUMBER)
        self.kernel.nodes.stop_serving_major(self.major)
        if self.era.has_device_nodes:
            self.kernel.nodes.remove(IOMMU_NODE)
            self.kernel.nodes.stop_serving(IOMMU_NUMBER)
            self.kernel.majors.give_back(self._device_major)
        if self._device_class is not None:
            self.kernel.driver_core.remove_class(self._device_class)
        if self.group_class is not None:
            self.kernel.driver_core.remove_class(self.group_class)
        self.kernel.majors.give_back(self.major)

    def hold_module(self) -> None:
        """An open file keeps the module. ``ENODEV`` if it is on its way out."""
        if self._module is not None:
            self._module.get()

    def release_module(self) -> None:
        if self._module is not None:
            self._module.put()

    def nodes(self) -> list[str]:
        """The names below /dev/vfio, sorted."""
        try:
            return self.kernel.nodes.names("vfio")
        except OSError:
            return []

    def open_container(self, process: Task, minor: int) -> ContainerFile:
        """Opening /dev/vfio/vfio."""
        return self.container_file(self)

    def open_group(self, process: Task, minor: int) -> GroupFile:
        """Opening a group's node. ``ENODEV`` if it has none behind it (any more), else as :meth:`Group.open`.

        Where each group has a character device of its own, nobody serves such a number: ``ENXIO``.
        """
        group = self.groups.get(minor)
        if group is None:
            raise fail(ENXIO if self.era.has_group_cdevs else ENODEV, f"group of minor {minor}")
        return group.open(process)

    def open_device_node(self, process: Task, minor: int) -> CdevFile:
        """Opening the node of a device. ``ENODEV`` if it is leaving."""
        with self.changed:
            device = self._by_number.get(minor)
            if device is None:
                raise fail(ENODEV, f"device of minor {minor}")
            device.open_files += 1
        return self.cdev_file(device)

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
            group = self.group(self, mdev.iommu_group)
            group.add()
            try:
                device = self.device(self, group, mdev, operations, owner)
                if self.era.has_vfio_devices:
                    self._add_device(device)
            except BaseException:
                group.leave()
                raise
        except BaseException:
            if has_iommu_group:
                self._leave_iommu_group(mdev)
            self._unpin()
            raise
        with self.changed:
            self.devices[mdev] = self._by_name[mdev.name] = group.devices[mdev.name] = device

    def unregister(self, mdev: MdevDevice) -> None:
        """Wait until nobody uses ``mdev`` (fact D8), then take away what :meth:`register` made.

        Until 5.12 a device that nobody has open is in use, too, as long as its group is in a container.
        """
        device = self.devices[mdev]
        group = device.group
        if self.era.vfio_device_goes_first:
            with self.changed:
                del group.devices[mdev.name]
            self._remove_device(device)
        self.wait_for_users(device)
        with self.changed:
            del self.devices[mdev]
            # Until 4.17 another parent may have a device of that name by now.
            if self._by_name.get(mdev.name) is device:
                del self._by_name[mdev.name]
        self._remove_device(device)
        group.leave()
        if self.era.vfio_group_name is not None:
            self._leave_iommu_group(mdev)
        self._unpin()

    def wait_for_users(self, device: VfioDevice) -> None:
        """Wait until nobody has the device open and, until 5.12, its group is in no container."""
        group, waits = device.group, self.kernel.waits
        with self.changed:
            if device.open_files:
                why = f"the users of device {device.mdev.name} to close it"
                waits.wait_for(self.changed, lambda: not device.open_files, why)
            group.devices.pop(device.mdev.name, None)
            if group.container is not None and not self.era.revokes_groups:
                why = f"group {group.name} to leave its container"
                waits.wait_for(self.changed, lambda: group.container is None, why)

    def find(self, name: str) -> VfioDevice:
        """The device of that (lower-case) name. ``ENODEV`` if none is bound to a driver for VFIO."""
        device = self._by_name.get(name)
        if device is None:
            raise fail(ENODEV, name)
        return device

    def is_open(self, mdev: MdevDevice) -> bool:
        """Whether somebody has ``mdev`` open, or is about to."""
        device = self.devices.get(mdev)
        return device is not None and device.open_files > 0

    def _pin(self) -> None:
        """As long as there is any device, all of them together have one reference to the module (6.12 and later)."""
        if self.era.vfio_devices_pin_module:
            with self.changed:
                self._pins += 1
                if self._pins == 1:
                    self.hold_module()

    def _unpin(self) -> None:
        if self.era.vfio_devices_pin_module:
            with self.changed:
                self._pins -= 1
                if not self._pins:
                    self.release_module()

    def _leave_iommu_group(self, mdev: MdevDevice) -> None:
        if mdev.iommu_group is not None:
            self.kernel.iommu.remove(mdev, mdev.iommu_group)
            mdev.iommu_group = None

    def _add_device(self, device: VfioDevice) -> None:
        kernel, number = self.kernel, self._numbers.take()
        has_node, name = self.era.has_device_nodes, f"vfio{number}"
        device.number = number
        device.device = Device(
            name,
            parent=device.mdev,
            cls=self._device_class,
            number=(self._device_major, number) if has_node else None,
            node=f"vfio/devices/{name}" if has_node else "",
        )
        try:
            kernel.driver_core.add_device(device.device)
            kernel.tree.add_link(device.device.directory, "device", device.mdev.directory)
        except OSError:
            self._numbers.give_back(number)
            raise
        if device.device.number is not None:
            with self.changed:
                self._by_number[number] = device
            kernel.nodes.serve(device.device.number, self.open_device_node)
            kernel.nodes.add(device.device.node, device.device.number)

    def _remove_device(self, device: VfioDevice) -> None:
        """The number is taken as long as the object lives."""
        if device.device is not None:
            if device.device.number is not None:
                self.kernel.nodes.remove(device.device.node)
                self.kernel.nodes.stop_serving(device.device.number)
                with self.changed:
                    del self._by_number[device.number]
            self.kernel.driver_core.delete_device(device.device)
            device.device = None
        if device.number >= 0 and not device.open_files:
            self._numbers.give_back(device.number)
            device.number = -1
