"""What a scenario has to undo when it is over."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from mdevref.suite.interface.unsupported import Unsupported


def quietly(call: Callable[[], object]) -> None:
    """Go on whatever happens: the machine looks for leftovers and reports what could not be cleaned up."""
    with contextlib.suppress(OSError, Unsupported):
        call()


class Undo:
    """What steps have asked for at the end of the scenario."""

    def __init__(self) -> None:
        self._undo: list[Callable[[], object]] = []

    def at_the_end(self, undo: Callable[[], object]) -> None:
        """Do this when the scenario is over."""
        self._undo.append(undo)

    def run(self) -> None:
        """Do it, the last first."""
        for undo in reversed(self._undo):
            quietly(undo)
