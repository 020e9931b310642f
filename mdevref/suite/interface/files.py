"""What the steps ask of a tree that looks like /sys: listing, reading, writing, links, and files held open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

Kind = Literal["directory", "file", "link"]


@dataclass(frozen=True, slots=True)
class Stat:
    """What ``lstat`` tells of an entry: its kind, its permission bits (0o0000 to 0o7777) and its size in bytes."""

    kind: Kind
    mode: int
    size: int


class OpenFile(Protocol):
    """An attribute held open: each call is one read(2) or write(2) on the same open file."""

    def read(self) -> bytes: ...
    def write(self, data: bytes) -> int: ...
    def close(self) -> None: ...


class Files(Protocol):
    """A tree that looks like /sys."""

    def listdir(self, path: str) -> list[str]: ...
    def read(self, path: str) -> bytes: ...
    def write(self, path: str, data: bytes) -> int:
        """Open for writing as a shell's ``>`` does, write ``data`` in one write(2), close; the count of write(2)."""

    def readlink(self, path: str) -> str: ...
    def lstat(self, path: str) -> Stat: ...
    def open(self, path: str, flags: int) -> OpenFile:
        """``flags`` as for open(2): ``os.O_RDONLY``, ``os.O_WRONLY``, with ``O_CREAT``, ``O_TRUNC``, ``O_APPEND``."""
