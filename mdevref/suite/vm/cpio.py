"""Write archives in the format of an initramfs ("newc" cpio), without root and without a program of the host."""

from __future__ import annotations

import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_TRAILER = "TRAILER!!!"


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the archive: its path below /, its mode with the type of file, and its contents.

    ``data`` holds the contents of a file (or the path of a file with them), or the target of a link. ``mtime`` is in
    whole seconds. It must be that of the source, or Python in the guest would compile a module again.
    """

    path: str
    mode: int
    data: bytes | Path = b""
    mtime: int = 0
    device: tuple[int, int] = (0, 0)  #: major and minor of a device node


def directory(path: str) -> Entry:
    return Entry(path, stat.S_IFDIR | 0o755)


def text(path: str, content: str, mode: int = 0o644) -> Entry:
    return Entry(path, stat.S_IFREG | mode, content.encode())


def link(path: str, target: str) -> Entry:
    return Entry(path, stat.S_IFLNK | 0o777, target.encode())


def device(path: str, major: int, minor: int) -> Entry:
    """Return the entry of a character device that only root may access."""
    return Entry(path, stat.S_IFCHR | 0o600, device=(major, minor))


def copy(path: str, source: Path) -> Entry:
    """Return an entry that copies a file of this machine, following links; every user of the guest may read it."""
    status = source.stat()
    return Entry(path, stat.S_IFREG | 0o644 | (status.st_mode & 0o111), source, int(status.st_mtime))


def with_parents(entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries, each after the folders that contain it, and only the first entry of each path."""
    whole: dict[str, Entry] = {}
    for entry in entries:
        parts = entry.path.split("/")
        for depth in range(1, len(parts)):
            parent = "/".join(parts[:depth])
            if parent not in whole:
                whole[parent] = directory(parent)
        whole.setdefault(entry.path, entry)
    return list(whole.values())


def write(out: BinaryIO, entries: Iterable[Entry]) -> None:
    """Write an archive. The kernel unpacks concatenated archives, so that one may be appended to another."""
    for number, entry in enumerate((*entries, Entry(_TRAILER, 0)), start=1):
        data = entry.data.read_bytes() if isinstance(entry.data, Path) else entry.data
        name = entry.path.encode() + b"\0"
        links = 2 if stat.S_ISDIR(entry.mode) else 1
        fields = (
            number,
            entry.mode,
            0,
            0,
            links,
            entry.mtime & 0xFFFFFFFF,
            len(data),
            0,
            0,
            *entry.device,
            len(name),
            0,
        )
        header = b"070701" + b"".join(b"%08X" % field for field in fields)
        out.write(header + name + b"\0" * (-(len(header) + len(name)) % 4))
        out.write(data)
        out.write(b"\0" * (-len(data) % 4))
