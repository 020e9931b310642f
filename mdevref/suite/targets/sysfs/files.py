"""A tree that behaves like /sys, through the files of the operating system."""

from __future__ import annotations

import os
import stat as stats
from collections.abc import Callable
from contextlib import AbstractContextManager

from mdevref.suite.interface.files import OpenFile, Stat
from mdevref.suite.targets.sysfs.started import within_deadline

_PAGE = 4096

#: Returns the context in which these bytes are written to this path.
Writing = Callable[[str, bytes], AbstractContextManager[None]]


class Files:
    """The tree below ``root``. ``may_write`` raises an exception if a write is not permitted."""

    def __init__(self, root: str, may_write: Callable[[str, bytes], None], writing: Writing) -> None:
        self._root = root
        self._may_write = may_write
        self._writing = writing

    def _path(self, path: str) -> str:
        return f"{self._root}/{path}"

    def listdir(self, path: str) -> list[str]:
        return os.listdir(self._path(path))

    def read(self, path: str) -> bytes:
        descriptor = os.open(self._path(path), os.O_RDONLY)
        try:
            parts = []
            while part := os.read(descriptor, _PAGE):
                parts.append(part)
            return b"".join(parts)
        finally:
            os.close(descriptor)

    def write(self, path: str, data: bytes) -> int:
        with self._writing(path, data):
            return within_deadline(lambda: write_at(self._path(path), data, os.O_WRONLY | os.O_CREAT | os.O_TRUNC))

    def readlink(self, path: str) -> str:
        return os.readlink(self._path(path))

    def lstat(self, path: str) -> Stat:
        found = os.lstat(self._path(path))
        if stats.S_ISLNK(found.st_mode):
            return Stat("link", stats.S_IMODE(found.st_mode), found.st_size)
        kind = "directory" if stats.S_ISDIR(found.st_mode) else "file"
        return Stat(kind, stats.S_IMODE(found.st_mode), found.st_size)  # type: ignore[arg-type]  # one of two literals

    def open(self, path: str, flags: int) -> OpenFile:
        if flags & (os.O_WRONLY | os.O_RDWR):
            self._may_write(path, b"")
        return _OpenFile(os.open(self._path(path), flags, 0o666), path, self._writing)


class _OpenFile:
    def __init__(self, descriptor: int, path: str, writing: Writing) -> None:
        self._descriptor = descriptor
        self._path = path
        self._writing = writing

    def read(self) -> bytes:
        return os.read(self._descriptor, _PAGE)

    def write(self, data: bytes) -> int:
        with self._writing(self._path, data):
            return within_deadline(lambda: os.write(self._descriptor, data))

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def remove(path: str) -> int:
    """Write 1 to the ``remove`` attribute at ``path``.

    Raises OSError with the kernel's errno, and TimeoutError if the write blocks because the device is in use.
    """
    return within_deadline(lambda: write_at(path, b"1", os.O_WRONLY))


def write_at(path: str, data: bytes, flags: int) -> int:
    """Open a path with these flags, write once, close, and return the count of bytes written."""
    descriptor = os.open(path, flags, 0o666)
    try:
        return os.write(descriptor, data)
    finally:
        os.close(descriptor)
