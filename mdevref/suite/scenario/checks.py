"""How a step reports that the implementation deviates from the expected result."""

from __future__ import annotations

import errno as errnos
from collections.abc import Sequence

from mdevref.suite.spec.notation import shown


class Mismatch(AssertionError):
    """The implementation deviates: ``expected`` and ``seen`` describe the two results in words."""

    def __init__(self, expected: str, seen: str) -> None:
        super().__init__(f"expected {expected}; seen: {seen}")
        self.expected = expected
        self.seen = seen


def check(fine: object, expected: str, seen: object) -> None:
    """Raise :class:`Mismatch` if ``fine`` is false."""
    if not fine:
        raise Mismatch(expected, _words(seen))


def _words(seen: object) -> str:
    if isinstance(seen, bytes):
        return shown(seen)
    if isinstance(seen, Sequence) and not isinstance(seen, str):
        return ", ".join(map(str, seen)) or "none"
    return str(seen)


def name_of(errno: int | None) -> str:
    """Return the name of an errno, such as ``EEXIST`` for 17."""
    return errnos.errorcode.get(errno or 0, f"errno {errno}")
