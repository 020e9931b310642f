"""VFIO groups of mediated devices, inside or outside a container."""

from __future__ import annotations

from mdevref.suite.interface import vmm
from mdevref.suite.scenario.access.containers import CONTAINER
from mdevref.suite.scenario.access.handles import Handles


class Groups:
    """The groups that are open, by the names of their devices. A group is opened when it is first used."""

    def __init__(self, handles: Handles) -> None:
        self._handles = handles

    def enter(self, name: str, container: str = CONTAINER) -> None:
        """Add a group to a container. Raise OSError if this fails."""
        group = self._handles.file(f"the group of {name}")
        vmm.set_container(group.process, group.descriptor, self._handles.file(container).descriptor)

    def leave(self, name: str) -> None:
        """Remove a group from its container. Raise OSError if this fails."""
        group = self._handles.file(f"the group of {name}")
        vmm.unset_container(group.process, group.descriptor)

    def status(self, name: str) -> list[str]:
        """Return the names of the flags in a group's status."""
        group = self._handles.file(f"the group of {name}")
        return [flag.name or "" for flag in vmm.group_status(group.process, group.descriptor)]
