"""IOMMU groups: /sys/kernel/iommu_groups/N, with the lowest free N, one per bound mediated device (fact 2.2).

A group and its number last as long as somebody refers to it: its member, and whoever uses it besides.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from mdevref.kernel.attributes import Attribute, table
from mdevref.kernel.device import Device
from mdevref.kernel.directories import Directory, Link
from mdevref.kernel.ids import LowestFree

if TYPE_CHECKING:
    from mdevref.kernel.core import Kernel


class IommuGroup:
    """A group: its number, its name (None where it has none), its directory, and how many refer to it."""

    __slots__ = ("devices_directory", "directory", "name", "number", "references")

    def __init__(self, kernel: Kernel, number: int, name: str | None, member: Device) -> None:
        self.number = number
        self.name = name
        self.references = 1
        tables = (kernel.iommu.files,) if name is None else (kernel.iommu.files, _NAME)
        self.directory = Directory(str(number), kernel.iommu.directory, self, tables)
        self.devices_directory = Directory("devices", self.directory)
        self.devices_directory.put(Link(member.name, self.devices_directory, member.directory))
        self.directory.put(self.devices_directory)
        kernel.tree.insert(self.directory)


class IommuGroups:
    """All groups of the machine."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._ids = LowestFree()
        self._lock = threading.Lock()
        self.directory = kernel.tree.add_directory(kernel.kernel_directory, "iommu_groups")
        self.files = table(
            Attribute("reserved_regions", 0o444, lambda group: b""),
            Attribute("type", kernel.behaviour.iommu_type_mode, lambda group: b"unknown\n"),
        )
        self.groups: dict[int, IommuGroup] = {}

    def add(self, device: Device, name: str | None = None) -> IommuGroup:
        """A new group with ``device`` as its only member."""
        tree = self._kernel.tree
        group = IommuGroup(self._kernel, self._ids.take(), name, device)
        try:
            tree.add_link(device.directory, "iommu_group", group.directory)
        except OSError:
            self._free(group)
            raise
        with self._lock:
            self.groups[group.number] = group
        device.log(f"Adding to iommu group {group.number}")
        return group

    def remove(self, device: Device, group: IommuGroup) -> None:
        """Take ``device`` out; unless somebody else refers to it, the group goes and its number is free again."""
        tree = self._kernel.tree
        device.log(f"Removing from iommu group {group.number}")
        tree.remove_child(device.directory, "iommu_group")
        tree.remove_child(group.devices_directory, device.name)
        self.put(group)

    def get(self, group: IommuGroup) -> None:
        """One reference more."""
        with self._lock:
            group.references += 1

    def put(self, group: IommuGroup) -> None:
        """One reference less; the last one takes the group away."""
        with self._lock:
            group.references -= 1
            if group.references:
                return
            del self.groups[group.number]
        self._free(group)

    def _free(self, group: IommuGroup) -> None:
        self._kernel.tree.remove(group.directory)
        self._ids.give_back(group.number)


_NAME = table(Attribute("name", 0o444, lambda group: f"{group.name}\n".encode()))
