"""IOMMU groups: /sys/kernel/iommu_groups/N with the lowest free N. Each bound mediated device has one (fact 2.2).

A group and its number exist until the last reference is dropped. Its member device and its users hold references.
"""

from __future__ import annotations

import threading
from collections import deque

from mdevref.kernel.attributes import Attribute, table
from mdevref.kernel.device import Device, dev_info
from mdevref.kernel.directories import Directory, Link, Table
from mdevref.kernel.ids import LowestFree
from mdevref.kernel.tree import Tree


class IommuGroup:
    """A group: its number, its name or None, its directory, and its reference count."""

    __slots__ = ("devices_directory", "directory", "name", "number", "references")

    def __init__(self, number: int, name: str | None, parent: Directory, tables: tuple[Table, ...]) -> None:
        """Create a group below ``parent``, the directory of all groups. Its directory is not in the tree yet."""
        self.number = number
        self.name = name
        self.references = 1
        self.directory = Directory(str(number), parent, self, tables)
        self.devices_directory = Directory("devices", self.directory)
        self.directory.put(self.devices_directory)


class IommuGroups:
    """All groups of the machine."""

    def __init__(self, tree: Tree, parent: Directory, log: deque[str], type_mode: int) -> None:
        """Create the directory of all groups in ``parent``; ``type_mode``: permission bits of each group's ``type``."""
        self._tree = tree
        self._log = log
        self._ids = LowestFree()
        self._lock = threading.Lock()
        self._files = table(
            Attribute("reserved_regions", 0o444, lambda group: b""),
            Attribute("type", type_mode, lambda group: b"unknown\n"),
        )
        self.directory = tree.add_directory(parent, "iommu_groups")
        self.groups: dict[int, IommuGroup] = {}

    def add(self, device: Device, name: str | None = None) -> IommuGroup:
        """Return a new group with ``device`` as its only member."""
        tables: tuple[Table, ...] = (self._files,) if name is None else (self._files, _NAME)
        group = IommuGroup(self._ids.take(), name, self.directory, tables)
        members = group.devices_directory
        members.put(Link(device.name, members, device.directory))
        self._tree.insert(group.directory)
        try:
            self._tree.add_link(device.directory, "iommu_group", group.directory)
        except OSError:
            self._free(group)
            raise
        with self._lock:
            self.groups[group.number] = group
        dev_info(self._log, device, f"Adding to iommu group {group.number}")
        return group

    def remove(self, device: Device, group: IommuGroup) -> None:
        """Remove ``device`` from ``group`` and drop its reference; the last reference removes the group."""
        dev_info(self._log, device, f"Removing from iommu group {group.number}")
        self._tree.remove_child(device.directory, "iommu_group")
        self._tree.remove_child(group.devices_directory, device.name)
        self.put(group)

    def get(self, group: IommuGroup) -> None:
        """Take a reference to ``group``."""
        with self._lock:
            group.references += 1

    def put(self, group: IommuGroup) -> None:
        """Drop a reference to ``group``; the last one removes it and frees its number."""
        with self._lock:
            group.references -= 1
            if group.references:
                return
            del self.groups[group.number]
        self._free(group)

    def _free(self, group: IommuGroup) -> None:
        self._tree.remove(group.directory)
        self._ids.give_back(group.number)


_NAME = table(Attribute("name", 0o444, lambda group: f"{group.name}\n".encode()))
