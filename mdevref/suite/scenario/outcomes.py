"""The outcomes of the operations of a scenario, and the texts that it has read."""

from __future__ import annotations

import errno as errnos
from collections.abc import Callable
from dataclasses import dataclass

from mdevref.suite.scenario.checks import Mismatch
from mdevref.suite.spec import notation


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of an operation: the bytes of a read, the count of a write, or an errno (0: none).

    ``size`` is the number of bytes passed to a write; None if the operation was not a write.
    """

    errno: int = 0
    value: object = None
    size: int | None = 0

    @property
    def succeeded(self) -> bool:
        """Return whether the operation succeeded completely; a partial write did not."""
        return not self.errno and (self.size is None or not isinstance(self.value, int) or self.value == self.size)

    def __str__(self) -> str:
        if self.errno:
            return errnos.errorcode.get(self.errno, str(self.errno))
        if isinstance(self.value, bytes):
            return notation.shown(self.value)
        if isinstance(self.value, int):
            return str(self.value) if self.size is None else f"{self.value} of {self.size} bytes written"
        return "success"


class Outcomes:
    """The outcomes of one scenario, in order."""

    def __init__(self) -> None:
        self.all: list[Outcome] = []
        self.texts: list[bytes] = []  #: the texts that the last reading step has read
        self._first = 0  # index of the first outcome after the stage was set

    def begin(self) -> None:
        """Begin :attr:`since_begin` here, because the stage is set."""
        self._first = len(self.all)

    def attempt(self, call: Callable[[], object], size: int | None = None) -> Outcome:
        """Call ``call`` and keep its outcome; ``size`` is the length of a write in bytes. TimeoutError is passed on."""
        try:
            outcome = Outcome(value=call(), size=size)
        except TimeoutError:
            raise
        except OSError as error:
            outcome = Outcome(errno=error.errno or errnos.EIO, size=size)
        self.all.append(outcome)
        return outcome

    @property
    def last(self) -> Outcome:
        """Return the outcome of the last operation."""
        return self.all[-1]

    @property
    def since_begin(self) -> list[Outcome]:
        """Return the outcomes since the stage was set."""
        return self.all[self._first :]

    @property
    def text(self) -> bytes:
        """Return the text that was read last; raise Mismatch if the read failed."""
        if not self.texts:
            raise Mismatch("a text", str(self.last))
        return self.texts[-1]
