"""The uevents that a scenario looks at."""

from __future__ import annotations

from collections.abc import Sequence

from mdevref.suite.interface.target import Machine, Uevent


class Uevents:
    """The uevents of a machine, apart from those that the scenario has passed over."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._passed_over = 0

    def seen(self) -> Sequence[Uevent]:
        """The uevents since the scenario began, or since it passed some over."""
        return self._machine.uevents()[self._passed_over :]

    def pass_over(self) -> None:
        """Look only at uevents from here on."""
        self._passed_over = len(self._machine.uevents())
