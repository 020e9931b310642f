"""The uevents that a scenario checks."""

from __future__ import annotations

from collections.abc import Sequence

from mdevref.suite.interface.target import Machine, Uevent


class Uevents:
    """The uevents of a machine, except those that the scenario has skipped."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._passed_over = 0

    def seen(self) -> Sequence[Uevent]:
        """Return the uevents since the scenario began, or since it last skipped some."""
        return self._machine.uevents()[self._passed_over :]

    def pass_over(self) -> None:
        """Skip the uevents so far."""
        self._passed_over = len(self._machine.uevents())
