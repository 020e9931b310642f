"""Drivers that a scenario unloads and loads again."""

from __future__ import annotations

from functools import partial

from mdevref.suite.interface.target import Machine
from mdevref.suite.interface.unsupported import Unsupported
from mdevref.suite.scenario.made import Made
from mdevref.suite.scenario.types import Types
from mdevref.suite.scenario.undo import Undo, quietly
from mdevref.suite.scenario.writers import Writers


class Modules:
    """The modules of a machine. A module is unloaded only if all mediated devices belong to the scenario."""

    def __init__(self, machine: Machine, types: Types, made: Made, writers: Writers, undo: Undo) -> None:
        self._machine = machine
        self._types = types
        self._made = made
        self._writers = writers
        self._undo = undo
        self._unloaded: list[str] = []

    def of_parent(self) -> str:
        """Return the module of the parent's vendor driver; raise Unsupported if it cannot be unloaded."""
        for module, parent in self._machine.vendor_drivers().items():
            if parent == self._types.parent.name:
                return module
        raise Unsupported(f"the vendor driver of {self._types.parent.name} cannot be unloaded and loaded again")

    def unload(self, module: str) -> None:
        """Unload a driver. It is loaded again at the end, unless the scenario does so before."""
        self._spare_others()
        self._machine.unload(module)
        self._unloaded.append(module)

    def load_again(self, module: str = "") -> None:
        """Load an unloaded driver: ``module``, or the one that was unloaded last."""
        module = module or self._unloaded[-1]
        self._machine.load(module)
        self._unloaded.remove(module)

    def begin_unloading(self, module: str) -> None:
        """Begin to unload a driver as ``the unloading``, without waiting; it is loaded again at the end."""
        self._spare_others()
        self._undo.at_the_end(partial(self._machine.load, module))
        self._writers.start("the unloading", partial(self._machine.unload, module))

    def _spare_others(self) -> None:
        if others := self._made.others():
            raise Unsupported(f"drivers are not unloaded: other mediated devices exist, such as {min(others)}")

    def load_all_again(self) -> None:
        """Load all drivers that are still unloaded, the last one first."""
        for module in reversed(self._unloaded):
            quietly(partial(self._machine.load, module))
