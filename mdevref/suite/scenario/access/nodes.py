"""The device nodes below ``/dev`` that a scenario opens."""

from __future__ import annotations

from mdevref.suite.interface import vmm
from mdevref.suite.interface.files import Files
from mdevref.suite.scenario.devices import Devices


class Nodes:
    """The paths of the nodes of containers, groups and devices; ``files`` contain the numbers in their names."""

    def __init__(self, files: Files, devices: Devices) -> None:
        self._files = files
        self._devices = devices

    def path(self, words: str) -> str:
        """Return the path below ``/dev`` of ``the container``, ``the group of A`` or ``the node of A``."""
        if words.endswith("container"):
            return vmm.CONTAINER
        if words.startswith("the node"):
            return vmm.device_node(self._files.listdir(f"{self._devices[words[-1]].path}/vfio-dev")[0])
        return vmm.group_node(self._devices.group_number(words[-1]))
