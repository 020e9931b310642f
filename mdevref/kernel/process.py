"""User processes: their file descriptors and the system calls on them.

A file that several hold (two descriptors, a mapping, a call in the middle) is released when the last lets go, as in the
kernel; so are the files of a process that dies.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EBADF, EFAULT, EINVAL, EMFILE, ESPIPE, ESRCH
from typing import TYPE_CHECKING

from mdevref.kernel.errors import fail
from mdevref.kernel.ids import LowestFree
from mdevref.kernel.memory import DEFAULT_MEMLOCK, PAGE_SIZE, AddressSpace
from mdevref.kernel.open_files import EventFd, FileOperations, OpenFile

if TYPE_CHECKING:
    from mdevref.kernel.core import Kernel

#: What root may do, as far as it is asked here.
CAPABILITIES = frozenset({"CAP_IPC_LOCK", "CAP_SYS_RAWIO"})
OPEN_FILES = 1024  #: descriptors that a process may have at once, unless said otherwise
_FIRST_DESCRIPTOR = 3  #: after the standard streams
_WORD = 0xFFFF_FFFF_FFFF_FFFF
_SOMEWHERE = 0x7FFF_0000_0000  #: the address at which a bytearray is said to be


class UserArgument:
    """The argument of an ioctl: a value, which may be an address in the caller's memory.

    A bytearray stands for a pointer to exactly its bytes. Reaching beyond them, or an address that is not mapped, is
    ``EFAULT``.
    """

    __slots__ = ("_buffer", "process", "value")

    def __init__(self, process: Process, argument: int | bytearray) -> None:
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


class Process:
    """A process of a machine. Its calls may be made from any thread; they fail with ``ESRCH`` once it has ended."""

    def __init__(
        self,
        kernel: Kernel,
        *,
        uid: int = 0,
        capabilities: frozenset[str] | None = None,
        open_files: int = OPEN_FILES,
        memlock: int | None = DEFAULT_MEMLOCK,
    ) -> None:
        """``capabilities``: root's where not said, and none for others. ``open_files`` and ``memlock`` are the limits,
        the latter in bytes and None for no limit."""
        self.kernel = kernel
        self.uid = uid
        self.capabilities = capabilities if capabilities is not None else CAPABILITIES if not uid else frozenset()
        self.open_files = open_files
        self.memory = AddressSpace(kernel.host_memory, memlock)
        self._files: dict[int, OpenFile] = {}
        self._mappings: list[tuple[memoryview, OpenFile]] = []
        self._descriptors = LowestFree()
        self._lock = threading.Lock()
        self.has_ended = False

    # Files and descriptors

    def open(self, path: str, flags: int = os.O_RDWR) -> int:
        """Open a node by its path below /dev. ``ENOENT``, ``EACCES``, ``ENXIO``, ``EMFILE``, or the driver's errno."""
        descriptor = self.take_descriptor()
        try:
            operations = self.kernel.nodes.open(self, path)
        except BaseException:
            self.give_back_descriptor(descriptor)
            raise
        self.install_at(descriptor, operations)
        return descriptor

    def eventfd(self) -> int:
        """A new eventfd that does not block."""
        descriptor = self.take_descriptor()
        self.install_at(descriptor, EventFd())
        return descriptor

    def install(self, operations: FileOperations) -> int:
        """A descriptor for a file that came from elsewhere. ``EMFILE`` if there is none free."""
        descriptor = self.take_descriptor()
        self.install_at(descriptor, operations)
        return descriptor

    def dup(self, descriptor: int) -> int:
        """A second descriptor of a file."""
        with self.file(descriptor) as file:
            other = self.take_descriptor()
            file.get()
            self._enter(other, file)
        return other

    def send(self, descriptor: int, receiver: Process) -> int:
        """Hand an open file to another process, as by SCM_RIGHTS; its descriptor there. Errors as :meth:`dup`."""
        with self.file(descriptor) as file:
            other = receiver.take_descriptor()
            file.get()
            receiver._enter(other, file)
        return other

    def close(self, descriptor: int) -> None:
        """``EBADF`` if it is not open."""
        with self._lock:
            file = self._files.pop(descriptor, None)
        if file is None:
            raise fail(EBADF)
        self.give_back_descriptor(descriptor)
        file.put()

    @contextmanager
    def file(self, descriptor: int) -> Iterator[OpenFile]:
        """The open file of a descriptor, held meanwhile. ``EBADF`` if there is none."""
        file = self._hold(descriptor)
        try:
            yield file
        finally:
            file.put()

    # For drivers that make files: a descriptor first, the file when nothing can fail any more

    def take_descriptor(self) -> int:
        """The lowest descriptor that is free, for :meth:`install_at`. ``EMFILE`` if the process has too many."""
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
        self._enter(descriptor, OpenFile(operations))

    def _enter(self, descriptor: int, file: OpenFile) -> None:
        with self._lock:
            if not self.has_ended:
                self._files[descriptor] = file
                return
        file.put()  # the process ended in the middle of the call
        raise fail(ESRCH)

    def _hold(self, descriptor: int) -> OpenFile:
        file = self._files.get(descriptor)
        if file is None or not file.get():
            raise fail(ESRCH if self.has_ended else EBADF)
        return file

    # Calls on a file

    def pread(self, descriptor: int, count: int, offset: int) -> bytes:
        """``EBADF``, ``EINVAL`` for a negative offset, or the driver's errno."""
        file = self._hold(descriptor)
        try:
            if offset < 0:
                raise fail(EINVAL)
            return file.operations.read(count, offset)
        finally:
            file.put()

    def pwrite(self, descriptor: int, data: bytes, offset: int) -> int:
        """As :meth:`pread`; the number of bytes that were written."""
        file = self._hold(descriptor)
        try:
            if offset < 0:
                raise fail(EINVAL)
            return file.operations.write(data, offset)
        finally:
            file.put()

    def read(self, descriptor: int, count: int) -> bytes:
        """Read at the file's position, which moves on."""
        with self.file(descriptor) as file:
            data = file.operations.read(count, file.position)
            file.position += len(data)
            return data

    def write(self, descriptor: int, data: bytes) -> int:
        """Write at the file's position, which moves on."""
        with self.file(descriptor) as file:
            count = file.operations.write(data, file.position)
            file.position += count
            return count

    def lseek(self, descriptor: int, offset: int, whence: int = os.SEEK_SET) -> int:
        """Set the position. ``ESPIPE`` for a file that has none, ``EINVAL`` for one that would be negative."""
        with self.file(descriptor) as file:
            if not file.operations.is_seekable:
                raise fail(ESPIPE)
            position = offset + (file.position if whence == os.SEEK_CUR else 0)
            if whence not in (os.SEEK_SET, os.SEEK_CUR) or position < 0:
                raise fail(EINVAL)
            file.position = position
            return position

    def ioctl(self, descriptor: int, request: int, argument: int | bytearray = 0) -> int:
        """``argument``: a value or an address as it is, or a bytearray that the call may change in place."""
        file = self._hold(descriptor)
        try:
            return file.operations.ioctl(request & 0xFFFF_FFFF, UserArgument(self, argument))
        finally:
            file.put()

    def mmap(self, descriptor: int, length: int, offset: int) -> memoryview:
        """Map a part of a file; the file is held until :meth:`munmap`, even when its descriptor is closed.

        ``EINVAL`` for a length of 0 or an offset that is not a multiple of the page's size, else the driver's errno.
        """
        if offset % PAGE_SIZE or offset < 0:
            raise fail(EINVAL)
        file = self._hold(descriptor)
        try:
            if length <= 0:
                raise fail(EINVAL)
            view = memoryview(file.operations.mmap(length, offset))
            with self._lock:
                self._mappings.append((view, file))
        except BaseException:
            file.put()
            raise
        return view

    def munmap(self, view: memoryview) -> None:
        """Unmap what :meth:`mmap` gave. ``EINVAL`` if it is not mapped."""
        with self._lock:
            mapping = next((one for one in self._mappings if one[0] is view), None)
            if mapping is None:
                raise fail(EINVAL)
            self._mappings.remove(mapping)
        mapping[1].put()

    def exit(self) -> None:
        """The process ends without closing anything: its memory goes, then its files. Twice does nothing."""
        with self._lock:
            if self.has_ended:
                return
            self.has_ended = True
            mappings, self._mappings = self._mappings, []
            files, self._files = self._files, {}
        self.memory.exit()
        for _, file in mappings:
            file.put()
        for _, file in sorted(files.items()):
            file.put()
