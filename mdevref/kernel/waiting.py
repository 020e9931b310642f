"""Blocking inside the host. Every long wait goes through this module, so that a test can detect a blocked thread.

Locks that are held only for a few statements are plain ``threading.Lock`` objects and are not recorded. A wait that may
last long (for a vendor's callback, an open device, the end of another writer) uses a :class:`Mutex`, a :class:`Gate` or
:meth:`Waits.wait_for`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType

DEADLINE = 10.0  #: seconds within which a started operation must end or block


@dataclass(frozen=True, slots=True, eq=False)
class Wait:
    """The wait of one thread: its identity, a description of what it waits for, and a test for the end of the wait."""

    thread: int
    why: str
    is_over: Callable[[], bool]


class Waits:
    """The threads that are blocked inside the host, and what each waits for."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: dict[int, Wait] = {}

    def wait_for(self, condition: threading.Condition, is_over: Callable[[], bool], why: str) -> None:
        """Wait on ``condition``, which the caller holds, until ``is_over`` returns True.

        :meth:`is_blocked` also calls ``is_over`` without the lock, so it must only read plain values and take no lock.
        """
        if is_over():
            return
        self._enter(Wait(threading.get_ident(), why, is_over))
        try:
            while not is_over():
                condition.wait()
        finally:
            self._leave()

    def acquire(self, lock: threading.Lock, why: str) -> None:
        """Acquire ``lock``. Only a thread that has to wait for it is recorded."""
        if lock.acquire(blocking=False):
            return
        self._enter(Wait(threading.get_ident(), why, lambda: not lock.locked()))
        try:
            lock.acquire()
        finally:
            self._leave()

    def current(self) -> list[Wait]:
        """Return the waits that are not over."""
        with self._changed:
            return [wait for wait in self._waiting.values() if not wait.is_over()]

    def is_blocked(self, thread: int, has_ended: Callable[[], bool], seconds: float) -> bool:
        """Return True as soon as ``thread`` blocks inside the host, or False as soon as it has ended.

        A thread whose wait is over but which has not resumed does not count as blocked. Raise ``TimeoutError`` if the
        thread neither blocks nor ends within ``seconds``.
        """
        deadline = time.monotonic() + seconds
        with self._changed:
            while True:
                if has_ended():
                    return False
                wait = self._waiting.get(thread)
                if wait is not None and not wait.is_over():
                    return True
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    raise TimeoutError(f"the operation timed out: it neither ended nor blocked within {seconds:g} s")
                self._changed.wait(remaining)

    def notify(self) -> None:
        """Wake the callers of :meth:`is_blocked`, because an operation has ended."""
        with self._changed:
            self._changed.notify_all()

    def _enter(self, wait: Wait) -> None:
        with self._changed:
            self._waiting[wait.thread] = wait
            self._changed.notify_all()

    def _leave(self) -> None:
        with self._changed:
            del self._waiting[threading.get_ident()]
            self._changed.notify_all()


class Started:
    """An operation that runs in its own thread."""

    def __init__(self, waits: Waits, operation: Callable[[], object]) -> None:
        self._waits = waits
        self._operation = operation
        self._value: object = None
        self._error: BaseException | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def is_blocked(self) -> bool:
        """Return True if the operation is blocked, False if it has ended. Raise ``TimeoutError`` past the deadline."""
        assert self._thread.ident is not None
        return self._waits.is_blocked(self._thread.ident, self._ended.is_set, DEADLINE)

    def result(self) -> object:
        """Wait for the end and return the result, or raise what was raised. ``TimeoutError`` past the deadline."""
        if not self._ended.wait(DEADLINE):
            raise TimeoutError(f"the operation timed out: it did not end within {DEADLINE:g} s")
        if self._error is not None:
            raise self._error
        return self._value

    def _run(self) -> None:
        try:
            self._value = self._operation()
        except BaseException as error:  # raised again by result()
            self._error = error
        self._ended.set()
        self._waits.notify()


class Mutex:
    """A lock that may be held for long. :class:`Waits` records the threads that wait for it, under the lock's name."""

    __slots__ = ("_lock", "_waits", "name")

    def __init__(self, waits: Waits, name: str) -> None:
        self._lock = threading.Lock()
        self._waits = waits
        self.name = name

    def __enter__(self) -> None:
        if not self._lock.acquire(blocking=False):
            self._waits.acquire(self._lock, self.name)

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()


class Gate:
    """A gate that many threads may enter until it is closed; closing waits for the threads inside.

    It models the kernel's read-write semaphore as the mdev core uses it: readers only ever *try* to acquire it.
    """

    __slots__ = ("_condition", "_inside", "_is_closed", "_waits", "name")

    def __init__(self, waits: Waits, name: str) -> None:
        self._condition = threading.Condition(threading.Lock())
        self._inside = 0
        self._is_closed = False
        self._waits = waits
        self.name = name

    def try_enter(self) -> bool:
        with self._condition:
            if self._is_closed:
                return False
            self._inside += 1
            return True

    def leave(self) -> None:
        with self._condition:
            self._inside -= 1
            if self._is_closed and not self._inside:
                self._condition.notify_all()

    def close(self) -> None:
        """Refuse further entries, then wait until all threads inside have left."""
        with self._condition:
            self._is_closed = True
            self._waits.wait_for(self._condition, lambda: not self._inside, self.name)

    def open(self) -> None:
        with self._condition:
            self._is_closed = False
