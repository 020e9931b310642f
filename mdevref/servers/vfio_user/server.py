"""Serves a device of the host on a Unix socket to VMMs that support vfio-user (QEMU from 10.1 on).

Each client has a thread. A client that misbehaves loses its own connection, with a line in the log, and does not affect
other clients.
"""

from __future__ import annotations

import array
import errno
import os
import select
import socket
import stat
import struct
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import Final

from mdevref.host import Host
from mdevref.kernel.errors import fail
from mdevref.servers.vfio_user.counters import Counters
from mdevref.servers.vfio_user.device import ClientDevice
from mdevref.servers.vfio_user.protocol import HEADER, Malformed
from mdevref.servers.vfio_user.session import MAX_FDS, Session

PATIENCE: Final = 5  #: seconds that a client may take to complete a message, or to read a reply
CLIENTS: Final = 16  #: connections at a time; one client holds the device, the others get EBUSY
_ROOM = socket.CMSG_SPACE(MAX_FDS * array.array("i").itemsize)
_PAUSE = 0.2  # seconds before the next accept(2) after file descriptors or memory ran out


@dataclass(slots=True)
class _Client:
    """A connected client: its counters, and an event that is set once its resources are released."""

    counters: Counters = field(default_factory=Counters)
    is_gone: threading.Event = field(default_factory=threading.Event)


class VfioUserServer:
    """Serves the device ``uuid`` of a host at the socket ``path``, from :meth:`start` to :meth:`close`.

    ``log`` receives a line for each client that disconnects or is rejected, and for each malformed message.
    """

    def __init__(self, host: Host, uuid: str, path: Path, log: Callable[[str], None]) -> None:
        self.path = path
        self._device = partial(ClientDevice, host, uuid)
        self._log = log
        self._lock = threading.Lock()
        self._done = Counters()  # of disconnected clients
        self._clients: dict[socket.socket, _Client] = {}
        self._threads: set[threading.Thread] = set()
        self._number = 0
        self._ends = threading.Event()
        self._listener: socket.socket | None = None
        self._inode = 0

    def start(self) -> None:
        """Start to listen. ``EEXIST`` if ``path`` is not a socket, ``EADDRINUSE`` if another server listens there."""
        self._listener = listen(self.path)
        self._inode = self.path.lstat().st_ino
        self._spawn(partial(self._accept, self._listener))

    def close(self) -> None:
        """End each connection and remove the socket. A second call does nothing."""
        self._ends.set()
        if self._listener is None:
            return
        with suppress(OSError):  # the socket was removed or cannot be removed; end the clients anyway
            if self.path.lstat().st_ino == self._inode:
                self.path.unlink()
        with self._lock:
            waiting = [self._listener, *self._clients]
        for each in waiting:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        while threads := self._running():  # the accepting thread may have started another one meanwhile
            for thread in threads:
                thread.join()
        self._listener.close()
        self._listener = None

    def counters(self) -> Counters:
        """Return the counters so far, without messages that are still being answered."""
        found = Counters()
        with self._lock:
            found.merge(self._done.costs)
            for each in self._clients.values():
                found.merge(dict(each.counters.costs))
        return found

    def _spawn(self, run: Callable[[], None]) -> None:
        def body() -> None:
            try:
                run()
            finally:
                self._threads.discard(thread)

        thread = threading.Thread(target=body, daemon=True)
        with self._lock:  # a thread can be joined only once it has started
            self._threads.add(thread)
            try:
                thread.start()
            except RuntimeError as error:  # Python's error if the kernel cannot create a thread
                self._threads.discard(thread)
                raise fail(errno.EAGAIN, "no thread") from error

    def _running(self) -> tuple[threading.Thread, ...]:
        with self._lock:
            return tuple(self._threads)

    def _accept(self, listener: socket.socket) -> None:
        while not self._ends.is_set():
            try:
                client, _ = listener.accept()
            except OSError as error:
                if error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM):
                    self._log(f"cannot accept a client yet: {error.strerror}")
                    self._ends.wait(_PAUSE)
                elif error.errno != errno.ECONNABORTED:
                    return
                continue
            self._number += 1
            say = partial(self._say, self._number)
            if len(self._clients) >= CLIENTS:
                self._await_gone(tuple(self._clients.items()))
            with self._lock:
                is_welcome = len(self._clients) < CLIENTS and not self._ends.is_set()
                if is_welcome:
                    self._clients[client] = _Client()
            if not is_welcome:
                say(f"rejected: there are already {CLIENTS} clients")
                client.close()
                continue
            try:
                self._spawn(partial(self._serve, client, say))
            except OSError as error:
                say(f"cannot be served: {error}")
                client.close()
                with self._lock:
                    del self._clients[client]

    def _say(self, number: int, text: str) -> None:
        self._log(f"client {number}: {text}")

    def _open_device(self, client: socket.socket) -> ClientDevice:
        """Open the device for a client, after earlier clients that disconnected have released it."""
        with self._lock:
            earlier = tuple(takewhile(lambda entry: entry[0] is not client, self._clients.items()))
        self._await_gone(earlier)
        return self._device()

    @staticmethod
    def _await_gone(clients: Iterable[tuple[socket.socket, _Client]]) -> None:
        """Wait until the resources of those clients that have disconnected are released."""
        for client, state in clients:
            if _has_hung_up(client):
                state.is_gone.wait(PATIENCE)

    def _serve(self, client: socket.socket, say: Callable[[str], None]) -> None:
        this = self._clients[client]
        counters = this.counters
        session = Session(partial(self._open_device, client), say)
        try:
            _be_patient(client)
            converse(client, session, counters)
            say(f"disconnected after {counters.total().messages} messages")
        except (OSError, EOFError) as error:
            say(f"connection lost: {error}")
        finally:
            session.close()
            client.close()
            with self._lock:
                self._done.merge(counters.costs)
                del self._clients[client]
            this.is_gone.set()


def listen(path: Path) -> socket.socket:
    """Return a listening socket at ``path``, with mode 0600. Replace a stale socket that has no listener.

    ``EEXIST`` if ``path`` exists and is not a socket; it is left in place. ``EADDRINUSE`` if a server listens there.
    """
    with suppress(FileNotFoundError):
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise fail(errno.EEXIST, str(path))
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.setblocking(False)
            try:
                probe.connect(os.fspath(path))
            except ConnectionRefusedError:
                path.unlink()
            except BlockingIOError:  # the backlog of the listening server is full
                raise fail(errno.EADDRINUSE, str(path)) from None
            else:
                raise fail(errno.EADDRINUSE, str(path))
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        # Set the mode before bind(2), as Linux creates the file with the mode of the socket.
        os.fchmod(listener.fileno(), 0o600)
        listener.bind(os.fspath(path))
        listener.listen()
    except BaseException:
        listener.close()
        raise
    return listener


def converse(client: socket.socket, session: Session, counters: Counters) -> None:
    """Answer a client until it disconnects. Raise OSError or EOFError if that happens within a message."""
    while not session.is_over:
        fds: list[int] = []
        try:
            header, is_cut = _header(client, fds)
            if not header:
                return
            begun = time.thread_time_ns()
            try:
                if is_cut:
                    raise Malformed(f"more than {MAX_FDS} file descriptors at once")
                payload = _exactly(client, session.payload_size(header))
            except Malformed as error:
                reply = session.refuse(header, error)
            else:
                given, fds = fds, []
                reply = session.answer(header, payload, given)
            if reply:
                client.sendall(reply)
        finally:
            for fd in fds:
                os.close(fd)
        counters.add(HEADER.unpack(header)[1], time.thread_time_ns() - begun)


def _header(client: socket.socket, fds: list[int]) -> tuple[bytes, bool]:
    """Return the next header, and whether its file descriptors were truncated. Append the descriptors to ``fds``.

    Read no more than the header, because later descriptors belong to the next message. The header is b"" if the client
    disconnected between two messages.
    """
    header, is_cut = b"", False
    while len(header) < HEADER.size:
        try:
            data, beside, flags, _ = client.recvmsg(HEADER.size - len(header), _ROOM, socket.MSG_CMSG_CLOEXEC)
        except BlockingIOError:
            if header:
                raise TimeoutError(f"timed out after {len(header)} bytes of a header") from None
            continue  # an idle client
        except InterruptedError:
            continue
        for _, _, numbers in beside:
            fds += array.array("i", numbers[: len(numbers) // 4 * 4])
        is_cut = is_cut or bool(flags & socket.MSG_CTRUNC)
        if not data:
            if header:
                raise EOFError(f"end of file after {len(header)} bytes of a header")
            return b"", False
        header += data
    return header, is_cut


def _exactly(client: socket.socket, count: int) -> bytes:
    """Read exactly ``count`` bytes. The kernel closes file descriptors that accompany them."""
    if not count:
        return b""
    try:
        data = client.recv(count, socket.MSG_WAITALL)
    except BlockingIOError:
        data = b""
    if len(data) < count:
        raise EOFError(f"received only {len(data)} of {count} bytes of a payload")
    return data


def _has_hung_up(client: socket.socket) -> bool:
    """Return whether a client has closed its end, even if some of its messages are unanswered."""
    poll = select.poll()
    try:
        poll.register(client, select.POLLRDHUP)
    except ValueError:  # already closed
        return True
    return bool(poll.poll(0))


def _be_patient(client: socket.socket) -> None:
    """Limit blocking calls to ``PATIENCE`` seconds. Python's own timeouts would add a poll(2) to each call."""
    patience = struct.pack("@ll", PATIENCE, 0)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, patience)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, patience)
