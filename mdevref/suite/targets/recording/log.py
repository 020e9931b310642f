"""The log of a recorded machine: the operations of one scenario, from any thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from mdevref.suite.results.operations import Entry

Answer = TypeVar("Answer")


class Log:
    """The operations of one scenario, in the order in which they started. Any thread may record operations."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def record(
        self, op: str, path: str, call: Callable[[], Answer], data: str | bytes | None = None
    ) -> Answer:  # fmt: skip
        """Make the call, record its result or exception, and return or raise it."""
        return self.end(self.begin(op, path, data), call)

    def begin(self, op: str, path: str, data: str | bytes | None = None) -> Entry:
        """Record that an operation starts, and return its entry."""
        entry = Entry(op, path, data)
        self.entries.append(entry)
        return entry

    def end(self, entry: Entry, call: Callable[[], Answer]) -> Answer:
        """Make the call, record its result or exception in ``entry``, and return or raise it."""
        try:
            answer = call()
        except BaseException as error:
            entry.answer = error
            raise
        entry.answer = answer
        return answer

    def gave(self, error: BaseException) -> bool:
        """Return whether one of the operations raised this exception object."""
        return any(entry.answer is error for entry in self.entries)
