"""Implements the kernel's FUSE protocol on ``/dev/fuse``: receives requests, sends replies and invalidations.

This replaces a library for speed. mfusepy, the only library that needs no compiler, was measured with this host
(threaded, no caching, two cores, 10,000 devices):

* reads/s on the deep path: mfusepy 2,300 to 2,800, this module 15,000, required 4,000
* pairs of create and remove per second: mfusepy 800 to 1,100, this module 2,400, required 1,500
* seconds for ``ls -l``: mfusepy 3 to 5, this module 0.4, required 1

A library based on paths also cannot assign a new inode to a device that is created again. mfusepy has only global
timeouts and cannot invalidate a name, so the kernel could cache none.

With this module, the kernel caches each name without a timeout, and :meth:`Session.forget_name` invalidates a name as
soon as it is removed. The layouts are those of the kernel's ``include/uapi/linux/fuse.h``, protocol 7.31 (Linux 5.4)
and later.
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
from mdevref.servers.sysfs import opcodes

_ATOMIC_O_TRUNC = 1 << 3  # O_TRUNC arrives with OPEN; a separate SETATTR would wait for other writers
_BIG_WRITES = 1 << 5
_DO_READDIRPLUS = 1 << 13
_PARALLEL_DIROPS = 1 << 18
_WANTED = _ATOMIC_O_TRUNC | _BIG_WRITES | _DO_READDIRPLUS | _PARALLEL_DIROPS

_DIRECT_IO = 1 << 0  # each read(2) and write(2) reaches the server, whatever the file's size
_NOTIFY_INVAL_ENTRY = 3

_MAJOR, _MINOR, _OLDEST = 7, 38, 31
#: Bytes of one WRITE. A store takes one page. A longer write must arrive as one request, to be truncated here.
_MAX_WRITE = 8192
_BUFFER = 4 * _MAX_WRITE  # at least the kernel's FUSE_MIN_READ_BUFFER and a WRITE with its headers
_SPARE = 8  # the number of idle threads to keep
_QUEUE = 64  # background requests (FORGET, RELEASE) before the kernel throttles their senders

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

UNKNOWN_INODE: Final = 0xFFFFFFFF  #: the inode of a listed name that has not been looked up
WRITE_HEADER: Final = 40  #: bytes of a WRITE before the data
SETATTR_MODE: Final = 68  #: offset of the new mode in a SETATTR

#: Seconds that the kernel may cache a name or attribute. Invalidation, not a timeout, ends the caching.
FOREVER: Final = 1 << 30


class Request(NamedTuple):
    """One request: opcode, node, user and thread id of the caller, and the arguments of the operation."""

    opcode: int
    node: int
    uid: int
    thread: int
    body: bytes

    @property
    def name(self) -> str:
        """Return the argument of an operation whose only argument is a name."""
        return os.fsdecode(self.body[:-1])

    def u32(self, offset: int) -> int:
        found: int = _U32.unpack_from(self.body, offset)[0]
        return found

    def u64(self, offset: int) -> int:
        found: int = _U64.unpack_from(self.body, offset)[0]
        return found


Handler = Callable[[Request], bytes]


class Stat(NamedTuple):
    """A node's attributes. ``size`` is in bytes; ``time`` is used for all timestamps, in seconds since 1970."""

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
    """Return the reply to LOOKUP. The kernel caches the name and the attributes for the given seconds."""
    return _ENTRY.pack(node, 0, seconds, attribute_seconds, 0, 0) + _attr(stat)


def attributes(stat: Stat, seconds: int) -> bytes:
    """Return the reply to GETATTR and SETATTR. The kernel caches the attributes for ``seconds``."""
    return _U64_U32_U32.pack(seconds, 0, 0) + _attr(stat)


def opened(handle: int) -> bytes:
    """Return the reply to OPEN and OPENDIR."""
    return _U64_U32_U32.pack(handle, _DIRECT_IO, 0)


def written(count: int) -> bytes:
    """Return the reply to WRITE: a 32-bit word and 32 bits of padding."""
    return _U64.pack(count)


def statfs(block: int, longest_name: int) -> bytes:
    """Return the reply to STATFS for a file system without blocks."""
    return _STATFS.pack(0, 0, 0, 0, 0, block, longest_name, block, 0)


def directory_entry(found: bytes, inode: int, mode: int, name: str, next_offset: int) -> bytes:
    """Return one entry of the reply to READDIRPLUS. ``found`` is the reply that LOOKUP of the name would return."""
    text = os.fsencode(name)
    length = len(text)
    return b"".join((found, _DIRENT.pack(inode, next_offset, length, mode >> 12), text, bytes(-length % 8)))


def entry_size(name: str) -> int:
    """Return the size in bytes of :func:`directory_entry` for ``name``."""
    length = len(os.fsencode(name))
    return _ENTRY.size + _ATTR.size + _DIRENT.size + length + -length % 8


#: Replaces a LOOKUP reply in READDIRPLUS: the kernel lists the name and looks it up only on access.
NOTHING_FOUND: Final = bytes(_ENTRY.size + _ATTR.size)


def forgotten(request: Request) -> list[tuple[int, int]]:
    """Return pairs of node and number of released look-ups of a FORGET or BATCH_FORGET."""
    if request.opcode == opcodes.FORGET:
        return [(request.node, request.u64(0))]
    return list(_PAIR.iter_unpack(request.body[8 : 8 + request.u32(0) * _PAIR.size]))


class Session:
    """The server's end of a mount's connection to the kernel.

    ``handlers`` maps opcodes to functions. A new thread starts whenever all threads are busy. A handler returns the
    reply, or raises OSError for an errno. Any other exception is passed to ``report`` and answered with EIO. FORGET and
    BATCH_FORGET have no reply. The session owns the descriptor.
    """

    def __init__(self, descriptor: int, handlers: Mapping[int, Handler], report: Callable[[Exception], None]) -> None:
        self._descriptor = descriptor
        self._handlers = {opcodes.INIT: _init, opcodes.DESTROY: lambda _: b"", **handlers}
        self._report = report
        self._lock = threading.Lock()
        self._idle = 0
        self._threads = 0
        self._over = threading.Event()
        self._telling = threading.Lock()  # held while invalidating a name, so that the descriptor stays open
        self._untold: dict[int, list[tuple[int, str]]] = {}  # deferred invalidations, by thread
        self.serving: dict[int, Request] = {}  #: the current request of each serving thread

    def start(self) -> None:
        """Begin to serve in background threads."""
        with self._lock:
            self._spawn()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until the mount is gone. Return False if ``seconds`` pass first."""
        return self._over.wait(seconds)

    def forget_name(self, parent: int, name: str) -> None:
        """Notify the kernel that ``name`` was removed from the node ``parent``, so that it drops its cache below it.

        The kernel takes the directory's lock for this, so the caller must not hold a lock that a look-up needs. If this
        thread is serving a listing of the directory, the listing process holds that lock. The notification is then sent
        after the reply.
        """
        me = threading.get_ident()
        request = self.serving.get(me)
        if request is not None and request.opcode == opcodes.READDIRPLUS and request.node == parent:
            self._untold.setdefault(me, []).append((parent, name))
            return
        text = os.fsencode(name)
        body = _U64_U32_U32.pack(parent, len(text), 0) + text + b"\0"
        header = _OUT.pack(_OUT.size + len(body), _NOTIFY_INVAL_ENTRY, 0)
        with self._telling, suppress(OSError):  # ENOENT: nothing was cached; ENODEV: the mount is gone
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
                if not self._idle:  # this request may block, and must not delay others
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
        """Read one request and return its length in bytes, or 0 if the mount is gone."""
        while True:
            try:
                return os.readv(self._descriptor, (buffer,))
            except OSError as error:
                if error.errno != ENOENT:  # ENOENT: the caller was killed before its request was read
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
        if request.opcode not in (opcodes.FORGET, opcodes.BATCH_FORGET):
            with suppress(OSError):  # the caller or the mount is gone
                os.writev(self._descriptor, (_OUT.pack(_OUT.size + len(reply), -code, unique), reply))


def _init(request: Request) -> bytes:
    major, minor = request.u32(0), request.u32(4)
    if major != _MAJOR or minor < _OLDEST:
        raise fail(EPROTO, f"FUSE {major}.{minor}")
    flags = request.u32(12) & _WANTED
    return _INIT_OUT.pack(_MAJOR, min(minor, _MINOR), 0, flags, _QUEUE, _QUEUE, _MAX_WRITE, 1, 1, 0, 0)
