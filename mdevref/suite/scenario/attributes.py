"""Writes to attributes, and the attribute file that a scenario keeps open."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from mdevref.suite.interface.files import Files, OpenFile
from mdevref.suite.scenario.made import Made
from mdevref.suite.scenario.outcomes import Outcome, Outcomes
from mdevref.suite.scenario.undo import quietly
from mdevref.suite.scenario.writers import Writers


class Holder(Protocol):
    """A part of the scenario that may hold a file or a callback that blocks a write."""

    @property
    def holds_something(self) -> bool: ...


class Attributes:
    """Write to attributes. While one of ``holders`` holds something, a write must not block."""

    def __init__(
        self, files: Files, outcomes: Outcomes, writers: Writers, made: Made, holders: Sequence[Holder]
    ) -> None:  # fmt: skip
        self.open_path = ""
        self._open: OpenFile | None = None
        self._files = files
        self._outcomes = outcomes
        self._writers = writers
        self._made = made
        self._holders = holders

    def write(self, path: str, written: bytes) -> Outcome:
        """Write ``written`` to the attribute at ``path`` in one write(2), and return the outcome."""
        return self._attempt(partial(self._write, path, written), path, written)

    def write_with_flags(self, path: str, flags: int, written: bytes) -> Outcome:
        """Open an attribute with these flags of open(2), write to it and close it; return the outcome."""

        def write_and_close() -> int:
            opened = self._files.open(path, flags)
            try:
                return opened.write(written)
            finally:
                opened.close()

        return self._attempt(write_and_close, path, written)

    def write_to_open_file(self, written: bytes) -> Outcome:
        """Write to the attribute that is kept open, in one write(2), and return the outcome."""
        return self._attempt(partial(self.open_file.write, written), self.open_path, written)

    def _attempt(self, write: Callable[[], object], path: str, written: bytes) -> Outcome:
        outcome = self._outcomes.attempt(write, len(written))
        if outcome.succeeded:
            self._made.note(path, written)
        return outcome

    def _write(self, path: str, written: bytes) -> object:
        # A write that waits for something that the scenario itself holds would block the suite for ever.
        for holder in self._holders:
            if holder.holds_something:
                write = partial(self._files.write, path, written)
                return self._writers.write_without_waiting(write, path, written)
        return self._files.write(path, written)

    def keep_open(self, path: str) -> None:
        """Open an attribute for writing and keep it open until the end of the scenario."""
        self._open = self._files.open(path, os.O_WRONLY)
        self.open_path = path

    @property
    def open_file(self) -> OpenFile:
        """Return the attribute file that is kept open. Raise RuntimeError if no step has opened one."""
        if self._open is None:
            raise RuntimeError("no step of this scenario has opened an attribute")
        return self._open

    def close(self) -> None:
        """Close the attribute that is kept open, if any."""
        if self._open:
            quietly(self._open.close)
