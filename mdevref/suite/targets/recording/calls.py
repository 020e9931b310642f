"""Record the calls of an object under the names of the object and of the call."""

from __future__ import annotations

import errno as errnos
from collections.abc import Callable

from mdevref.suite.targets.recording.log import Log

_LONGEST_ARRAY = 8


class RecordedCalls:
    """A wrapper that records each call of ``thing`` under ``name``; ``spell`` formats the arguments."""

    def __init__(self, thing: object, name: str, log: Log, spell: Callable[[object], str] | None = None) -> None:
        self._thing = thing
        self._name = name
        self._log = log
        self._spell = spell or argument

    def __getattr__(self, name: str) -> object:
        found = getattr(self._thing, name)
        if not callable(found):
            return found
        log, about, spell = self._log, self._name, self._spell

        def call(*arguments: object) -> object:
            return log.record(
                name.replace("_", " "), about, lambda: found(*arguments), ", ".join(map(spell, arguments))
            )

        return call


def argument(value: object) -> str:
    """Return an argument as text; a number that is an errno becomes its name."""
    if value is None:
        return "nothing"
    return errnos.errorcode.get(value, str(value)) if isinstance(value, int) else str(value)


def number(value: object) -> str:
    """Return an argument of a function without errno arguments as text; a long array is shortened."""
    if isinstance(value, list) and len(value) > _LONGEST_ARRAY:
        return f"[{', '.join(map(str, value[:2]))}, ... {len(value)} numbers]"
    return "nothing" if value is None else str(value)
