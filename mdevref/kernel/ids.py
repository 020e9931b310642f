"""Allocation of numbers: the kernel's ida, and its search for a free character-device major."""

from __future__ import annotations

import heapq
import threading


class LowestFree:
    """Allocates the lowest free number in O(log n)."""

    __slots__ = ("_free", "_lock", "_next")

    def __init__(self) -> None:
        self._free: list[int] = []
        self._next = 0
        self._lock = threading.Lock()

    def take(self) -> int:
        with self._lock:
            if self._free:
                return heapq.heappop(self._free)
            self._next += 1
            return self._next - 1

    def give_back(self, number: int) -> None:
        with self._lock:
            heapq.heappush(self._free, number)


class Majors:
    """Allocates character-device majors dynamically: the highest free one at or below ``first``."""

    __slots__ = ("_first", "_ids")

    def __init__(self, first: int) -> None:
        self._first = first
        self._ids = LowestFree()

    def take(self) -> int:
        return self._first - self._ids.take()

    def give_back(self, major: int) -> None:
        self._ids.give_back(self._first - major)
