"""The visible parts of a VFIO device: its child vfio-dev/vfioN and, if the kernel is configured so, a device node."""

from __future__ import annotations

import threading
from errno import ENODEV

from mdevref.kernel.core import Kernel
from mdevref.kernel.device import Device, DeviceClass
from mdevref.kernel.errors import fail
from mdevref.kernel.ids import LowestFree
from mdevref.kernel.nodes import Opener
from mdevref.mdev.eras import Era
from mdevref.vfio.cdev import IOMMU_NODE, IOMMU_NUMBER, open_iommu
from mdevref.vfio.device import VfioDevice


class DeviceNodes:
    """The class ``vfio-dev``, the numbers of its devices, and their nodes /dev/vfio/devices/vfioN."""

    def __init__(self, kernel: Kernel, era: Era, changed: threading.Condition) -> None:
        """``changed`` guards the open file counts of devices."""
        self._kernel = kernel
        self._era = era
        self._changed = changed
        self._numbers = LowestFree()
        self._by_number: dict[int, VfioDevice] = {}
        self._class: DeviceClass | None = None
        self._major = 0
        self._opener: Opener | None = None

    def start(self, opener: Opener) -> None:
        """Create the class and /dev/iommu, when the module is loaded. ``opener`` opens a device node."""
        self._opener = opener
        if self._era.has_vfio_devices:
            self._class = self._kernel.driver_core.add_class("vfio-dev")
        if self._era.has_device_nodes:
            self._major = self._kernel.majors.take()
            self._kernel.nodes.serve(IOMMU_NUMBER, open_iommu)
            self._kernel.nodes.add(IOMMU_NODE, IOMMU_NUMBER)

    def stop(self) -> None:
        """Remove the class and /dev/iommu, when the module is unloaded."""
        if self._era.has_device_nodes:
            self._kernel.nodes.remove(IOMMU_NODE)
            self._kernel.nodes.stop_serving(IOMMU_NUMBER)
            self._kernel.majors.give_back(self._major)
        if self._class is not None:
            self._kernel.driver_core.remove_class(self._class)

    def add(self, device: VfioDevice) -> None:
        """Add the directory and the node of ``device``, if the era has them.

        If adding the directory fails, free the number and raise its errno.
        """
        if not self._era.has_vfio_devices:
            return
        kernel, number = self._kernel, self._numbers.take()
        has_node, name = self._era.has_device_nodes, f"vfio{number}"
        device.number = number
        device.device = shown = Device(
            name,
            parent=device.mdev,
            cls=self._class,
            number=(self._major, number) if has_node else None,
            node=f"vfio/devices/{name}" if has_node else "",
        )
        try:
            kernel.driver_core.add_device(shown)
            kernel.tree.add_link(shown.directory, "device", device.mdev.directory)
        except OSError:
            self._numbers.give_back(number)
            raise
        if shown.number is not None:
            assert self._opener is not None
            with self._changed:
                self._by_number[number] = device
            kernel.nodes.serve(shown.number, self._opener)
            kernel.nodes.add(shown.node, shown.number)

    def remove(self, device: VfioDevice) -> None:
        """Remove everything that :meth:`add` created. The number remains in use while the device has open files."""
        shown = device.device
        if shown is not None:
            if shown.number is not None:
                self._kernel.nodes.remove(shown.node)
                self._kernel.nodes.stop_serving(shown.number)
                with self._changed:
                    del self._by_number[device.number]
            self._kernel.driver_core.delete_device(shown)
            device.device = None
        if device.number >= 0 and not device.open_files:
            self._numbers.give_back(device.number)
            device.number = -1

    def take(self, minor: int) -> VfioDevice:
        """Return the device of a minor; it cannot be removed until it is put. ``ENODEV`` if it is being removed."""
        with self._changed:
            device = self._by_number.get(minor)
            if device is None:
                raise fail(ENODEV, f"device of minor {minor}")
            device.open_files += 1
            return device
