"""What tells a host that time has passed: the wall's clock, or a test."""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable
from typing import Protocol


class Clock(Protocol):
    """Calls back later. Times are in seconds."""

    def call_later(self, seconds: float, action: Callable[[], object]) -> Callable[[], object]:
        """Call ``action`` after so long, in some thread; what comes back, when called, forgets it."""
        ...


class WallClock:
    """Real time."""

    def call_later(self, seconds: float, action: Callable[[], object]) -> Callable[[], object]:
        timer = threading.Timer(seconds, action)
        timer.daemon = True
        timer.start()
        return timer.cancel


class ManualClock:
    """Time that passes when a test says so."""

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
        """Let so much time pass, and do what comes due, in the caller's thread."""
        end = self.now + seconds
        while True:
            with self._lock:
                if not self._due or self._due[0][0] > end:
                    break
                self.now, _, action = heapq.heappop(self._due)
            action()
        self.now = end
