"""Open files: what can be done with one, who holds it, and eventfds."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from errno import EINVAL, ENODEV, ENOTTY
from typing import TYPE_CHECKING, Any

from mdevref.kernel.errors import fail

if TYPE_CHECKING:
    from mdevref.kernel.process import UserArgument


class FileOperations:
    """What can be done with an open file; what a kind of file does not have fails as in the kernel."""

    __slots__ = ()
    is_seekable = False

    def read(self, count: int, position: int) -> bytes:
        """``EINVAL`` without."""
        raise fail(EINVAL)

    def write(self, data: bytes, position: int) -> int:
        """``EINVAL`` without."""
        raise fail(EINVAL)

    def ioctl(self, request: int, argument: UserArgument) -> int:
        """``ENOTTY`` without."""
        raise fail(ENOTTY)

    def mmap(self, length: int, position: int) -> Any:
        """Something with a buffer. ``ENODEV`` without."""
        raise fail(ENODEV)

    def release(self) -> None:
        """Called once, when nobody holds the file any more."""


class OpenFile:
    """An open file description: its operations, its position, and how many hold it."""

    __slots__ = ("_lock", "_references", "operations", "position")

    def __init__(self, operations: FileOperations) -> None:
        self._lock = threading.Lock()
        self._references = 1
        self.operations = operations
        self.position = 0

    def get(self) -> bool:
        """Take hold of it; False if it was released meanwhile."""
        with self._lock:
            if not self._references:
                return False
            self._references += 1
            return True

    def put(self) -> None:
        """Let go of it. The last one to do so releases it."""
        with self._lock:
            self._references -= 1
            is_last = not self._references
        if is_last:
            self.operations.release()


class EventFd(FileOperations):
    """An eventfd, backed by a real one; a file and everyone who signals it hold it."""

    __slots__ = ("_descriptor", "_holders", "_lock")

    def __init__(self, descriptor: int | None = None) -> None:
        """``descriptor``: a real eventfd to own; without one, a new one that does not block."""
        self._descriptor = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC) if descriptor is None else descriptor
        self._lock = threading.Lock()
        self._holders = 1

    def fileno(self) -> int:
        """The real eventfd, for select(2) and the like."""
        return self._descriptor

    def read(self, count: int, position: int) -> bytes:
        """The counter in 8 bytes, which is 0 after that. ``EAGAIN`` if it is, ``EINVAL`` for less room."""
        return os.read(self._descriptor, count)

    def write(self, data: bytes, position: int) -> int:
        return os.write(self._descriptor, data)

    def signal(self) -> None:
        """Add one to the counter; one that is full stays so, as in the kernel, where nobody waits for its reader."""
        with suppress(BlockingIOError):
            os.eventfd_write(self._descriptor, 1)

    def hold(self) -> None:
        with self._lock:
            self._holders += 1

    def release(self) -> None:
        """Let go of it; the last one closes the real eventfd."""
        with self._lock:
            self._holders -= 1
            is_last = not self._holders
        if is_last:
            os.close(self._descriptor)
