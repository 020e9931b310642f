"""User processes and their system calls on files.

Descriptors, mappings and running calls hold references to a file. As in the kernel, the file is released when the last
reference is dropped, also when its process exits.
"""

from __future__ import annotations

import os
import threading
from errno import EINVAL, ESPIPE

from mdevref.kernel.errors import fail
from mdevref.kernel.memory import DEFAULT_MEMLOCK, PAGE_SIZE, AddressSpace, HostMemory
from mdevref.kernel.nodes import Nodes
from mdevref.kernel.open_files import EventFd, FileOperations, OpenFile, Task, UserArgument

#: The capabilities of root that the host checks.
CAPABILITIES = frozenset({"CAP_IPC_LOCK", "CAP_SYS_RAWIO"})
OPEN_FILES = 1024  #: default limit of open descriptors of a process


class Process(Task):
    """A process of a machine. Its calls may be made from any thread; they fail with ``ESRCH`` once it has ended."""

    def __init__(
        self,
        nodes: Nodes,
        host_memory: HostMemory,
        *,
        uid: int = 0,
        capabilities: frozenset[str] | None = None,
        open_files: int = OPEN_FILES,
        memlock: int | None = DEFAULT_MEMLOCK,
    ) -> None:
        """Create a process. ``capabilities`` default to all of them for root and none for other users.

        ``open_files`` is the limit of descriptors. ``memlock`` is the limit of locked memory in bytes, or None for no
        limit.
        """
        if capabilities is None:
            capabilities = CAPABILITIES if not uid else frozenset()
        super().__init__(AddressSpace(host_memory, memlock), uid=uid, capabilities=capabilities, open_files=open_files)
        self.nodes = nodes
        self._mappings: list[tuple[memoryview, OpenFile]] = []
        self._mappings_lock = threading.Lock()

    # Files and descriptors

    def open(self, path: str, flags: int = os.O_RDWR) -> int:
        """Open a node by its path below /dev. ``ENOENT``, ``EACCES``, ``ENXIO``, ``EMFILE``, or the driver's errno."""
        descriptor = self.take_descriptor()
        try:
            operations = self.nodes.open(self, path)
        except BaseException:
            self.give_back_descriptor(descriptor)
            raise
        self.install_at(descriptor, operations)
        return descriptor

    def eventfd(self) -> int:
        """Create a non-blocking eventfd and return its descriptor."""
        descriptor = self.take_descriptor()
        self.install_at(descriptor, EventFd())
        return descriptor

    def install(self, operations: FileOperations) -> int:
        """Return a new descriptor for a file created elsewhere. ``EMFILE`` if the limit is reached."""
        descriptor = self.take_descriptor()
        self.install_at(descriptor, operations)
        return descriptor

    def dup(self, descriptor: int) -> int:
        """Return a new descriptor for the same open file. ``EBADF`` or ``EMFILE``."""
        with self.file(descriptor) as file:
            other = self.take_descriptor()
            file.get()
            self.enter(other, file)
        return other

    def send(self, descriptor: int, receiver: Process) -> int:
        """Send an open file to another process, as SCM_RIGHTS does, and return its descriptor there.

        Errors as for :meth:`dup`.
        """
        with self.file(descriptor) as file:
            other = receiver.take_descriptor()
            file.get()
            receiver.enter(other, file)
        return other

    # Calls on a file

    def pread(self, descriptor: int, count: int, offset: int) -> bytes:
        """Read at ``offset``. ``EBADF``, ``EINVAL`` if the offset is negative, or the driver's errno."""
        file = self.hold(descriptor)
        try:
            if offset < 0:
                raise fail(EINVAL)
            return file.operations.read(count, offset)
        finally:
            file.put()

    def pwrite(self, descriptor: int, data: bytes, offset: int) -> int:
        """Write at ``offset`` and return the number of bytes written. Errors as for :meth:`pread`."""
        file = self.hold(descriptor)
        try:
            if offset < 0:
                raise fail(EINVAL)
            return file.operations.write(data, offset)
        finally:
            file.put()

    def read(self, descriptor: int, count: int) -> bytes:
        """Read at the file's position and advance it."""
        with self.file(descriptor) as file:
            data = file.operations.read(count, file.position)
            file.position += len(data)
            return data

    def write(self, descriptor: int, data: bytes) -> int:
        """Write at the file's position and advance it."""
        with self.file(descriptor) as file:
            count = file.operations.write(data, file.position)
            file.position += count
            return count

    def lseek(self, descriptor: int, offset: int, whence: int = os.SEEK_SET) -> int:
        """Set and return the position. ``ESPIPE`` if the file has none, ``EINVAL`` if it would become negative."""
        with self.file(descriptor) as file:
            if not file.operations.is_seekable:
                raise fail(ESPIPE)
            position = offset + (file.position if whence == os.SEEK_CUR else 0)
            if whence not in (os.SEEK_SET, os.SEEK_CUR) or position < 0:
                raise fail(EINVAL)
            file.position = position
            return position

    def ioctl(self, descriptor: int, request: int, argument: int | bytearray = 0) -> int:
        """Call ioctl(2). ``argument`` is a value, an address, or a bytearray that the call may change in place."""
        file = self.hold(descriptor)
        try:
            return file.operations.ioctl(request & 0xFFFF_FFFF, UserArgument(self, argument))
        finally:
            file.put()

    def mmap(self, descriptor: int, length: int, offset: int) -> memoryview:
        """Map a part of a file. The mapping holds the file until :meth:`munmap`, even after its descriptor is closed.

        ``EINVAL`` if the length is 0 or the offset is not a multiple of the page size; otherwise the driver's errno.
        """
        if offset % PAGE_SIZE or offset < 0:
            raise fail(EINVAL)
        file = self.hold(descriptor)
        try:
            if length <= 0:
                raise fail(EINVAL)
            view = memoryview(file.operations.mmap(length, offset))
            with self._mappings_lock:
                self._mappings.append((view, file))
        except BaseException:
            file.put()
            raise
        return view

    def munmap(self, view: memoryview) -> None:
        """Unmap a view that :meth:`mmap` returned. ``EINVAL`` if it is not mapped."""
        with self._mappings_lock:
            mapping = next((one for one in self._mappings if one[0] is view), None)
            if mapping is None:
                raise fail(EINVAL)
            self._mappings.remove(mapping)
        mapping[1].put()

    def exit(self) -> None:
        """End the process: free its memory, then drop its mappings and files. A second call does nothing."""
        files = self.end()
        if files is None:
            return
        with self._mappings_lock:
            mappings, self._mappings = self._mappings, []
        self.memory.exit()
        for _, file in mappings:
            file.put()
        for file in files:
            file.put()
