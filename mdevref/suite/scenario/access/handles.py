"""What a scenario has open at VFIO, and the processes that have it open."""

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
    """Containers, groups and devices that are open, by the words that steps know them by."""

    def __init__(self, machine: Machine, nodes: Nodes) -> None:
        self._machine = machine
        self._nodes = nodes
        self._processes: dict[str, Process] = {}
        self._open: dict[str, HeldDevice] = {}
        self._loose: list[DeviceFile] = []  # open, and no words are for it

    def process(self, name: str = "") -> Process:
        """The scenario's process, or another one by its name; Unsupported where there are none."""
        if name not in self._processes:
            self._processes[name] = self._machine.process()
        return self._processes[name]

    def open(self, words: str, process: str = "") -> DeviceFile:
        """Open a container, a group or a node. The words stand for the new file from here on."""
        owner = self.process(process)
        return self.keep(words, owner, owner.open(self._nodes.path(words)))

    def keep(self, words: str, process: Process, descriptor: int) -> DeviceFile:
        """Let words stand for a file that a process has open; what they stood for before stays open."""
        if isinstance(before := self._open.get(words), DeviceFile):
            self._loose.append(before)
        self._open[words] = file = DeviceFile(process, descriptor)
        return file

    def keep_loose(self, process: Process, descriptor: int) -> DeviceFile:
        """Close this file at the end, too."""
        self._loose.append(file := DeviceFile(process, descriptor))
        return file

    def keep_device(self, name: str, device: HeldDevice) -> None:
        """Let a name stand for a device that is held open without a process."""
        self._open[name] = device

    def is_open(self, words: str) -> bool:
        """Whether the words stand for something."""
        return words in self._open

    def file(self, words: str) -> DeviceFile:
        """What is open by these words, with its descriptor. It is opened where it is not."""
        found = self._open.get(words)
        if found is None:
            return self.open(words)
        if not isinstance(found, DeviceFile):
            raise Unsupported("this target has devices but no containers or groups")
        return found

    def device(self, name: str) -> HeldDevice:
        """A device that is held open, or another file of it."""
        return self._open[name]

    def either(self, words: str) -> HeldDevice:
        """A device that is held open, or :meth:`file`."""
        return self._open[words] if words in self._open else self.file(words)

    def close(self, words: str) -> None:
        """Close what is open by these words."""
        self._open.pop(words).close()

    def end(self, process: str = "") -> None:
        """A process ends and closes nothing."""
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
        """Whether a removal may have to wait for what is open here."""
        return bool(self._open)

    def let_go(self) -> None:
        """Close whatever is open, the last first."""
        for held in reversed([*self._loose, *self._open.values()]):
            quietly(held.close)
        self._open.clear()
        self._loose.clear()
