"""The operations of a scenario, recorded while it runs, with their results."""

from __future__ import annotations

import errno as errnos

from mdevref.suite.interface.files import Stat
from mdevref.suite.interface.unsupported import Unsupported
from mdevref.suite.spec.notation import shown

_WAITS = object()
_LONGEST_TEXT = 240  # maximum length of a result in characters

#: The operations whose data is a line of Python, for :mod:`mdevref.suite.results.shell`.
CALLS = frozenset(
    ("open node", "ioctl", "pread", "pwrite", "read node", "lseek", "mmap", "eventfd", "close node", "limit", "exit")
)


class Entry:
    """One operation: its kind, its path, its data (bytes or flags), and its result."""

    __slots__ = ("answer", "data", "op", "path")

    def __init__(self, op: str, path: str, data: str | bytes | None = None) -> None:
        self.op = op
        self.path = path
        self.data = data
        self.answer: object = _WAITS

    def result(self) -> str:
        """Describe the result, shortened to a fixed length."""
        text = _words(self.answer)
        return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}..."


def _words(answer: object) -> str:
    match answer:
        case OSError():
            return errnos.errorcode.get(answer.errno or 0, str(answer))
        case Unsupported():
            return f"unsupported: {answer}"
        case BaseException():
            return f"{type(answer).__name__}: {answer}"
        case bytes():
            return shown(answer)
        case Stat():
            return f"{answer.kind}, mode {answer.mode:04o}, {answer.size} bytes"
        case list() | tuple():
            return ", ".join(map(str, answer)) or "nothing"
        case int() | str():
            return str(answer)
    return "still blocked" if answer is _WAITS else "done"
