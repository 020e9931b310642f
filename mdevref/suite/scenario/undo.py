"""Actions that undo changes at the end of a scenario."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from mdevref.suite.interface.unsupported import Unsupported


def quietly(call: Callable[[], object]) -> None:
    """Call ``call`` and ignore its failure: the machine looks for leftovers and reports them."""
    with contextlib.suppress(OSError, Unsupported):
        call()


class Undo:
    """The actions that steps have registered for the end of the scenario."""

    def __init__(self) -> None:
        self._undo: list[Callable[[], object]] = []

    def at_the_end(self, undo: Callable[[], object]) -> None:
        """Register an action for the end of the scenario."""
        self._undo.append(undo)

    def run(self) -> None:
        """Run the actions, the last one first."""
        for undo in reversed(self._undo):
            quietly(undo)
