"""VFIO containers and their back ends."""

from __future__ import annotations

from mdevref.suite.interface import vmm
from mdevref.suite.interface.vmm import DeviceFile
from mdevref.suite.scenario.access.handles import Handles

CONTAINER = "the container"  #: the name of the only container of a scenario


class Containers:
    """The containers that are open."""

    def __init__(self, handles: Handles) -> None:
        self._handles = handles
        self._ready: dict[str, DeviceFile] = {}  # with a back end

    def set_back_end(self, container: str) -> None:
        """Set type 1, version 2 as the back end of a container, unless this was done before."""
        file = self._handles.file(container)
        if self._ready.get(container) is not file:
            vmm.set_back_end(file.process, file.descriptor)
            self._ready[container] = file
