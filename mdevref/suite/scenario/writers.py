"""Concurrent writers, and other operations of a scenario that may block inside the implementation."""

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
    """A concurrent operation; ``path`` and ``written`` are set if it is a write."""

    pending: Pending
    path: str
    written: bytes


class Writers:
    """The concurrent operations that have begun, by their names in steps."""

    def __init__(self, machine: Machine, outcomes: Outcomes, made: Made) -> None:
        self.race: list[Outcome] = []  #: outcomes of the writers that wrote concurrently
        self._machine = machine
        self._outcomes = outcomes
        self._made = made
        self._begun: dict[str, _Begun] = {}

    def start(self, name: str, operation: Callable[[], object], path: str = "", written: bytes = b"") -> None:
        """Begin an operation that may block."""
        self._begun[name] = _Begun(self._machine.start(operation), path, written)

    def waits(self, name: str) -> bool:
        """Return whether the operation is blocked inside the implementation."""
        return self._begun[name].pending.is_blocked()

    def settle(self) -> None:
        """Wait until each operation that has begun is blocked or has ended."""
        for begun in self._begun.values():
            begun.pending.is_blocked()

    def finish(self, name: str) -> Outcome:
        """Wait until an operation ends, and return its outcome. Raise TimeoutError if it does not end."""
        begun = self._begun[name]
        outcome = self._outcomes.attempt(begun.pending.result, len(begun.written))
        if outcome.succeeded:
            self._made.note(begun.path, begun.written)
        del self._begun[name]
        return outcome

    def write_without_waiting(self, operation: Callable[[], object], path: str, written: bytes) -> object:
        """Write concurrently and return the result of the write. Raise Mismatch if the write blocks."""
        self.settle()
        self.start("the write", operation, path, written)
        if self.waits("the write"):
            raise Mismatch("the write not to block", "it is blocked")
        return self._begun.pop("the write").pending.result()

    def finish_all(self) -> None:
        """Wait until all operations have ended."""
        for name in tuple(self._begun):
            quietly(partial(self.finish, name))
