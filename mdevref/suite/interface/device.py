"""The device interface of a target: the system calls of a user process, and a device held open.

Every failed call raises :class:`OSError` with the errno that the implementation returned. A target that has a device
but no containers and groups (such as a vfio-user server) opens the device, and raises Unsupported for a process.
"""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from typing import Protocol


class Area(Protocol):
    """An area of a process's memory: its address, and a view of its bytes."""

    @property
    def address(self) -> int: ...
    @property
    def buffer(self) -> memoryview: ...


class Memory(Protocol):
    """The memory of a process, mapped in pages of 4096 bytes."""

    def map(self, length: int, *, writable: bool = True) -> Area:
        """Map ``length`` zero bytes, a whole number of pages."""

    def unmap(self, address: int) -> None:
        """Unmap the area that begins at ``address``."""


class Process(Protocol):
    """A user process; each call is one of its system calls. File descriptors belong to that process.

    ``argument`` of an ioctl is a bytearray or an int. A bytearray is passed as a pointer to its bytes, and the call may
    change them in place. An int is passed unchanged, as a value or as an address in ``memory``. Address 0 is never
    mapped.
    """

    @property
    def memory(self) -> Memory: ...

    def open(self, path: str, flags: int = os.O_RDWR) -> int:
        """Open a node by its path below ``/dev``, such as ``vfio/vfio``, and return its file descriptor."""

    def open_number(self, major: int, minor: int) -> int:
        """Open a character device by its number, through a temporary node, and return its file descriptor."""

    def ioctl(self, descriptor: int, request: int, argument: int | bytearray = 0) -> int: ...
    def pread(self, descriptor: int, count: int, offset: int) -> bytes: ...
    def pwrite(self, descriptor: int, data: bytes, offset: int) -> int: ...
    def read(self, descriptor: int, count: int) -> bytes: ...
    def lseek(self, descriptor: int, offset: int) -> int:
        """Set the file position to ``offset`` bytes from the beginning, and return it."""

    def mmap(self, descriptor: int, length: int, offset: int) -> memoryview:
        """Map a part of a file, shared, readable and writable. The file stays in use until the view is unmapped."""

    def munmap(self, view: memoryview) -> None: ...
    def eventfd(self) -> int:
        """Return a new non-blocking eventfd; :meth:`read` of 8 bytes returns its counter or fails with EAGAIN."""

    def drop_privileges(self) -> None:
        """Drop every capability of the process; raise Unsupported if the target cannot do that."""

    def no_descriptor_left(self) -> AbstractContextManager[None]:
        """Return a context in which the process has exhausted its file descriptors."""

    def close(self, descriptor: int) -> None: ...
    def exit(self) -> None:
        """End the process without closing anything. The kernel then releases its open files and its memory."""


class HeldDevice(Protocol):
    """A device held open, by a VFIO file or by another protocol, with the requests and structures of the VFIO uapi.

    A device that is reached by messages (vfio-user) accepts the same requests, structures and region offsets. A request
    that its protocol cannot express raises Unsupported.
    """

    def ioctl(self, request: int, argument: int | bytearray = 0) -> int: ...
    def pread(self, count: int, offset: int) -> bytes: ...
    def pwrite(self, data: bytes, offset: int) -> int: ...
    def mmap(self, length: int, offset: int) -> memoryview: ...
    def eventfd(self) -> int:
        """Return an eventfd whose number may be used in the payload of SET_IRQS."""

    def signals(self, eventfd: int) -> int:
        """Return how often an eventfd was signalled since the last call."""

    def close(self) -> None:
        """Close the device and every file that was opened to hold it."""
