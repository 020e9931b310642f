"""Access to a tree that looks like /sys: directories, reading, writing, links, and files held open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

Kind = Literal["directory", "file", "link"]


@dataclass(frozen=True, slots=True)
class Stat:
    """The result of ``lstat``: the entry's kind, its permission bits (0o0000 to 0o7777) and its size in bytes."""

    kind: Kind
    mode: int
    size: int


class OpenFile(Protocol):
    """An attribute held open; each call is one read(2) or write(2) on the same open file."""

    def read(self) -> bytes: ...
    def write(self, data: bytes) -> int: ...
    def close(self) -> None: ...


class Files(Protocol):
    """A tree that looks like /sys."""

    def listdir(self, path: str) -> list[str]: ...
    def read(self, path: str) -> bytes: ...
    def write(self, path: str, data: bytes) -> int:
        """Open as a shell's ``>`` does, write ``data`` in one write(2), close, and return the count of write(2)."""

    def readlink(self, path: str) -> str: ...
    def lstat(self, path: str) -> Stat: ...
    def open(self, path: str, flags: int) -> OpenFile:
        """Open a file with the ``flags`` of open(2), such as ``os.O_WRONLY | os.O_TRUNC``."""
