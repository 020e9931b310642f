"""The nodes below ``/dev`` that a scenario opens."""

from __future__ import annotations

from mdevref.suite.interface import vmm
from mdevref.suite.interface.files import Files
from mdevref.suite.scenario.devices import Devices


class Nodes:
    """Where containers, groups and devices have their nodes; ``files`` show the numbers that these are named by."""

    def __init__(self, files: Files, devices: Devices) -> None:
        self._files = files
        self._devices = devices

    def path(self, words: str) -> str:
        """The path below ``/dev`` of what a step calls ``the container``, ``the group of A``, ``the node of A``."""
        if words.endswith("container"):
            return vmm.CONTAINER
        if words.startswith("the node"):
            return vmm.device_node(self._files.listdir(f"{self._devices[words[-1]].path}/vfio-dev")[0])
        return vmm.group_node(self._devices.group_number(words[-1]))
