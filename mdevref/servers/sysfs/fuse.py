"""The kernel's FUSE protocol, spoken on ``/dev/fuse``: requests in, replies and invalidations out.

Why not a library: mfusepy, the one that needs no compiler, was measured with this host (threaded, caching off, two
cores, 10,000 devices). On the deep path it gave 2,300 to 2,800 reads/s where 4,000 are wanted, 800 to 1,100 pairs of
create and remove where 1,500 are, and took 3 to 5 s for an ``ls -l`` that may take 1 s; this file gives 15,000 reads/s,
2,400 pairs/s, 0.4 s. A library that is told paths cannot give a device that is made again an inode of its own, and one
whose time-outs are global and that cannot take a name back must not let the kernel keep any.

Here the kernel keeps every name it was told, for as long as it likes, and is told at once when one goes
(:meth:`Session.forget_name`). The layouts are those of the kernel's ``include/uapi/linux/fuse.h``, protocol 7.31 (Linux
5.4) and later.
"""

from __future__ import annotations

import os
import struct
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from errno import EIO, ENOENT, ENOSYS, EPROTO
from typing import Final, NamedTuple

from mdevref.kernel.errors import fail

LOOKUP: Final = 1
FORGET: Final = 2
GETATTR: Final = 3
SETATTR: Final = 4
READLINK: Final = 5
SYMLINK: Final = 6
MKNOD: Final = 8
MKDIR: Final = 9
UNLINK: Final = 10
RMDIR: Final = 11
RENAME: Final = 12
LINK: Final = 13
OPEN: Final = 14
READ: Final = 15
WRITE: Final = 16
STATFS: Final = 17
RELEASE: Final = 18
SETXATTR: Final = 21
LISTXATTR: Final = 23
REMOVEXATTR: Final = 24
INIT: Final = 26
OPENDIR: Final = 27
RELEASEDIR: Final = 29
ACCESS: Final = 34
CREATE: Final = 35
DESTROY: Final = 38
IOCTL: Final = 39
BATCH_FORGET: Final = 42
READDIRPLUS: Final = 44
RENAME2: Final = 45

_ATOMIC_O_TRUNC = 1 << 3  # O_TRUNC comes with OPEN: as a SETATTR it would have to wait for whoever writes
_BIG_WRITES = 1 << 5
_DO_READDIRPLUS = 1 << 13
_PARALLEL_DIROPS = 1 << 18
_WANTED = _ATOMIC_O_TRUNC | _BIG_WRITES | _DO_READDIRPLUS | _PARALLEL_DIROPS

_DIRECT_IO = 1 << 0  # every read(2) and write(2) arrives, and the size says nothing
_NOTIFY_INVAL_ENTRY = 3

_MAJOR, _MINOR, _OLDEST = 7, 38, 31
#: Bytes of one WRITE. A store takes a page; what is longer only has to come as one request, and to be cut here.
_MAX_WRITE = 8192
_BUFFER = 4 * _MAX_WRITE  # beyond the kernel's FUSE_MIN_READ_BUFFER, and a WRITE with its headers
_SPARE = 8  # threads that may wait for requests; more end
_QUEUE = 64  # requests that nobody waits for (FORGET, RELEASE), before the kernel holds their makers back

_IN = struct.Struct("<IIQQIIIHH")
_OUT = struct.Struct("<IiQ")
_ATTR = struct.Struct("<QQQQQQIIIIIIIIII")
_ENTRY = struct.Struct("<QQQQII")
_U64_U32_U32 = struct.Struct("<QII")
_DIRENT = struct.Struct("<QQII")
_INIT_OUT = struct.Struct("<IIIIHHIIHHI28x")
_STATFS = struct.Struct("<QQQQQIIII24x")
_PAIR = struct.Struct("<QQ")
_U64 = struct.Struct("<Q")
_U32 = struct.Struct("<I")

UNKNOWN_INODE: Final = 0xFFFFFFFF  #: of a name in a listing whose inode nobody has looked for
WRITE_HEADER: Final = 40  #: bytes of a WRITE before the data
SETATTR_MODE: Final = 68  #: where the new mode stands in a SETATTR

#: Seconds that the kernel may believe a name or an attribute: for ever, as it is told when that ends.
FOREVER: Final = 1 << 30


class Request(NamedTuple):
    """One request: the node it is about, who asks (user, and the thread's id), and the operation's own arguments."""

    opcode: int
    node: int
    uid: int
    thread: int
    body: bytes

    @property
    def name(self) -> str:
        """The argument of operations that have a name and nothing else."""
        return os.fsdecode(self.body[:-1])

    def u32(self, offset: int) -> int:
        found: int = _U32.unpack_from(self.body, offset)[0]
        return found

    def u64(self, offset: int) -> int:
        found: int = _U64.unpack_from(self.body, offset)[0]
        return found


Handler = Callable[[Request], bytes]


class Stat(NamedTuple):
    """A node's attributes: inode, size in bytes, whole mode, links, owner, and seconds since 1970 for all its times."""

    inode: int
    size: int
    mode: int
    links: int
    uid: int
    gid: int
    time: int


# Replies


def _attr(stat: Stat) -> bytes:
    inode, size, mode, links, uid, gid, time = stat
    return _ATTR.pack(inode, size, 0, time, time, time, 0, 0, 0, mode, links, uid, gid, 0, 4096, 0)


def entry(node: int, stat: Stat, seconds: int, attribute_seconds: int) -> bytes:
    """The reply to LOOKUP; the name holds for ``seconds``, the attributes for ``attribute_seconds``."""
    return _ENTRY.pack(node, 0, seconds, attribute_seconds, 0, 0) + _attr(stat)


def attributes(stat: Stat, seconds: int) -> bytes:
    """The reply to GETATTR and SETATTR."""
    return _U64_U32_U32.pack(seconds, 0, 0) + _attr(stat)


def opened(handle: int) -> bytes:
    """The reply to OPEN and OPENDIR."""
    return _U64_U32_U32.pack(handle, _DIRECT_IO, 0)


def written(count: int) -> bytes:
    """The reply to WRITE: a word of 32 bits, and one for padding."""
    return _U64.pack(count)


def statfs(block: int, longest_name: int) -> bytes:
    """The reply to STATFS of a file system without blocks."""
    return _STATFS.pack(0, 0, 0, 0, 0, block, longest_name, block, 0)


def directory_entry(found: bytes, inode: int, mode: int, name: str, next_offset: int) -> bytes:
    """A part of the reply to READDIRPLUS; ``found`` is what LOOKUP of the name would have given."""
    text = os.fsencode(name)
    length = len(text)
    return b"".join((found, _DIRENT.pack(inode, next_offset, length, mode >> 12), text, bytes(-length % 8)))


def entry_size(name: str) -> int:
    """Bytes that :func:`directory_entry` gives for ``name``."""
    length = len(os.fsencode(name))
    return _ENTRY.size + _ATTR.size + _DIRENT.size + length + -length % 8


#: In place of a LOOKUP's reply in READDIRPLUS: the kernel lists the name and looks for itself when somebody asks.
NOTHING_FOUND: Final = bytes(_ENTRY.size + _ATTR.size)


def forgotten(request: Request) -> list[tuple[int, int]]:
    """Of FORGET and BATCH_FORGET: the nodes, and how many of their look-ups the kernel has let go of."""
    if request.opcode == FORGET:
        return [(request.node, request.u64(0))]
    return list(_PAIR.iter_unpack(request.body[8 : 8 + request.u32(0) * _PAIR.size]))


class Session:
    """A mount's end of the connection. ``handlers`` serve the requests, by opcode, in as many threads as wait in them.

    A handler gives the reply, or raises OSError for an errno; anything else that it raises is given to ``report`` and
    answered with EIO. FORGET and BATCH_FORGET have no reply. The session owns the descriptor.
    """

    def __init__(self, descriptor: int, handlers: Mapping[int, Handler], report: Callable[[Exception], None]) -> None:
        self._descriptor = descriptor
        self._handlers = {INIT: _init, DESTROY: lambda _: b"", **handlers}
        self._report = report
        self._lock = threading.Lock()
        self._idle = 0
        self._threads = 0
        self._over = threading.Event()
        self._telling = threading.Lock()  # while the kernel is told of a name; the descriptor stays open
        self._untold: dict[int, list[tuple[int, str]]] = {}  # names to be told of later, by the thread that will
        self.serving: dict[int, Request] = {}  #: by the thread that serves it, each request that is served now

    def start(self) -> None:
        """Begin to serve, in threads of its own."""
        with self._lock:
            self._spawn()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until the mount has gone; False if it has not in that time."""
        return self._over.wait(seconds)

    def forget_name(self, parent: int, name: str) -> None:
        """Tell the kernel that ``name`` has gone from the node ``parent``: what it kept of it and below is dropped.

        The kernel takes the directory's lock for that: the caller holds no lock that a look-up needs. Where the caller
        serves a listing of this very directory its asker has that lock: then the kernel is told after the reply.
        """
        me = threading.get_ident()
        request = self.serving.get(me)
        if request is not None and request.opcode == READDIRPLUS and request.node == parent:
            self._untold.setdefault(me, []).append((parent, name))
            return
        text = os.fsencode(name)
        body = _U64_U32_U32.pack(parent, len(text), 0) + text + b"\0"
        header = _OUT.pack(_OUT.size + len(body), _NOTIFY_INVAL_ENTRY, 0)
        with self._telling, suppress(OSError):  # ENOENT: it kept nothing; ENODEV: the mount has gone
            os.writev(self._descriptor, (header, body))

    def _spawn(self) -> None:
        self._threads += 1
        self._idle += 1
        threading.Thread(target=self._serve, name="fuse", daemon=True).start()

    def _serve(self) -> None:
        buffer = bytearray(_BUFFER)
        view = memoryview(buffer)
        me = threading.get_ident()
        while length := self._receive(buffer):
            with self._lock:
                self._idle -= 1
                if not self._idle:  # whoever serves may have to wait, and others must not
                    self._spawn()
            _, opcode, unique, node, uid, _, thread, _, _ = _IN.unpack_from(buffer)
            self.serving[me] = request = Request(opcode, node, uid, thread, bytes(view[_IN.size : length]))
            self._answer(unique, request)
            del self.serving[me]
            for parent, name in self._untold.pop(me, ()):
                self.forget_name(parent, name)
            with self._lock:
                self._idle += 1
                if self._idle > _SPARE:
                    break
        else:
            self._over.set()
        with self._lock:
            self._idle -= 1
            self._threads -= 1
            if self._threads:
                return
        with self._telling:
            os.close(self._descriptor)
            self._descriptor = -1

    def _receive(self, buffer: bytearray) -> int:
        """One request, its length in bytes; 0 when the mount has gone."""
        while True:
            try:
                return os.readv(self._descriptor, (buffer,))
            except OSError as error:
                if error.errno != ENOENT:  # which means that the asker was killed before its request was read
                    return 0

    def _answer(self, unique: int, request: Request) -> None:
        handler = self._handlers.get(request.opcode)
        code, reply = 0, b""
        try:
            if handler is None:
                code = ENOSYS
            else:
                reply = handler(request)
        except OSError as error:
            code = error.errno or EIO
        except Exception as error:
            self._report(error)
            code = EIO
        if request.opcode not in (FORGET, BATCH_FORGET):
            with suppress(OSError):  # the asker, or the mount, has gone
                os.writev(self._descriptor, (_OUT.pack(_OUT.size + len(reply), -code, unique), reply))


def _init(request: Request) -> bytes:
    major, minor = request.u32(0), request.u32(4)
    if major != _MAJOR or minor < _OLDEST:
        raise fail(EPROTO, f"FUSE {major}.{minor}")
    flags = request.u32(12) & _WANTED
    return _INIT_OUT.pack(_MAJOR, min(minor, _MINOR), 0, flags, _QUEUE, _QUEUE, _MAX_WRITE, 1, 1, 0, 0)
