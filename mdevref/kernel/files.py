"""The tree as a file system: file operations with the results and errnos of sysfs.

Facts: 1.4 (writes), 1.8 (modes) and D10 (files whose node was removed). The results of operations that sysfs does not
support were measured on a real sysfs. Creating a file fails with ``EACCES``; mkdir, unlink, rmdir, rename, link and
symlink fail with ``EPERM``; chmod, chown, utime and truncate succeed.
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
    """The result of lstat(2): kind, permission bits, size in bytes, number of links."""

    kind: Kind
    mode: int
    size: int
    links: int


class OpenFile:
    """An open attribute file. Each write is atomic; other operations must not run in several threads at once."""

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
        """Return up to ``size`` bytes at the file's position, as read(2) does. ``ENODEV`` if the node was removed."""
        data = self.pread(size, self._position)
        self._position += len(data)
        return data

    def pread(self, size: int, offset: int) -> bytes:
        """Return up to ``size`` bytes at ``offset``, as pread(2) does.

        A read at offset 0 calls show again; reads at other offsets use the content kept from the last call.
        """
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
        """Set the position to ``offset`` bytes from the start."""
        self._position = offset

    def write(self, data: bytes) -> int:
        """Write ``data`` as write(2) does and return the count.

        ``ENODEV`` if the node was removed, otherwise the errno of the store.
        Data beyond one page is cut off. An empty write does not call the store. A store does not see the position.
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
        """Close the file. A second call does nothing."""
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
    """Return whether ``flags`` open the file for reading and for writing. ``EINVAL`` for an invalid access mode.

    ``EACCES`` if the file's mode does not allow the access; sysfs enforces this even for root (fact 1.8).
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


_NOT_OF_FILES = os.O_EXCL | os.O_DIRECTORY  #: flags with which opening an existing file may fail


def _errno_of_non_file(node: Link | Directory, flags: int) -> int:
    if isinstance(node, Link):
        return ELOOP
    return EEXIST if flags & os.O_CREAT and flags & os.O_EXCL else EISDIR


class Files:
    """File operations by path, relative to /sys, as user ``uid`` (0 is root, anyone else counts as "others")."""

    open_file = OpenFile  #: the class of the files that ``open`` returns

    def __init__(self, tree: Tree, uid: int = 0) -> None:
        self._tree = tree
        self._uid = uid

    def open(self, path: str, flags: int = os.O_RDONLY) -> OpenFile:
        """Open a file as open(2) does. :func:`check_open` checks the mode, even for root."""
        try:
            node = self._tree.walk(path, follow=not flags & os.O_NOFOLLOW)
        except FileNotFoundError:
            if flags & os.O_CREAT:
                self._refuse_new(path)
            raise
        if not isinstance(node, File):
            raise fail(_errno_of_non_file(node, flags), path)
        if flags & _NOT_OF_FILES:
            if flags & os.O_CREAT and flags & os.O_EXCL:
                raise fail(EEXIST, path)
            if flags & os.O_DIRECTORY:
                raise fail(ENOTDIR, path)
        may_read, may_write = check_open(node, flags, is_root=self._uid == 0)
        return self.open_file(self._tree, node, may_read, may_write)

    def read(self, path: str) -> bytes:
        """Open the file and return its content."""
        return self.open(path, os.O_RDONLY).read()

    def write(self, path: str, data: bytes) -> int:
        """Open the file as a shell's ``>`` does, write ``data`` in one write(2) and return its count."""
        return self.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC).write(data)

    def listdir(self, path: str) -> list[str]:
        """Return the sorted names in a directory. ``ENOENT`` or ``ENOTDIR`` if it is not found or not a directory."""
        node = self._tree.walk(path)
        if not isinstance(node, Directory):
            raise fail(ENOTDIR, path)
        return self._tree.names(node)

    def readlink(self, path: str) -> str:
        """Return the relative target of a link. ``EINVAL`` if the path is not a link."""
        node = self._tree.walk(path, follow=False)
        if not isinstance(node, Link):
            raise fail(EINVAL, path)
        return link_text(node)

    def lstat(self, path: str) -> Stat:
        """Return kind, mode and size of the entry without following a final link."""
        return self._stat(self._tree.walk(path, follow=False))

    def stat(self, path: str) -> Stat:
        """Return kind, mode and size of the entry; a final link is followed."""
        return self._stat(self._tree.walk(path))

    def exists(self, path: str) -> bool:
        """Return whether lstat(2) of the path succeeds."""
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

    # Operations that sysfs rejects, or accepts and ignores

    def chmod(self, path: str, mode: int) -> None:
        """Set the mode of a file; sysfs keeps it as long as the node exists."""
        node = self._tree.walk(path)
        if isinstance(node, File):
            node.mode = mode & 0o7777

    def chown(self, path: str, uid: int, gid: int) -> None:
        """Accept and ignore the call; ownership is not modelled."""
        self._tree.walk(path)

    def truncate(self, path: str, size: int) -> None:
        """Accept and ignore the call."""
        self._tree.walk(path)

    def utime(self, path: str, times: tuple[float, float]) -> None:
        """Accept and ignore the call; times are not modelled."""
        self._tree.walk(path)

    def mknod(self, path: str) -> None:
        """Fail with ``EACCES``, or ``EEXIST`` if the path exists."""
        self._refuse_new(path)

    def mkdir(self, path: str) -> None:
        """Fail with ``EPERM``, or ``EEXIST`` if the path exists."""
        self._refuse_change(path, must_exist=False)

    def symlink(self, target: str, path: str) -> None:
        """Fail with ``EPERM``, or ``EEXIST`` if the path exists."""
        self._refuse_change(path, must_exist=False)

    def link(self, source: str, path: str) -> None:
        """Fail with ``EPERM``, or ``EEXIST`` if the path exists."""
        self._tree.walk(source, follow=False)
        self._refuse_change(path, must_exist=False)

    def unlink(self, path: str) -> None:
        """Fail with ``EPERM``, or ``ENOENT`` if the path does not exist."""
        self._refuse_change(path, must_exist=True)

    def rmdir(self, path: str) -> None:
        """Fail with ``EPERM``, or ``ENOENT`` if the path does not exist."""
        self._refuse_change(path, must_exist=True)

    def rename(self, old: str, new: str) -> None:
        """Fail with ``EPERM``, or ``ENOENT`` if the path does not exist."""
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
