"""Open files: their operations, the tasks that have them open, and the arguments of their ioctls.

They share a module because they refer to each other: an ioctl receives its caller, and the caller has open files.
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
_SOMEWHERE = 0x7FFF_0000_0000  #: the nominal address of a bytearray argument


class FileOperations:
    """The operations of an open file. An operation that is not overridden fails with the kernel's errno."""

    __slots__ = ()
    is_seekable = False

    def read(self, count: int, position: int) -> bytes:
        """Return up to ``count`` bytes. ``EINVAL`` unless overridden."""
        raise fail(EINVAL)

    def write(self, data: bytes, position: int) -> int:
        """Write ``data`` and return the number of bytes written. ``EINVAL`` unless overridden."""
        raise fail(EINVAL)

    def ioctl(self, request: int, argument: UserArgument) -> int:
        """Handle an ioctl and return its result. ``ENOTTY`` unless overridden."""
        raise fail(ENOTTY)

    def mmap(self, length: int, position: int) -> Any:
        """Return an object with the buffer interface. ``ENODEV`` unless overridden."""
        raise fail(ENODEV)

    def release(self) -> None:
        """Release the file. Called once, when its last reference is dropped."""


class OpenFile:
    """An open file description: its operations, its position, and its reference count."""

    __slots__ = ("_lock", "_references", "operations", "position")

    def __init__(self, operations: FileOperations) -> None:
        self._lock = threading.Lock()
        self._references = 1
        self.operations = operations
        self.position = 0

    def get(self) -> bool:
        """Take a reference; return False if the file has been released."""
        with self._lock:
            if not self._references:
                return False
            self._references += 1
            return True

    def put(self) -> None:
        """Drop a reference. The last one releases the file."""
        with self._lock:
            self._references -= 1
            is_last = not self._references
        if is_last:
            self.operations.release()


class EventFd(FileOperations):
    """An eventfd, backed by a real one. The open file and every signaller hold a reference."""

    __slots__ = ("_descriptor", "_holders", "_lock")

    def __init__(self, descriptor: int | None = None) -> None:
        """``descriptor`` is a real eventfd to take over; without one, a new non-blocking eventfd is created."""
        self._descriptor = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC) if descriptor is None else descriptor
        self._lock = threading.Lock()
        self._holders = 1

    def fileno(self) -> int:
        """Return the descriptor of the real eventfd, for select(2) and poll(2)."""
        return self._descriptor

    def read(self, count: int, position: int) -> bytes:
        """Return the counter as 8 bytes and reset it. ``EAGAIN`` if it is 0, ``EINVAL`` if ``count`` is below 8."""
        return os.read(self._descriptor, count)

    def write(self, data: bytes, position: int) -> int:
        return os.write(self._descriptor, data)

    def signal(self) -> None:
        """Add one to the counter. A full counter remains unchanged; as in the kernel, a signaller never blocks."""
        with suppress(BlockingIOError):
            os.eventfd_write(self._descriptor, 1)

    def hold(self) -> None:
        with self._lock:
            self._holders += 1

    def release(self) -> None:
        """Drop a reference. The last one closes the real eventfd."""
        with self._lock:
            self._holders -= 1
            is_last = not self._holders
        if is_last:
            os.close(self._descriptor)


class UserArgument:
    """The argument of an ioctl: a value, which may be an address in the caller's memory.

    A bytearray represents a pointer to exactly its bytes. An access beyond its end, or to an address that is not
    mapped, fails with ``EFAULT``.
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
        """Return ``size`` bytes of the caller's memory from ``offset`` on. ``EFAULT`` if they are not accessible."""
        if self._buffer is None:
            return self.process.memory.copy_in(self.value + offset, size)
        if offset + size > len(self._buffer):
            raise fail(EFAULT)
        return bytes(self._buffer[offset : offset + size])

    def copy_out(self, data: bytes, offset: int = 0) -> None:
        """Write ``data`` to the caller's memory from ``offset`` on. ``EFAULT`` if it is not accessible."""
        if self._buffer is None:
            self.process.memory.copy_out(self.value + offset, data)
            return
        if offset + len(data) > len(self._buffer):
            raise fail(EFAULT)
        self._buffer[offset : offset + len(data)] = data

    def copy_in_string(self, limit: int) -> bytes:
        """Return the NUL-terminated string without its NUL. ``EINVAL`` if it is not shorter than ``limit`` bytes."""
        for length in range(limit):
            if self.copy_in(1, length) == b"\0":
                return self.copy_in(length)
        raise fail(EINVAL)

    def look_up(self, descriptor: int) -> EventFd:
        """Return the caller's eventfd with a reference taken. ``EBADF`` if not open, ``EINVAL`` if not an eventfd."""
        with self.process.file(descriptor) as file:
            if not isinstance(file.operations, EventFd):
                raise fail(EINVAL)
            file.operations.hold()
            return file.operations


class Task:
    """A process as a driver sees its caller: its identity, its memory, and its open files.

    ``open_files`` is the limit of descriptors. After the task has ended, taking or using one fails with ``ESRCH``.
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
        """Return the open file of a descriptor with a reference, which the caller must drop. ``EBADF`` if not open."""
        file = self._files.get(descriptor)
        if file is None or not file.get():
            raise fail(ESRCH if self.has_ended else EBADF)
        return file

    @contextmanager
    def file(self, descriptor: int) -> Iterator[OpenFile]:
        """Hold a reference to the open file of a descriptor within the block. ``EBADF`` if it is not open."""
        file = self.hold(descriptor)
        try:
            yield file
        finally:
            file.put()

    def close(self, descriptor: int) -> None:
        """Close a descriptor. ``EBADF`` if it is not open."""
        with self._lock:
            file = self._files.pop(descriptor, None)
        if file is None:
            raise fail(EBADF)
        self.give_back_descriptor(descriptor)
        file.put()

    def end(self) -> list[OpenFile] | None:
        """Mark the task as ended and return its files in descriptor order, or None if it has ended already."""
        with self._lock:
            if self.has_ended:
                return None
            self.has_ended = True
            files, self._files = self._files, {}
        return [file for _, file in sorted(files.items())]

    # For drivers that create files: take the descriptor first, install the file after the last step that can fail

    def take_descriptor(self) -> int:
        """Reserve and return the lowest free descriptor, for :meth:`install_at`. ``EMFILE`` if the limit is reached."""
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
        """Install a new open file at a reserved descriptor."""
        self.enter(descriptor, OpenFile(operations))

    def enter(self, descriptor: int, file: OpenFile) -> None:
        """Install an open file at a reserved descriptor; the caller's reference passes to the descriptor."""
        with self._lock:
            if not self.has_ended:
                self._files[descriptor] = file
                return
        file.put()  # the task ended during the call
        raise fail(ESRCH)
