"""The log of a recorded machine: the operations of one scenario, from any thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from mdevref.suite.results.operations import Entry

Answer = TypeVar("Answer")


class Log:
    """The operations of one scenario, in the order in which they began; from any thread."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def record(
        self, op: str, path: str, call: Callable[[], Answer], data: str | bytes | None = None
    ) -> Answer:  # fmt: skip
        """Make the call and keep what came of it, be it an exception."""
        return self.end(self.begin(op, path, data), call)

    def begin(self, op: str, path: str, data: str | bytes | None = None) -> Entry:
        """Keep that an operation is about to be made."""
        entry = Entry(op, path, data)
        self.entries.append(entry)
        return entry

    def end(self, entry: Entry, call: Callable[[], Answer]) -> Answer:
        """Make it."""
        try:
            answer = call()
        except BaseException as error:
            entry.answer = error
            raise
        entry.answer = answer
        return answer

    def gave(self, error: BaseException) -> bool:
        """Whether this very exception came out of one of the operations."""
        return any(entry.answer is error for entry in self.entries)
