"""Serves a host's tree as a file system: answers FUSE requests from the nodes of the tree.

The kernel caches names and attributes of nodes, and is notified when a node is removed. It does not cache the link
count of directories or the content of files. Permissions follow sysfs (fact 1.8): even root cannot read a file of mode
0200.
"""

from __future__ import annotations

import itertools
import os
import stat as stats
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from errno import EACCES, ENOENT, ENOTSUP, ENOTTY, EPERM

from mdevref.host import Host
from mdevref.kernel.directories import Directory, File, Link, Node, link_text
from mdevref.kernel.errors import fail
from mdevref.kernel.files import PAGE, OpenFile, check_open
from mdevref.servers.sysfs import fuse, opcodes
from mdevref.servers.sysfs.fuse import Handler, Request, Session
from mdevref.servers.sysfs.inodes import ROOT, Inodes, is_shared

_LONGEST_NAME = 255  # as statfs(2) reports for a real sysfs
_R, _W, _X = 4, 2, 1  # of access(2)
#: Bits of SETATTR's ``valid``: mode, owner and group, size, times to be set to now.
_MODE, _OWNER, _SIZE, _NOW = 1 << 0, 1 << 1 | 1 << 2, 1 << 3, 1 << 7 | 1 << 8


class SysfsServer:
    """Serves the tree of ``host`` on a connection to the kernel, in background threads, until it is unmounted.

    ``owner`` (user, group) owns each file, and its user has the same rights as root. ``report`` receives unexpected
    exceptions of the server.
    """

    def __init__(
        self,
        host: Host,
        descriptor: int,
        *,
        owner: tuple[int, int],
        report: Callable[[Exception], None],
    ) -> None:
        self.host = host
        self._owner = owner
        self._born = int(time.time())
        self._nodes = Inodes(host.kernel.tree.root)
        self._opened: dict[int, OpenFile] = {}
        self._listings: dict[int, list[str]] = {}
        self._handles = itertools.count(1)
        self.session = Session(descriptor, self._handlers(), report)
        host.kernel.tree.on_gone = self._gone

    def start(self) -> None:
        """Begin to serve."""
        self.session.start()

    def show(self, host: Host) -> None:
        """Serve the tree of another host from now on. Open files of the previous host stay open."""
        before, self.host.kernel.tree.on_gone = self.host.kernel.tree.root, None
        self.host = host
        self._nodes.set_root(host.kernel.tree.root)
        host.kernel.tree.on_gone = self._gone
        for name in list(before.children):
            self.session.forget_name(ROOT, name)

    def sizes(self) -> int:
        """Return the number of nodes, open files and listings kept for the kernel."""
        return len(self._nodes) + len(self._opened) + len(self._listings)

    def _handlers(self) -> dict[int, Handler]:
        refused = dict.fromkeys(
            (opcodes.MKDIR, opcodes.SYMLINK, opcodes.UNLINK, opcodes.RMDIR, opcodes.RENAME, opcodes.RENAME2),
            self._refuse,
        )
        return {
            opcodes.LOOKUP: self._lookup,
            opcodes.FORGET: self._forget,
            opcodes.BATCH_FORGET: self._forget,
            opcodes.GETATTR: self._getattr,
            opcodes.SETATTR: self._setattr,
            opcodes.READLINK: self._readlink,
            opcodes.OPEN: self._open,
            opcodes.READ: self._read,
            opcodes.WRITE: self._write,
            opcodes.RELEASE: self._release,
            opcodes.OPENDIR: self._opendir,
            opcodes.READDIRPLUS: self._readdir,
            opcodes.RELEASEDIR: self._releasedir,
            opcodes.STATFS: lambda _: fuse.statfs(PAGE, _LONGEST_NAME),
            opcodes.ACCESS: self._access,
            opcodes.LISTXATTR: self._listxattr,
            opcodes.IOCTL: self._ioctl,
            opcodes.SETXATTR: self._setxattr,
            opcodes.REMOVEXATTR: self._setxattr,
            opcodes.LINK: self._refuse_link,
            opcodes.CREATE: self._refuse_new,
            opcodes.MKNOD: self._mknod,
            **refused,
        }

    # Nodes

    def _node(self, request: Request) -> Node:
        return self._nodes[request.node]

    def _directory(self, request: Request) -> Directory:
        node = self._nodes[request.node]
        assert isinstance(node, Directory)
        return node

    def _stat(self, node: Node) -> fuse.Stat:
        uid, gid = self._owner
        if isinstance(node, File):
            return fuse.Stat(node.inode, PAGE, stats.S_IFREG | node.mode, 1, uid, gid, self._born)
        if isinstance(node, Link):
            return fuse.Stat(node.inode, 0, stats.S_IFLNK | 0o777, 1, uid, gid, self._born)
        links = 2 + self.host.kernel.tree.count_directories(node)
        return fuse.Stat(node.inode, 0, stats.S_IFDIR | 0o755, links, uid, gid, self._born)

    def _found(self, node: Node) -> tuple[bytes, fuse.Stat]:
        """Return the LOOKUP reply for ``node`` and its attributes. ``ENOENT`` if it was removed meanwhile."""
        number = self._nodes.look_up(node)
        # Check after the look-up: an earlier remover saw no inode and has not notified the kernel.
        if node.parent is None or node.parent.children.get(node.name) is not node:
            self._nodes.forget(number, 1)
            raise fail(ENOENT, node.name)
        stat = self._stat(node)
        return fuse.entry(number, stat, fuse.FOREVER if is_shared(node) else 0, _seconds(node)), stat

    def _gone(self, nodes: Sequence[Node]) -> None:
        """Notify the kernel of removed nodes. The remover calls this, and continues when no name resolves any more."""
        for node in nodes:
            if node.inode and node.parent is not None:
                self.session.forget_name(node.parent.inode, node.name)

    def _lookup(self, request: Request) -> bytes:
        return self._found(self.host.kernel.tree.child(self._directory(request), request.name))[0]

    def _forget(self, request: Request) -> bytes:
        for number, count in fuse.forgotten(request):
            self._nodes.forget(number, count)
        return b""

    def _getattr(self, request: Request) -> bytes:
        node = self._node(request)
        return fuse.attributes(self._stat(node), _seconds(node))

    def _readlink(self, request: Request) -> bytes:
        node = self._node(request)
        assert isinstance(node, Link)
        return os.fsencode(link_text(node))

    # Files

    def _is_root(self, uid: int) -> bool:
        return uid in (0, self._owner[0])

    def _open(self, request: Request) -> bytes:
        node, flags = self._node(request), request.u32(0)
        assert isinstance(node, File)
        may_read, may_write = check_open(node, flags, is_root=self._is_root(request.uid))
        file = self.host.sysfs.open_file(self.host.kernel.tree, node, may_read, may_write)
        handle = next(self._handles)
        self._opened[handle] = file
        return fuse.opened(handle)

    def _read(self, request: Request) -> bytes:
        return self._opened[request.u64(0)].pread(request.u32(16), request.u64(8))

    def _write(self, request: Request) -> bytes:
        data = request.body[fuse.WRITE_HEADER :][: request.u32(16)]
        return fuse.written(self._opened[request.u64(0)].write(data))

    def _release(self, request: Request) -> bytes:
        self._opened.pop(request.u64(0)).close()
        return b""

    # Directories

    def _opendir(self, request: Request) -> bytes:
        handle = next(self._handles)
        self._listings[handle] = []
        return fuse.opened(handle)

    def _readdir(self, request: Request) -> bytes:
        """Return entries of the names that existed when reading began. Names removed since have no inode."""
        directory, handle, offset, room = self._directory(request), request.u64(0), request.u64(8), request.u32(16)
        tree = self.host.kernel.tree
        if not offset:
            self._listings[handle] = [".", "..", *tree.names(directory)]
        names = self._listings[handle]
        parts: list[bytes] = []
        while offset < len(names) and (room := room - fuse.entry_size(names[offset])) >= 0:
            name = names[offset]
            offset += 1
            found, inode, mode = fuse.NOTHING_FOUND, fuse.UNKNOWN_INODE, 0
            if offset <= 2:  # . and ..
                mode = stats.S_IFDIR
            else:
                with suppress(FileNotFoundError):
                    found, stat = self._found(tree.child(directory, name))
                    inode, mode = stat.inode, stat.mode
            parts.append(fuse.directory_entry(found, inode, mode, name, offset))
        return b"".join(parts)

    def _releasedir(self, request: Request) -> bytes:
        del self._listings[request.u64(0)]
        return b""

    # Operations that sysfs rejects, or accepts and ignores

    def _setattr(self, request: Request) -> bytes:
        """Let root change the mode. Accept and ignore other changes (see :mod:`mdevref.kernel.files`)."""
        node, valid = self._node(request), request.u32(0)
        if not self._is_root(request.uid):
            # A user with write permission may truncate and set the times to now. The rest is reserved to the owner.
            if valid & (_MODE | _OWNER) or not valid & (_SIZE | _NOW):
                raise fail(EPERM)
            self._require_write(request)
        if valid & _MODE and isinstance(node, File):
            node.mode = request.u32(fuse.SETATTR_MODE) & 0o7777
        return self._getattr(request)

    def _access(self, request: Request) -> bytes:
        """Check permissions as any file system does. Root may do everything except execute a file without an x bit."""
        mode, wanted = self._stat(self._node(request)).mode, request.u32(0)
        of_root = _R | _W | (_X if mode & 0o111 else 0)
        allowed = of_root if self._is_root(request.uid) else mode & 0o007
        if wanted & ~allowed & (_R | _W | _X):
            raise fail(EACCES)
        return b""

    def _require_write(self, request: Request) -> None:
        if not self._is_root(request.uid) and not self._stat(self._node(request)).mode & 0o002:
            raise fail(EACCES)

    def _setxattr(self, request: Request) -> bytes:
        self._require_write(request)
        raise fail(ENOTSUP)

    def _listxattr(self, request: Request) -> bytes:
        """Reply that there are no extended attributes: an empty list, or its length 0."""
        return b"" if request.u32(0) else bytes(8)

    def _ioctl(self, request: Request) -> bytes:
        raise fail(ENOTTY)

    def _refuse_new(self, request: Request) -> bytes:
        raise fail(EACCES)

    def _mknod(self, request: Request) -> bytes:
        """Fail with EACCES for a regular file, as open(2) does, and for root with EPERM for a device or pipe."""
        if self._is_root(request.uid) and not stats.S_ISREG(request.u32(0)):
            raise fail(EPERM)
        raise fail(EACCES)

    def _refuse_link(self, request: Request) -> bytes:
        """Fail with EPERM. For other users the kernel already does so (sysctl fs.protected_hardlinks)."""
        raise fail(EPERM)

    def _refuse(self, request: Request) -> bytes:
        """Fail with EPERM for root and EACCES for others, as the mode of directories is 0755."""
        raise fail(EPERM if self._is_root(request.uid) else EACCES)


def _seconds(node: Node) -> int:
    """Return how many seconds the kernel may cache the node's attributes.

    The link count of a directory changes with its content, without a notification. The mode of a file that is not
    shared may change through another number of the same file.
    """
    return 0 if isinstance(node, Directory) or not is_shared(node) else fuse.FOREVER
