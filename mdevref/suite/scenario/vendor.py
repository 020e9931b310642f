"""The scripted vendor driver in a scenario: it refuses operations and blocks on request."""

from __future__ import annotations

from functools import partial
from typing import Literal

from mdevref.suite.interface.drivers import Vendor
from mdevref.suite.interface.target import Machine
from mdevref.suite.scenario.undo import quietly

Callback = Literal["create", "remove"]


class ScriptedVendor:
    """The driver after a step has loaded it, and the callback that it blocks in."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._loaded: Vendor | None = None
        self._held: Callback | None = None

    def load(self, without: tuple[str, ...] = ()) -> Vendor:
        """Load the driver; its types lack the optional attributes named in ``without``."""
        self._loaded = self._machine.scripted_vendor(without)
        return self._loaded

    @property
    def is_loaded(self) -> bool:
        """Return whether a step has loaded the driver."""
        return self._loaded is not None

    @property
    def driver(self) -> Vendor:
        """Return the driver that a step has loaded. Raise RuntimeError if no step has loaded it."""
        if self._loaded is None:
            raise RuntimeError("no step of this scenario has loaded the scripted vendor driver")
        return self._loaded

    def stop_inside(self, callback: Callback) -> None:
        """Make the callback block from now on."""
        self.driver.hold(callback)
        self._held = callback

    def await_held(self) -> None:
        """Wait until a caller is inside the callback."""
        self.driver.await_held(self._callback())

    def go_on(self) -> None:
        """Release the callback, now and for later calls."""
        self.driver.release(self._callback())
        self._held = None

    def _callback(self) -> Callback:
        if self._held is None:
            raise RuntimeError("no step of this scenario has made the vendor driver block")
        return self._held

    @property
    def holds_something(self) -> bool:
        """Return whether a write may block inside the driver."""
        return self._held is not None

    def let_go(self) -> None:
        """Release all callers that are blocked inside the driver."""
        if self._held:
            self.go_on()

    def unload(self) -> None:
        """Unload the driver."""
        for module, parent in self._machine.vendor_drivers().items():
            if parent == self.driver.parent:
                quietly(partial(self._machine.unload, module))
