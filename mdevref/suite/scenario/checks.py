"""How a step reports that the implementation did something else than expected."""

from __future__ import annotations

import errno as errnos
from collections.abc import Sequence

from mdevref.suite.spec.notation import shown


class Mismatch(AssertionError):
    """The implementation did otherwise: what was expected, and what was seen, each in words."""

    def __init__(self, expected: str, seen: str) -> None:
        super().__init__(f"expected {expected}; seen: {seen}")
        self.expected = expected
        self.seen = seen


def check(fine: object, expected: str, seen: object) -> None:
    """Raise :class:`Mismatch` unless it is fine."""
    if not fine:
        raise Mismatch(expected, _words(seen))


def _words(seen: object) -> str:
    if isinstance(seen, bytes):
        return shown(seen)
    if isinstance(seen, Sequence) and not isinstance(seen, str):
        return ", ".join(map(str, seen)) or "none"
    return str(seen)


def name_of(errno: int | None) -> str:
    """``EEXIST`` for 17."""
    return errnos.errorcode.get(errno or 0, f"errno {errno}")
