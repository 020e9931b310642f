"""Operations that may block: each in a thread of its own, with a deadline."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

DEADLINE = 10.0  # seconds that an operation may take; the slowest real one, an unload in a guest, takes 1.5
_GLANCE = 0.02  # seconds between two looks at a thread
_ASLEEP = 3  # looks in a row that must find a thread asleep in the kernel

_here = threading.local()


class Started:
    """An operation in a thread of its own: a write may wait in the kernel for as long as a device is open."""

    def __init__(self, operation: Callable[[], object]) -> None:
        self._operation = operation
        self._value: object = None
        self._error: BaseException | None = None
        self._over = threading.Event()
        # Not waited for at the end of the process: nobody can interrupt a thread that waits inside a driver.
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
        """Whether the thread sleeps in the kernel: several looks in a row find it asleep, and it uses no time."""
        deadline, asleep, used = time.monotonic() + DEADLINE, 0, -1
        while not self._over.wait(_GLANCE):
            state, now_used = _thread_state(self._thread.native_id)
            asleep = asleep + 1 if state in "SD" and now_used == used else 0
            used = now_used
            if asleep >= _ASLEEP:
                return True
            if time.monotonic() > deadline:
                raise TimeoutError(f"a thread is neither done nor asleep after {DEADLINE:.0f} s")
        return False

    def result(self) -> object:
        if not self._over.wait(DEADLINE):
            raise TimeoutError(f"no end within {DEADLINE:.0f} s")
        if self._error:
            raise self._error
        return self._value


def _thread_state(thread: int | None) -> tuple[str, int]:
    """The state letter of a thread of this process, and the clock ticks that it has used; proc(5)."""
    with suppress(OSError):
        fields = Path(f"/proc/self/task/{thread}/stat").read_text().rpartition(")")[2].split()
        return fields[0], int(fields[11]) + int(fields[12])
    return "X", 0


def within_deadline(operation: Callable[[], int]) -> int:
    """Run an operation that may block; TimeoutError where it has not come back within the deadline."""
    if getattr(_here, "is_started", False):  # whoever has started this thread keeps to the deadline
        return operation()
    value = Started(operation).result()
    assert isinstance(value, int)
    return value
