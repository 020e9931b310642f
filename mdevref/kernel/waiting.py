"""Every place where a thread can be held inside the host goes through here, so that a test can *know* that it waits.

Locks that are held only for a few statements are plain ``threading.Lock`` objects and are not told. Whatever may last
(a vendor's callback, an open device, the end of another writer) is a :class:`Mutex`, a :class:`Gate` or a
:meth:`Waits.wait_for`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType

DEADLINE = 10.0  #: seconds that a started operation may take to end, or to begin waiting


@dataclass(frozen=True, slots=True, eq=False)
class Wait:
    """One thread's wait: the thread's identity, what it waits for in words, and whether that has come true by now."""

    thread: int
    why: str
    is_over: Callable[[], bool]


class Waits:
    """Who waits inside the host, and for what."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: dict[int, Wait] = {}

    def wait_for(self, condition: threading.Condition, is_over: Callable[[], bool], why: str) -> None:
        """Wait on ``condition``, which the caller holds, until ``is_over`` says so.

        ``is_over`` is also asked without the lock (by :meth:`is_blocked`): it reads plain values and takes no lock.
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
        """Take ``lock``; only a thread that has to wait for it is told."""
        if lock.acquire(blocking=False):
            return
        self._enter(Wait(threading.get_ident(), why, lambda: not lock.locked()))
        try:
            lock.acquire()
        finally:
            self._leave()

    def current(self) -> list[Wait]:
        """The waits whose end has not come yet."""
        with self._changed:
            return [wait for wait in self._waiting.values() if not wait.is_over()]

    def is_blocked(self, thread: int, has_ended: Callable[[], bool], seconds: float) -> bool:
        """Whether ``thread`` waits inside the host; returns as soon as it does, or has ended (then False).

        A thread that is about to go on (what it waited for has happened) does not count as waiting. Raises
        ``TimeoutError`` when the thread neither waits nor ends within ``seconds``.
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
                    raise TimeoutError(f"the operation neither ended nor waited within {seconds:g} s")
                self._changed.wait(remaining)

    def notify(self) -> None:
        """Wake whoever asks :meth:`is_blocked`: an operation has ended."""
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
    """An operation that runs in a thread of its own, beside its starter."""

    def __init__(self, waits: Waits, operation: Callable[[], object]) -> None:
        self._waits = waits
        self._operation = operation
        self._value: object = None
        self._error: BaseException | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def is_blocked(self) -> bool:
        """Whether it waits inside the host (True) or has ended (False). ``TimeoutError`` past the deadline."""
        assert self._thread.ident is not None
        return self._waits.is_blocked(self._thread.ident, self._ended.is_set, DEADLINE)

    def result(self) -> object:
        """Wait for the end; its value, or raise what it raised. ``TimeoutError`` past the deadline."""
        if not self._ended.wait(DEADLINE):
            raise TimeoutError(f"the operation had not ended after {DEADLINE:g} s")
        if self._error is not None:
            raise self._error
        return self._value

    def _run(self) -> None:
        try:
            self._value = self._operation()
        except BaseException as error:  # handed to whoever asks for the result
            self._error = error
        self._ended.set()
        self._waits.notify()


class Mutex:
    """A lock that may be held for long: who waits for it is known to :class:`Waits` under the lock's name."""

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
    """Many may be inside at once until somebody closes it, who waits for those inside; nobody enters after that.

    This is the kernel's read-write semaphore as the core uses it: the read side is only ever *tried*.
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
        """Let nobody in any more, then wait until those inside have left."""
        with self._condition:
            self._is_closed = True
            self._waits.wait_for(self._condition, lambda: not self._inside, self.name)

    def open(self) -> None:
        with self._condition:
            self._is_closed = False
