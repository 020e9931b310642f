"""VFIO groups of mediated devices, in a container or not."""

from __future__ import annotations

from mdevref.suite.interface import vmm
from mdevref.suite.scenario.access.containers import CONTAINER
from mdevref.suite.scenario.access.handles import Handles


class Groups:
    """The groups among what is open, by the names of their devices. A group is opened where it is not."""

    def __init__(self, handles: Handles) -> None:
        self._handles = handles

    def enter(self, name: str, container: str = CONTAINER) -> None:
        """Put a group into a container. OSError: it does not go."""
        group = self._handles.file(f"the group of {name}")
        vmm.set_container(group.process, group.descriptor, self._handles.file(container).descriptor)

    def leave(self, name: str) -> None:
        """Take a group out of its container. OSError: it stays."""
        group = self._handles.file(f"the group of {name}")
        vmm.unset_container(group.process, group.descriptor)

    def status(self, name: str) -> list[str]:
        """The flags of a group's status, by name."""
        group = self._handles.file(f"the group of {name}")
        return [flag.name or "" for flag in vmm.group_status(group.process, group.descriptor)]
