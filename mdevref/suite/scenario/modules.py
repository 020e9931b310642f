"""Drivers that a scenario unloads, and loads again."""

from __future__ import annotations

from functools import partial

from mdevref.suite.interface.target import Machine
from mdevref.suite.interface.unsupported import Unsupported
from mdevref.suite.scenario.made import Made
from mdevref.suite.scenario.types import Types
from mdevref.suite.scenario.undo import Undo, quietly
from mdevref.suite.scenario.writers import Writers


class Modules:
    """Modules of a machine. None is unloaded while there is a device that is not the scenario's own."""

    def __init__(self, machine: Machine, types: Types, made: Made, writers: Writers, undo: Undo) -> None:
        self._machine = machine
        self._types = types
        self._made = made
        self._writers = writers
        self._undo = undo
        self._unloaded: list[str] = []

    def of_parent(self) -> str:
        """The vendor driver of the parent; Unsupported where it cannot be unloaded."""
        for module, parent in self._machine.vendor_drivers().items():
            if parent == self._types.parent.name:
                return module
        raise Unsupported(f"the vendor driver of {self._types.parent.name} cannot be unloaded and loaded again")

    def unload(self, module: str) -> None:
        """Unload a driver; it is loaded again at the end of the scenario, unless the scenario does."""
        self._spare_others()
        self._machine.unload(module)
        self._unloaded.append(module)

    def load_again(self, module: str = "") -> None:
        """Load a driver that was unloaded, the last one unless it is named."""
        module = module or self._unloaded[-1]
        self._machine.load(module)
        self._unloaded.remove(module)

    def begin_unloading(self, module: str) -> None:
        """Unload a driver beside the scenario, as ``the unloading``; it is loaded again at the end."""
        self._spare_others()
        self._undo.at_the_end(partial(self._machine.load, module))
        self._writers.start("the unloading", partial(self._machine.unload, module))

    def _spare_others(self) -> None:
        if others := self._made.others():
            raise Unsupported(f"drivers are not unloaded: other mediated devices exist, such as {min(others)}")

    def load_all_again(self) -> None:
        """Load whatever is still unloaded, the last first."""
        for module in reversed(self._unloaded):
            quietly(partial(self._machine.load, module))
