"""Containers of VFIO, and the back ends that translate for them."""

from __future__ import annotations

from mdevref.suite.interface import vmm
from mdevref.suite.interface.vmm import DeviceFile
from mdevref.suite.scenario.access.handles import Handles

CONTAINER = "the container"  #: unless a scenario has several


class Containers:
    """The containers among what is open."""

    def __init__(self, handles: Handles) -> None:
        self._handles = handles
        self._ready: dict[str, DeviceFile] = {}  # with a back end

    def set_back_end(self, container: str) -> None:
        """Set type 1, version 2 as the back end of a container, unless this was done."""
        file = self._handles.file(container)
        if self._ready.get(container) is not file:
            vmm.set_back_end(file.process, file.descriptor)
            self._ready[container] = file
