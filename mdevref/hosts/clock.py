"""The clock of a host: real time, or time that a test controls."""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable
from typing import Protocol


class Clock(Protocol):
    """Schedules callbacks. Times are in seconds."""

    def call_later(self, seconds: float, action: Callable[[], object]) -> Callable[[], object]:
        """Call ``action`` after ``seconds``, in any thread. Return a function that cancels the call."""
        ...


class WallClock:
    """Real time."""

    def call_later(self, seconds: float, action: Callable[[], object]) -> Callable[[], object]:
        timer = threading.Timer(seconds, action)
        timer.daemon = True
        timer.start()
        return timer.cancel


class ManualClock:
    """Time that passes only when a test calls :meth:`advance`."""

    def __init__(self) -> None:
        self.now = 0.0
        self._lock = threading.Lock()
        self._order = itertools.count()
        self._due: list[tuple[float, int, Callable[[], object]]] = []

    def call_later(self, seconds: float, action: Callable[[], object]) -> Callable[[], object]:
        entry = (self.now + seconds, next(self._order), action)
        with self._lock:
            heapq.heappush(self._due, entry)

        def forget() -> None:
            with self._lock:
                if entry in self._due:
                    self._due.remove(entry)
                    heapq.heapify(self._due)

        return forget

    def advance(self, seconds: float) -> None:
        """Advance by ``seconds`` and run the actions that become due, in the caller's thread."""
        end = self.now + seconds
        while True:
            with self._lock:
                if not self._due or self._due[0][0] > end:
                    break
                self.now, _, action = heapq.heappop(self._due)
            action()
        self.now = end
