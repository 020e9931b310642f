"""A process of the running kernel: this process makes the system calls, and keeps a table of the open descriptors."""

from __future__ import annotations

import ctypes
import fcntl
import mmap
import os
import resource
import signal
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache

from mdevref.suite.interface.device import Area
from mdevref.suite.interface.unsupported import Unsupported
from mdevref.vfio import uapi

MayOpen = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class LiveArea:
    """Anonymous memory of this process."""

    address: int
    buffer: memoryview
    mapping: mmap.mmap


class LiveMemory:
    """The anonymous memory that is mapped for a scenario."""

    def __init__(self) -> None:
        self._areas: dict[int, LiveArea] = {}

    def map(self, length: int, *, writable: bool = True) -> Area:
        mapping = mmap.mmap(-1, length, prot=mmap.PROT_READ | (mmap.PROT_WRITE if writable else 0))
        buffer = memoryview(mapping)
        area = LiveArea(_address_of(buffer), buffer, mapping)
        self._areas[area.address] = area
        return area

    def unmap(self, address: int) -> None:
        area = self._areas.pop(address)
        area.buffer.release()
        area.mapping.close()

    def unmap_all(self) -> None:
        """Unmap every area."""
        for address in list(self._areas):
            self.unmap(address)


class _Buffer(ctypes.Structure):
    """The interpreter's Py_buffer structure; only its first field is used."""

    _fields_ = [("address", ctypes.c_void_p), ("rest", ctypes.c_byte * 128)]


def _address_of(buffer: memoryview) -> int:
    """Return the address of the bytes, which may be read-only."""
    found = _Buffer()
    ctypes.pythonapi.PyObject_GetBuffer(ctypes.py_object(buffer), ctypes.byref(found), 0)
    address = found.address
    ctypes.pythonapi.PyBuffer_Release(ctypes.byref(found))
    return int(address)


class LiveProcess:
    """System calls of this process. ``may_open`` raises an exception if a path below ``dev`` must not be opened."""

    def __init__(self, may_open: MayOpen, *, dev: str = "/dev") -> None:
        self._may_open = may_open
        self._dev = dev
        self._open: set[int] = set()
        self._mappings: list[tuple[memoryview, mmap.mmap]] = []
        self.memory = LiveMemory()

    def open(self, path: str, flags: int = os.O_RDWR) -> int:
        self._may_open(path)
        return self._keep(os.open(f"{self._dev}/{path}", flags | os.O_CLOEXEC))

    def open_number(self, major: int, minor: int) -> int:
        name = f"mdevref-{os.getpid()}-{major}-{minor}"
        path = f"{self._dev}/{name}"
        os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(major, minor))
        try:
            self._may_open(name)
            return self._keep(os.open(path, os.O_RDWR | os.O_CLOEXEC))
        finally:
            os.unlink(path)

    def ioctl(self, descriptor: int, request: int, argument: int | bytearray = 0) -> int:
        if isinstance(argument, int):
            result = _ioctl_with_value(descriptor, request, argument)
        else:
            result = fcntl.ioctl(descriptor, request, argument, True)
        return self._keep(result) if request == uapi.GROUP_GET_DEVICE_FD else result

    def pread(self, descriptor: int, count: int, offset: int) -> bytes:
        return os.pread(descriptor, count, offset)

    def pwrite(self, descriptor: int, data: bytes, offset: int) -> int:
        return os.pwrite(descriptor, data, offset)

    def read(self, descriptor: int, count: int) -> bytes:
        return os.read(descriptor, count)

    def lseek(self, descriptor: int, offset: int) -> int:
        return os.lseek(descriptor, offset, os.SEEK_SET)

    def mmap(self, descriptor: int, length: int, offset: int) -> memoryview:
        mapping = mmap.mmap(descriptor, length, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE, offset=offset)
        view = memoryview(mapping)
        self._mappings.append((view, mapping))
        return view

    def munmap(self, view: memoryview) -> None:
        found = next(mapping for mapping in self._mappings if mapping[0] is view)
        self._mappings.remove(found)
        view.release()
        found[1].close()

    def eventfd(self) -> int:
        return self._keep(os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC))

    def drop_privileges(self) -> None:
        raise Unsupported("the suite makes the calls itself and must keep its privileges")

    @contextmanager
    def no_descriptor_left(self) -> Iterator[None]:
        limits = resource.getrlimit(resource.RLIMIT_NOFILE)
        spare = [os.open(os.devnull, os.O_RDONLY)]
        try:
            # The limit applies to descriptor numbers, so the free numbers below it must be used up.
            resource.setrlimit(resource.RLIMIT_NOFILE, (max(map(int, os.listdir("/proc/self/fd"))) + 1, limits[1]))
            with suppress(OSError):
                while True:
                    spare.append(os.dup(spare[0]))
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
            for descriptor in spare:
                os.close(descriptor)

    def close(self, descriptor: int) -> None:
        os.close(descriptor)
        self._open.discard(descriptor)

    def exit(self) -> None:
        """Fork a child that shares all open files, close them here, and kill the child, which has not closed them."""
        child = os.fork()
        if not child:
            while True:
                signal.pause()
        try:
            self.close_all()
        finally:
            os.kill(child, signal.SIGKILL)
            # The kernel closes the files of a process before waitpid(2) returns it.
            os.waitpid(child, 0)

    def close_all(self) -> None:
        """Close every descriptor, and unmap every mapping and area."""
        for view, _ in tuple(self._mappings):
            self.munmap(view)
        for descriptor in list(self._open):
            with suppress(OSError):
                self.close(descriptor)
        self.memory.unmap_all()

    def _keep(self, descriptor: int) -> int:
        self._open.add(descriptor)
        return descriptor


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _ioctl_with_value(descriptor: int, request: int, value: int) -> int:
    """Call ioctl(2) through the C library, because :mod:`fcntl` accepts no int of the size of an address."""
    result = int(_libc().ioctl(descriptor, ctypes.c_ulong(request), ctypes.c_ulong(value)))
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
