"""The nodes of VFIO on this machine, and the processes that open them on behalf of a scenario."""

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
    """Whether this machine's kernel has VFIO."""
    return os.path.exists(f"{dev}/{vmm.CONTAINER}")


def group_of(files: Files, uuid: str) -> str:
    """The number of a device's IOMMU group. OSError: there is no such device, or no driver has it."""
    return os.path.basename(files.readlink(f"{_DEVICES}/{uuid}/iommu_group"))


class LiveNodes:
    """The nodes below ``dev``. ``may_open`` raises what forbids to open one, by its path below ``dev``."""

    def __init__(self, files: Files, may_open: Callable[[str], None], dev: str = DEV) -> None:
        self._files = files
        self._may_open = may_open
        self._dev = dev
        self._processes: list[LiveProcess] = []

    def process(self) -> Process:
        """A process of the scenario's."""
        self._processes.append(LiveProcess(self._may_open, dev=self._dev))
        return self._processes[-1]

    def paths(self) -> Collection[str]:
        """Every node of VFIO, by its path below ``dev``."""
        found = os.walk(f"{self._dev}/{FOLDER}")
        return sorted(os.path.relpath(f"{where}/{name}", self._dev) for where, _, names in found for name in names)

    def close(self) -> None:
        """Let go of what processes have open."""
        for process in self._processes:
            process.close_all()


class OwnNodes(LiveNodes):
    """The nodes of somebody's machine: those of other devices than ``own`` are not opened."""

    def __init__(self, files: Files, own: Collection[str], dev: str = DEV) -> None:
        super().__init__(files, self._only_own, dev)
        self._own = own
        self._groups: set[str] = set()

    def _only_own(self, path: str) -> None:
        for uuid in self._own:
            try:
                self._groups.add(vmm.group_node(group_of(self._files, uuid)))
                names = self._files.listdir(f"{_DEVICES}/{uuid}/vfio-dev")
            except OSError:  # it is gone, or was never made, or is of an older kernel; what was seen is remembered
                continue
            self._groups.update(map(vmm.device_node, names))
        if path not in (vmm.CONTAINER, vmm.IOMMU, *self._groups) and os.path.lexists(f"{self._dev}/{path}"):
            raise Unsupported(f"the suite opens its own devices only, not {path}")
