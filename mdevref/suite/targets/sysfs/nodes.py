"""The VFIO nodes of this machine, and the processes that open them for a scenario."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection

from mdevref.suite.interface import vmm
from mdevref.suite.interface.device import Process
from mdevref.suite.interface.files import Files
from mdevref.suite.interface.unsupported import Unsupported
from mdevref.suite.targets.sysfs.process import LiveProcess

DEV = "/dev"
FOLDER = "vfio"  #: of the nodes, below ``/dev``
_DEVICES = "bus/mdev/devices"


def there_are_nodes(dev: str = DEV) -> bool:
    """Return whether the running kernel has VFIO."""
    return os.path.exists(f"{dev}/{vmm.CONTAINER}")


def group_of(files: Files, uuid: str) -> str:
    """Return the number of a device's IOMMU group. Raises OSError if there is no such device or it has no driver."""
    return os.path.basename(files.readlink(f"{_DEVICES}/{uuid}/iommu_group"))


class LiveNodes:
    """The nodes below ``dev``. ``may_open`` raises an exception if a path below ``dev`` must not be opened."""

    def __init__(self, files: Files, may_open: Callable[[str], None], dev: str = DEV) -> None:
        self._files = files
        self._may_open = may_open
        self._dev = dev
        self._processes: list[LiveProcess] = []

    def process(self) -> Process:
        """Return a new process for the scenario."""
        self._processes.append(LiveProcess(self._may_open, dev=self._dev))
        return self._processes[-1]

    def paths(self) -> Collection[str]:
        """Return every VFIO node by its path below ``dev``."""
        found = os.walk(f"{self._dev}/{FOLDER}")
        return sorted(os.path.relpath(f"{where}/{name}", self._dev) for where, _, names in found for name in names)

    def close(self) -> None:
        """Close everything that processes have open."""
        for process in self._processes:
            process.close_all()


class OwnNodes(LiveNodes):
    """The nodes of a real machine. The suite opens no nodes of devices other than those in ``own``."""

    def __init__(self, files: Files, own: Collection[str], dev: str = DEV) -> None:
        super().__init__(files, self._only_own, dev)
        self._own = own
        self._groups: set[str] = set()

    def _only_own(self, path: str) -> None:
        for uuid in self._own:
            try:
                self._groups.add(vmm.group_node(group_of(self._files, uuid)))
                names = self._files.listdir(f"{_DEVICES}/{uuid}/vfio-dev")
            except OSError:  # it is gone, was never created, or has no node on older kernels; keep earlier names
                continue
            self._groups.update(map(vmm.device_node, names))
        if path not in (vmm.CONTAINER, vmm.IOMMU, *self._groups) and os.path.lexists(f"{self._dev}/{path}"):
            raise Unsupported(f"the suite opens only its own devices, not {path}")
