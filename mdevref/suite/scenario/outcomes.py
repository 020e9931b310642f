"""What came of an operation."""

from __future__ import annotations

import errno as errnos
from dataclasses import dataclass

from mdevref.suite.spec import notation


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an operation gave: the bytes of a read, the count of a write, or an errno (0: none).

    ``size`` is the number of bytes that a write was given; None where it was no write.
    """

    errno: int = 0
    value: object = None
    size: int | None = 0

    @property
    def succeeded(self) -> bool:
        """Whether it did all that it was asked: a write that took only some bytes did not."""
        return not self.errno and (self.size is None or not isinstance(self.value, int) or self.value == self.size)

    def __str__(self) -> str:
        if self.errno:
            return errnos.errorcode.get(self.errno, str(self.errno))
        if isinstance(self.value, bytes):
            return notation.shown(self.value)
        if isinstance(self.value, int):
            return str(self.value) if self.size is None else f"{self.value} of {self.size} bytes written"
        return "success"
