"""A wrapper that records the operations on a tree."""

from __future__ import annotations

import os

from mdevref.suite.interface.files import Files, OpenFile, Stat
from mdevref.suite.targets.recording.log import Log

_FLAGS = ("O_WRONLY", "O_RDWR", "O_CREAT", "O_EXCL", "O_TRUNC", "O_APPEND", "O_NONBLOCK")


class RecordedFiles:
    """A tree whose operations are recorded."""

    def __init__(self, files: Files, log: Log) -> None:
        self._files = files
        self._log = log

    @property
    def unrecorded(self) -> Files:
        """The tree itself, for a snapshot of everything, whose hundreds of lines would hide the relevant ones."""
        self._log.record("take a snapshot of", "the tree", lambda: None)
        return self._files

    def listdir(self, path: str) -> list[str]:
        return self._log.record("listdir", path, lambda: self._files.listdir(path))

    def read(self, path: str) -> bytes:
        return self._log.record("read", path, lambda: self._files.read(path))

    def write(self, path: str, data: bytes) -> int:
        return self._log.record("write", path, lambda: self._files.write(path, data), data)

    def readlink(self, path: str) -> str:
        return self._log.record("readlink", path, lambda: self._files.readlink(path))

    def lstat(self, path: str) -> Stat:
        return self._log.record("lstat", path, lambda: self._files.lstat(path))

    def open(self, path: str, flags: int) -> OpenFile:
        names = [name for name in _FLAGS if flags & getattr(os, name)]
        if not flags & (os.O_WRONLY | os.O_RDWR):
            names.insert(0, "O_RDONLY")
        opened = self._log.record("open", path, lambda: self._files.open(path, flags), ", ".join(names))
        return _RecordedOpenFile(opened, path, self._log)


class _RecordedOpenFile:
    def __init__(self, file: OpenFile, path: str, log: Log) -> None:
        self._file = file
        self._path = path
        self._log = log

    def read(self) -> bytes:
        return self._log.record("read open file", self._path, self._file.read)

    def write(self, data: bytes) -> int:
        return self._log.record("write open file", self._path, lambda: self._file.write(data), data)

    def close(self) -> None:
        self._log.record("close", self._path, self._file.close)
