"""The tree as a file system: what open, read, write and the rest answer on sysfs, errno for errno.

Facts: 1.4 (writes), 1.8 (modes), D10 (files whose node has gone) and, for operations that sysfs does not have, what
was measured on a real one: making a file ``EACCES``; mkdir, unlink, rmdir, rename, link and symlink ``EPERM``; chmod,
chown, utime and truncate succeed.
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from errno import EACCES, EBADF, EEXIST, EINVAL, EIO, EISDIR, ELOOP, ENOENT, ENOTDIR, EPERM
from typing import Literal

from mdevref.kernel.directories import Directory, File, Link, Node, link_text
from mdevref.kernel.errors import fail
from mdevref.kernel.tree import Tree

PAGE = 4096

Kind = Literal["directory", "file", "link"]


@dataclass(frozen=True, slots=True)
class Stat:
    """What lstat tells: kind, permission bits, size in bytes, number of links."""

    kind: Kind
    mode: int
    size: int
    links: int


class OpenFile:
    """An attribute held open. Not for several threads at once, save that each write is whole."""

    __slots__ = ("_content", "_lock", "_may_read", "_may_write", "_node", "_position", "_tree")

    def __init__(self, tree: Tree, node: File, may_read: bool, may_write: bool) -> None:
        self._tree = tree
        self._node: File | None = node
        self._may_read = may_read
        self._may_write = may_write
        self._position = 0
        self._content: bytes | None = None
        self._lock: threading.Lock | None = None

    def read(self, size: int = PAGE) -> bytes:
        """One read(2) of up to ``size`` bytes at the file's position. ``ENODEV`` if the node has gone."""
        data = self.pread(size, self._position)
        self._position += len(data)
        return data

    def pread(self, size: int, offset: int) -> bytes:
        """One pread(2); the content is made anew whenever reading starts at 0, and kept for the reads after that."""
        node = self._open_node()
        if not self._may_read:
            raise fail(EBADF, node.name)
        owner = self._tree.begin(node)
        try:
            if offset == 0 or self._content is None:
                if node.attribute.show is None:
                    raise fail(EIO, node.name)
                self._content = node.attribute.show(owner)[: PAGE - 1]
        finally:
            self._tree.end(node)
        return self._content[offset : offset + size]

    def seek(self, offset: int) -> None:
        """Set the position, in bytes from the start."""
        self._position = offset

    def write(self, data: bytes) -> int:
        """One write(2): the count, or what the store raised. ``ENODEV`` if the node has gone.

        What is written is capped at a page; nothing written calls no store; the position means nothing to a store.
        """
        node = self._open_node()
        if not self._may_write:
            raise fail(EBADF, node.name)
        if self._lock is None:
            self._lock = threading.Lock()
        with self._lock:
            owner = self._tree.begin(node)
            try:
                data = data[:PAGE]
                if not data:
                    return 0
                if node.attribute.store is None:
                    raise fail(EIO, node.name)
                count = node.attribute.store(owner, data)
            finally:
                self._tree.end(node)
        if count is None:
            count = len(data)
        self._position += count
        return count

    def close(self) -> None:
        """Closing twice does nothing."""
        self._node = None

    def _open_node(self) -> File:
        if self._node is None:
            raise fail(EBADF)
        return self._node

    def __enter__(self) -> OpenFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def check_open(node: File, flags: int, *, is_root: bool) -> tuple[bool, bool]:
    """Whether the file is opened for reading and for writing. ``EINVAL`` for neither.

    sysfs checks the mode against the kind of open even for root (fact 1.8): ``EACCES``.
    """
    kind = _KINDS.get(flags & os.O_ACCMODE)
    if kind is None:
        raise fail(EINVAL, node.name)
    may_read, may_write = kind
    mode = node.mode if is_root else node.mode & 0o007
    if (may_read and not mode & 0o444) or (may_write and not mode & 0o222):
        raise fail(EACCES, node.name)
    return kind


_KINDS = {os.O_RDONLY: (True, False), os.O_WRONLY: (False, True), os.O_RDWR: (True, True)}  #: reads, writes


_NOT_OF_FILES = os.O_EXCL | os.O_DIRECTORY  #: flags that files, which are there, may be refused for


def _what_opens_no(node: Link | Directory, flags: int) -> int:
    if isinstance(node, Link):
        return ELOOP
    return EEXIST if flags & os.O_CREAT and flags & os.O_EXCL else EISDIR


class Files:
    """File operations by path, relative to /sys, as user ``uid`` (0 is root, anyone else counts as "others")."""

    open_file = OpenFile  #: what ``open`` gives

    def __init__(self, tree: Tree, uid: int = 0) -> None:
        self._tree = tree
        self._uid = uid

    def open(self, path: str, flags: int = os.O_RDONLY) -> OpenFile:
        """open(2). The mode is checked by :func:`check_open`, so that even root is refused."""
        try:
            node = self._tree.walk(path, follow=not flags & os.O_NOFOLLOW)
        except FileNotFoundError:
            if flags & os.O_CREAT:
                self._refuse_new(path)
            raise
        if not isinstance(node, File):
            raise fail(_what_opens_no(node, flags), path)
        if flags & _NOT_OF_FILES:
            if flags & os.O_CREAT and flags & os.O_EXCL:
                raise fail(EEXIST, path)
            if flags & os.O_DIRECTORY:
                raise fail(ENOTDIR, path)
        may_read, may_write = check_open(node, flags, is_root=self._uid == 0)
        return self.open_file(self._tree, node, may_read, may_write)

    def read(self, path: str) -> bytes:
        """Open, read to the end, close."""
        return self.open(path, os.O_RDONLY).read()

    def write(self, path: str, data: bytes) -> int:
        """Open as a shell's ``>`` does, write ``data`` in one write(2), close; what write(2) gave."""
        return self.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC).write(data)

    def listdir(self, path: str) -> list[str]:
        """The names in a directory, sorted. ``ENOENT``, ``ENOTDIR``."""
        node = self._tree.walk(path)
        if not isinstance(node, Directory):
            raise fail(ENOTDIR, path)
        return self._tree.names(node)

    def readlink(self, path: str) -> str:
        """The relative target of a link. ``EINVAL`` if it is not one."""
        node = self._tree.walk(path, follow=False)
        if not isinstance(node, Link):
            raise fail(EINVAL, path)
        return link_text(node)

    def lstat(self, path: str) -> Stat:
        """Kind, mode and size of the entry itself."""
        return self._stat(self._tree.walk(path, follow=False))

    def stat(self, path: str) -> Stat:
        """The same of what a link leads to."""
        return self._stat(self._tree.walk(path))

    def exists(self, path: str) -> bool:
        """Whether lstat finds something."""
        try:
            self._tree.walk(path, follow=False)
        except (FileNotFoundError, NotADirectoryError):
            return False
        return True

    def _stat(self, node: Node) -> Stat:
        if isinstance(node, Link):
            return Stat("link", 0o777, 0, 1)
        if isinstance(node, File):
            return Stat("file", node.mode, PAGE, 1)
        return Stat("directory", 0o755, 0, 2 + self._tree.count_directories(node))

    # What a sysfs does not have, or takes and ignores

    def chmod(self, path: str, mode: int) -> None:
        """sysfs keeps the new mode for as long as the node lives."""
        node = self._tree.walk(path)
        if isinstance(node, File):
            node.mode = mode & 0o7777

    def chown(self, path: str, uid: int, gid: int) -> None:
        """Accepted; ownership is not modelled."""
        self._tree.walk(path)

    def truncate(self, path: str, size: int) -> None:
        """Accepted and ignored."""
        self._tree.walk(path)

    def utime(self, path: str, times: tuple[float, float]) -> None:
        """Accepted; times are not modelled."""
        self._tree.walk(path)

    def mknod(self, path: str) -> None:
        """Never: ``EACCES``."""
        self._refuse_new(path)

    def mkdir(self, path: str) -> None:
        """Never: ``EPERM``."""
        self._refuse_change(path, must_exist=False)

    def symlink(self, target: str, path: str) -> None:
        """Never: ``EPERM``."""
        self._refuse_change(path, must_exist=False)

    def link(self, source: str, path: str) -> None:
        """Never: ``EPERM``."""
        self._tree.walk(source, follow=False)
        self._refuse_change(path, must_exist=False)

    def unlink(self, path: str) -> None:
        """Never: ``EPERM``."""
        self._refuse_change(path, must_exist=True)

    def rmdir(self, path: str) -> None:
        """Never: ``EPERM``."""
        self._refuse_change(path, must_exist=True)

    def rename(self, old: str, new: str) -> None:
        """Never: ``EPERM``."""
        self._refuse_change(old, must_exist=True)

    def _refuse_new(self, path: str) -> None:
        self._require_directory(path)
        if self.exists(path):
            raise fail(EEXIST, path)
        raise fail(EACCES, path)

    def _refuse_change(self, path: str, must_exist: bool) -> None:
        self._require_directory(path)
        if self.exists(path) != must_exist:
            raise fail(ENOENT if must_exist else EEXIST, path)
        raise fail(EPERM, path)

    def _require_directory(self, path: str) -> None:
        if not isinstance(self._tree.walk(path.rstrip("/").rpartition("/")[0]), Directory):
            raise fail(ENOTDIR, path)
