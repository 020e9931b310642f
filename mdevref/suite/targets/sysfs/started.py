"""Operations that may block; each runs in its own thread, with a time limit."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

DEADLINE = 10.0  # maximum seconds of an operation; the slowest real one, an unload in a guest, takes 1.5
_GLANCE = 0.02  # seconds between two samples of a thread's state
_ASLEEP = 3  # number of consecutive samples that must find a thread asleep in the kernel

_here = threading.local()


class Started:
    """An operation in its own thread, since a write may block in the kernel for as long as a device is open."""

    def __init__(self, operation: Callable[[], object]) -> None:
        self._operation = operation
        self._value: object = None
        self._error: BaseException | None = None
        self._over = threading.Event()
        # A daemon thread, which does not delay exit: a thread that is blocked in a driver cannot be interrupted.
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        _here.is_started = True
        try:
            self._value = self._operation()
        except BaseException as error:
            self._error = error
        self._over.set()

    def is_blocked(self) -> bool:
        """Return whether the thread sleeps in the kernel: in consecutive samples it is asleep and uses no CPU time."""
        deadline, asleep, used = time.monotonic() + DEADLINE, 0, -1
        while not self._over.wait(_GLANCE):
            state, now_used = _thread_state(self._thread.native_id)
            asleep = asleep + 1 if state in "SD" and now_used == used else 0
            used = now_used
            if asleep >= _ASLEEP:
                return True
            if time.monotonic() > deadline:
                raise TimeoutError(f"timed out: an operation neither ended nor blocked within {DEADLINE:.0f} s")
        return False

    def result(self) -> object:
        if not self._over.wait(DEADLINE):
            raise TimeoutError(f"timed out: an operation did not end within {DEADLINE:.0f} s")
        if self._error:
            raise self._error
        return self._value


def _thread_state(thread: int | None) -> tuple[str, int]:
    """Return the state letter of a thread of this process and the clock ticks that it has used; see proc(5)."""
    with suppress(OSError):
        fields = Path(f"/proc/self/task/{thread}/stat").read_text().rpartition(")")[2].split()
        return fields[0], int(fields[11]) + int(fields[12])
    return "X", 0


def within_deadline(operation: Callable[[], int]) -> int:
    """Run an operation that may block, and return its result. Raises TimeoutError if it exceeds the time limit."""
    if getattr(_here, "is_started", False):  # the thread that started this one enforces the limit
        return operation()
    value = Started(operation).result()
    assert isinstance(value, int)
    return value
