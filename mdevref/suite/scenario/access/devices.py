"""Mediated devices that a scenario opens through VFIO, and their device information."""

from __future__ import annotations

from mdevref.suite.interface import vmm
from mdevref.suite.interface.vmm import DeviceFile
from mdevref.suite.scenario.access.containers import CONTAINER, Containers
from mdevref.suite.scenario.access.groups import Groups
from mdevref.suite.scenario.access.handles import Handles
from mdevref.suite.scenario.devices import Devices
from mdevref.vfio import uapi
from mdevref.vfio.uapi import Record

_KINDS = ~(uapi.DeviceFlags.RESET | uapi.DeviceFlags.CAPS)  # the flags that name a kind of device


class OpenDevices:
    """The devices that are open. A device may have several files, each with its own name."""

    def __init__(self, handles: Handles, containers: Containers, groups: Groups, devices: Devices) -> None:
        self._handles = handles
        self._containers = containers
        self._groups = groups
        self._devices = devices

    def get(self, name: str, words: str = "") -> DeviceFile:
        """Open a file of a device through its group. Raise OSError if this fails."""
        group = self._handles.file(f"the group of {name}")
        descriptor = vmm.get_device(group.process, group.descriptor, self._devices[name].uuid)
        return self._handles.keep(words or name, group.process, descriptor)

    def hold(self, name: str, process: str = "") -> None:
        """Open a device through its group and a container, which stay open. Raise OSError if this fails."""
        container = f"{CONTAINER} of {process}" if process else CONTAINER
        owner, group = self._handles.process(process), f"the group of {name}"
        if not self._handles.is_open(container):
            self._handles.keep(container, owner, owner.open(vmm.CONTAINER))
        if not self._handles.is_open(group):
            self._handles.open(group, process)
        self._groups.enter(name, container)
        self._containers.set_back_end(container)
        self.get(name)

    def bind(self, node: str) -> None:
        """Bind an open node of a device to a new iommufd."""
        file = self._handles.file(node)
        iommufd = self._handles.keep_loose(file.process, file.process.open(vmm.IOMMU))
        vmm.bind(file.process, file.descriptor, iommufd.descriptor)

    def seek(self, name: str, offset: int) -> int:
        """Set the position of a device file; raise Unsupported if the device is not a file."""
        file = self._handles.file(name)
        return file.process.lseek(file.descriptor, offset)

    def info(self, name: str) -> uapi.DeviceInfo:
        """Return the device information."""
        return vmm.device_info(self._handles.device(name))

    def kinds(self, name: str) -> list[str]:
        """Return the kinds of device that the flags of the device information name."""
        return [flag.name or "" for flag in uapi.DeviceFlags(self.info(name).flags) & _KINDS]

    def description(self, name: str) -> list[str]:
        """Return the information about a device, its regions and its interrupts, one line each."""
        device = self._handles.device(name)
        told: list[Record] = [
            vmm.device_info(device),
            *vmm.regions(device).values(),
            *vmm.irqs(device).values(),
        ]
        return [repr(record) for record in told]
