"""Calls of any object, recorded under the name of the object and of the call."""

from __future__ import annotations

import errno as errnos
from collections.abc import Callable

from mdevref.suite.targets.recording.log import Log

_LONGEST_ARRAY = 8


class RecordedCalls:
    """Whatever is called on it is recorded, under the name of the thing and of the call; ``spell`` says arguments."""

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
    """An argument in words; a number that is an errno by its name."""
    if value is None:
        return "nothing"
    return errnos.errorcode.get(value, str(value)) if isinstance(value, int) else str(value)


def number(value: object) -> str:
    """An argument of functions that take no errno; of a long array no more than how it begins."""
    if isinstance(value, list) and len(value) > _LONGEST_ARRAY:
        return f"[{', '.join(map(str, value[:2]))}, ... {len(value)} numbers]"
    return "nothing" if value is None else str(value)
