"""The VFIO files that a scenario has open, and the processes that have them open."""

from __future__ import annotations

from collections.abc import Mapping

from mdevref.suite.interface.device import HeldDevice, Process
from mdevref.suite.interface.target import Machine
from mdevref.suite.interface.unsupported import Unsupported
from mdevref.suite.interface.vmm import DeviceFile
from mdevref.suite.scenario.access.nodes import Nodes
from mdevref.suite.scenario.kind import Kind
from mdevref.suite.scenario.undo import quietly

_NODE = r"the (?:second )?container|the (?:group|node) of [A-Z]"

KINDS: Mapping[str, Kind] = {
    "Handle": Kind(rf"{_NODE}|the second file of [A-Z]|[A-Z]"),
    "Node": Kind(_NODE),
}


class Handles:
    """Open containers, groups and devices, by their names in steps."""

    def __init__(self, machine: Machine, nodes: Nodes) -> None:
        self._machine = machine
        self._nodes = nodes
        self._processes: dict[str, Process] = {}
        self._open: dict[str, HeldDevice] = {}
        self._loose: list[DeviceFile] = []  # open files without a name

    def process(self, name: str = "") -> Process:
        """Return the process of the scenario or another named process; raise Unsupported if the target has none."""
        if name not in self._processes:
            self._processes[name] = self._machine.process()
        return self._processes[name]

    def open(self, words: str, process: str = "") -> DeviceFile:
        """Open a container, a group or a node, and give the new file the name ``words``."""
        owner = self.process(process)
        return self.keep(words, owner, owner.open(self._nodes.path(words)))

    def keep(self, words: str, process: Process, descriptor: int) -> DeviceFile:
        """Give a file of a process the name ``words``. The file that had this name stays open."""
        if isinstance(before := self._open.get(words), DeviceFile):
            self._loose.append(before)
        self._open[words] = file = DeviceFile(process, descriptor)
        return file

    def keep_loose(self, process: Process, descriptor: int) -> DeviceFile:
        """Close this file too at the end."""
        self._loose.append(file := DeviceFile(process, descriptor))
        return file

    def keep_device(self, name: str, device: HeldDevice) -> None:
        """Record a device that is held open without a process."""
        self._open[name] = device

    def is_open(self, words: str) -> bool:
        """Return whether a file of this name is open."""
        return words in self._open

    def file(self, words: str) -> DeviceFile:
        """Return the file of this name with its descriptor. Open the file if necessary."""
        found = self._open.get(words)
        if found is None:
            return self.open(words)
        if not isinstance(found, DeviceFile):
            raise Unsupported("this target has devices but no containers or groups")
        return found

    def device(self, name: str) -> HeldDevice:
        """Return a device that is held open, or another file of it."""
        return self._open[name]

    def either(self, words: str) -> HeldDevice:
        """Return a device that is held open or, if there is none, the result of :meth:`file`."""
        return self._open[words] if words in self._open else self.file(words)

    def close(self, words: str) -> None:
        """Close the file of this name."""
        self._open.pop(words).close()

    def end(self, process: str = "") -> None:
        """End a process without closing its files first."""
        ended = self._processes.pop(process)
        ended.exit()
        self._loose = [file for file in self._loose if file.process is not ended]
        self._open = {
            words: held
            for words, held in self._open.items()
            if not (isinstance(held, DeviceFile) and held.process is ended)
        }

    @property
    def holds_something(self) -> bool:
        """Return whether a removal may have to wait for an open file."""
        return bool(self._open)

    def let_go(self) -> None:
        """Close all files, the last one first."""
        for held in reversed([*self._loose, *self._open.values()]):
            quietly(held.close)
        self._open.clear()
        self._loose.clear()
