"""Writers beside the scenario, and whatever else it begins that may wait inside the implementation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from mdevref.suite.interface.target import Machine, Pending
from mdevref.suite.scenario.checks import Mismatch
from mdevref.suite.scenario.made import Made
from mdevref.suite.scenario.outcomes import Outcome, Outcomes
from mdevref.suite.scenario.undo import quietly


@dataclass(frozen=True, slots=True)
class _Begun:
    """An operation beside the scenario; ``path`` and ``written`` where it is a write."""

    pending: Pending
    path: str
    written: bytes


class Writers:
    """The operations that have begun beside the scenario, by the names that steps know them by."""

    def __init__(self, machine: Machine, outcomes: Outcomes, made: Made) -> None:
        self.race: list[Outcome] = []  #: of the writers that wrote at once
        self._machine = machine
        self._outcomes = outcomes
        self._made = made
        self._begun: dict[str, _Begun] = {}

    def start(self, name: str, operation: Callable[[], object], path: str = "", written: bytes = b"") -> None:
        """Begin something that may wait."""
        self._begun[name] = _Begun(self._machine.start(operation), path, written)

    def waits(self, name: str) -> bool:
        """Whether what was begun waits inside the implementation."""
        return self._begun[name].pending.is_blocked()

    def settle(self) -> None:
        """Return when everything that was begun waits inside the implementation, or has ended."""
        for begun in self._begun.values():
            begun.pending.is_blocked()

    def finish(self, name: str) -> Outcome:
        """Wait for the end of what was begun. TimeoutError: it does not end."""
        begun = self._begun[name]
        outcome = self._outcomes.attempt(begun.pending.result, len(begun.written))
        if outcome.succeeded:
            self._made.note(begun.path, begun.written)
        del self._begun[name]
        return outcome

    def write_without_waiting(self, operation: Callable[[], object], path: str, written: bytes) -> object:
        """Write beside the scenario and return what the write returns. Mismatch: it waits."""
        self.settle()
        self.start("the write", operation, path, written)
        if self.waits("the write"):
            raise Mismatch("the write not to block", "it is blocked")
        return self._begun.pop("the write").pending.result()

    def finish_all(self) -> None:
        """Wait for the end of everything."""
        for name in tuple(self._begun):
            quietly(partial(self.finish, name))
