"""Open files: their operations, the tasks that have them open, and the arguments of their ioctls.

These refer to each other: an ioctl is handed its caller, and the caller has files.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import EBADF, EFAULT, EINVAL, EMFILE, ENODEV, ENOTTY, ESRCH
from typing import Any

from mdevref.kernel.errors import fail
from mdevref.kernel.ids import LowestFree
from mdevref.kernel.memory import AddressSpace

_FIRST_DESCRIPTOR = 3  #: after the standard streams
_WORD = 0xFFFF_FFFF_FFFF_FFFF
_SOMEWHERE = 0x7FFF_0000_0000  #: the address at which a bytearray is said to be


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


class UserArgument:
    """The argument of an ioctl: a value, which may be an address in the caller's memory.

    A bytearray stands for a pointer to exactly its bytes. Reaching beyond them, or an address that is not mapped, is
    ``EFAULT``.
    """

    __slots__ = ("_buffer", "process", "value")

    def __init__(self, process: Task, argument: int | bytearray) -> None:
        self.process = process
        if isinstance(argument, bytearray):
            self._buffer: bytearray | None = argument
            self.value = _SOMEWHERE
        else:
            self._buffer = None
            self.value = argument & _WORD

    def copy_in(self, size: int, offset: int = 0) -> bytes:
        """``size`` bytes of the caller's, from ``offset`` on."""
        if self._buffer is None:
            return self.process.memory.copy_in(self.value + offset, size)
        if offset + size > len(self._buffer):
            raise fail(EFAULT)
        return bytes(self._buffer[offset : offset + size])

    def copy_out(self, data: bytes, offset: int = 0) -> None:
        """Write the caller's bytes from ``offset`` on."""
        if self._buffer is None:
            self.process.memory.copy_out(self.value + offset, data)
            return
        if offset + len(data) > len(self._buffer):
            raise fail(EFAULT)
        self._buffer[offset : offset + len(data)] = data

    def copy_in_string(self, limit: int) -> bytes:
        """The string that ends with NUL. ``EINVAL`` if it is not shorter than ``limit`` bytes."""
        for length in range(limit):
            if self.copy_in(1, length) == b"\0":
                return self.copy_in(length)
        raise fail(EINVAL)

    def look_up(self, descriptor: int) -> EventFd:
        """The caller's eventfd, held until it is released. ``EBADF`` if not open, ``EINVAL`` if it is no eventfd."""
        with self.process.file(descriptor) as file:
            if not isinstance(file.operations, EventFd):
                raise fail(EINVAL)
            file.operations.hold()
            return file.operations


class Task:
    """A process as drivers see their caller: its identity, its memory, and its open files.

    ``open_files`` limits its descriptors. Once it has ended, taking or using a descriptor fails with ``ESRCH``.
    """

    def __init__(self, memory: AddressSpace, *, uid: int, capabilities: frozenset[str], open_files: int) -> None:
        self.memory = memory
        self.uid = uid
        self.capabilities = capabilities
        self.open_files = open_files
        self.has_ended = False
        self._files: dict[int, OpenFile] = {}
        self._descriptors = LowestFree()
        self._lock = threading.Lock()

    def hold(self, descriptor: int) -> OpenFile:
        """The open file of a descriptor, which the caller must put. ``EBADF`` if there is none."""
        file = self._files.get(descriptor)
        if file is None or not file.get():
            raise fail(ESRCH if self.has_ended else EBADF)
        return file

    @contextmanager
    def file(self, descriptor: int) -> Iterator[OpenFile]:
        """The open file of a descriptor, held meanwhile. ``EBADF`` if there is none."""
        file = self.hold(descriptor)
        try:
            yield file
        finally:
            file.put()

    def close(self, descriptor: int) -> None:
        """``EBADF`` if it is not open."""
        with self._lock:
            file = self._files.pop(descriptor, None)
        if file is None:
            raise fail(EBADF)
        self.give_back_descriptor(descriptor)
        file.put()

    def end(self) -> list[OpenFile] | None:
        """Mark the task as ended. Returns its files, in the order of their descriptors; None if it had ended before."""
        with self._lock:
            if self.has_ended:
                return None
            self.has_ended = True
            files, self._files = self._files, {}
        return [file for _, file in sorted(files.items())]

    # For drivers that make files: a descriptor first, the file when nothing can fail any more

    def take_descriptor(self) -> int:
        """The lowest descriptor that is free, for :meth:`install_at`. ``EMFILE`` if the task has too many."""
        if self.has_ended:
            raise fail(ESRCH)
        number = self._descriptors.take()
        if number + _FIRST_DESCRIPTOR >= self.open_files:
            self._descriptors.give_back(number)
            raise fail(EMFILE)
        return number + _FIRST_DESCRIPTOR

    def give_back_descriptor(self, descriptor: int) -> None:
        self._descriptors.give_back(descriptor - _FIRST_DESCRIPTOR)

    def install_at(self, descriptor: int, operations: FileOperations) -> None:
        """Open a new file at a descriptor that was taken."""
        self.enter(descriptor, OpenFile(operations))

    def enter(self, descriptor: int, file: OpenFile) -> None:
        """Put an open file, which the caller holds, at a descriptor that was taken."""
        with self._lock:
            if not self.has_ended:
                self._files[descriptor] = file
                return
        file.put()  # the task ended in the middle of the call
        raise fail(ESRCH)
