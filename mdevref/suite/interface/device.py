"""What the steps ask of a target's device interface: the system calls of a user process, and a device held open.

Every failure is an :class:`OSError` with the errno that the implementation gave. A target that has devices but no
containers and groups (a server of one device) opens devices and raises Unsupported for a process.
"""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from typing import Protocol


class Area(Protocol):
    """Some of a process's memory: where it begins, and its very bytes."""

    @property
    def address(self) -> int: ...
    @property
    def buffer(self) -> memoryview: ...


class Memory(Protocol):
    """The memory of a process, mapped in pages of 4096 bytes."""

    def map(self, length: int, *, writable: bool = True) -> Area:
        """Map so many bytes, a whole number of pages, of zeros."""

    def unmap(self, address: int) -> None:
        """Unmap what begins there."""


class Process(Protocol):
    """A user process, each call a system call of it. File descriptors are its own.

    ``argument`` of an ioctl: a bytearray stands for a pointer to these bytes, which the call may change in place; an
    int is passed as it is, be it a value or an address in ``memory``. Address 0 is one that a process never has.
    """

    @property
    def memory(self) -> Memory: ...

    def open(self, path: str, flags: int = os.O_RDWR) -> int:
        """Open a node by its path below ``/dev``, such as ``vfio/vfio``."""

    def open_number(self, major: int, minor: int) -> int:
        """Open a character device by its number, through a node that is made for it and does not stay."""

    def ioctl(self, descriptor: int, request: int, argument: int | bytearray = 0) -> int: ...
    def pread(self, descriptor: int, count: int, offset: int) -> bytes: ...
    def pwrite(self, descriptor: int, data: bytes, offset: int) -> int: ...
    def read(self, descriptor: int, count: int) -> bytes: ...
    def lseek(self, descriptor: int, offset: int) -> int:
        """Set the position in a file, from its beginning."""

    def mmap(self, descriptor: int, length: int, offset: int) -> memoryview:
        """Map a part of a file, shared, to read and to write. The file stays in use until it is unmapped."""

    def munmap(self, view: memoryview) -> None: ...
    def eventfd(self) -> int:
        """A new eventfd that does not block: :meth:`read` of 8 bytes gives its counter, or EAGAIN."""

    def drop_privileges(self) -> None:
        """From now on the process has no capability; Unsupported where it is not to lose them."""

    def no_descriptor_left(self) -> AbstractContextManager[None]:
        """Meanwhile the process has as many files open as it may."""

    def close(self, descriptor: int) -> None: ...
    def exit(self) -> None:
        """End without closing anything. What is still open, and the memory, is then for the kernel to take back."""


class HeldDevice(Protocol):
    """A device held open, whichever way: its structures and regions as with a file that VFIO gives (uapi).

    A device that is reached by messages takes the same requests and structures, and an offset as its region info
    gives it; what cannot be said in its protocol raises Unsupported.
    """

    def ioctl(self, request: int, argument: int | bytearray = 0) -> int: ...
    def pread(self, count: int, offset: int) -> bytes: ...
    def pwrite(self, data: bytes, offset: int) -> int: ...
    def mmap(self, length: int, offset: int) -> memoryview: ...
    def eventfd(self) -> int:
        """An eventfd whose number the payload of SET_IRQS may have."""

    def signals(self, eventfd: int) -> int:
        """How often an eventfd was signalled since the last call."""

    def close(self) -> None:
        """Let go of the device, and of all that was needed to hold it."""
