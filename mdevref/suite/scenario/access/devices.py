"""Mediated devices that a scenario opens by way of VFIO, and what they say of themselves."""

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
    """The devices among what is open. Of some there are several files, each with words of its own."""

    def __init__(self, handles: Handles, containers: Containers, groups: Groups, devices: Devices) -> None:
        self._handles = handles
        self._containers = containers
        self._groups = groups
        self._devices = devices

    def get(self, name: str, words: str = "") -> DeviceFile:
        """A file of a device, out of its group. OSError: there is none to be had."""
        group = self._handles.file(f"the group of {name}")
        descriptor = vmm.get_device(group.process, group.descriptor, self._devices[name].uuid)
        return self._handles.keep(words or name, group.process, descriptor)

    def hold(self, name: str, process: str = "") -> None:
        """Open a device by way of its group and a container, which stay open, too. OSError: it cannot be had."""
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
        """Set the position in a device's file; Unsupported where it is no file."""
        file = self._handles.file(name)
        return file.process.lseek(file.descriptor, offset)

    def info(self, name: str) -> uapi.DeviceInfo:
        """What a device says of itself."""
        return vmm.device_info(self._handles.device(name))

    def kinds(self, name: str) -> list[str]:
        """The kinds of device that the flags of its info name."""
        return [flag.name or "" for flag in uapi.DeviceFlags(self.info(name).flags) & _KINDS]

    def description(self, name: str) -> list[str]:
        """Its info, its regions and its interrupts, a line each."""
        device = self._handles.device(name)
        told: list[Record] = [
            vmm.device_info(device),
            *vmm.regions(device).values(),
            *vmm.irqs(device).values(),
        ]
        return [repr(record) for record in told]
