"""A device of the host behind a Unix socket, for VMMs that speak vfio-user (QEMU from 10.1 on).

A thread a client. Whatever a client sends, or fails to send, ends at most its own connection, with a line in the log.
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

PATIENCE: Final = 5  #: seconds that a client may take for the rest of a message, or to take a reply
CLIENTS: Final = 16  #: at a time; one has the device, others are told so
_ROOM = socket.CMSG_SPACE(MAX_FDS * array.array("i").itemsize)
_PAUSE = 0.2  # seconds until a client is accepted again, after the process had no file descriptor for it


@dataclass(slots=True)
class _Client:
    """A client that is there: what it has cost so far, and whether all of it has been let go of."""

    counters: Counters = field(default_factory=Counters)
    is_gone: threading.Event = field(default_factory=threading.Event)


class VfioUserServer:
    """Serves the device ``uuid`` of a host at ``path``, from :meth:`start` to :meth:`close`.

    ``log`` gets a line for each client that comes and goes, and for each message that is not as it must be.
    """

    def __init__(self, host: Host, uuid: str, path: Path, log: Callable[[str], None]) -> None:
        self.path = path
        self._device = partial(ClientDevice, host, uuid)
        self._log = log
        self._lock = threading.Lock()
        self._done = Counters()  # of clients that have gone
        self._clients: dict[socket.socket, _Client] = {}
        self._threads: set[threading.Thread] = set()
        self._number = 0
        self._ends = threading.Event()
        self._listener: socket.socket | None = None
        self._inode = 0

    def start(self) -> None:
        """Listen. ``EEXIST`` where something else than a socket is, ``EADDRINUSE`` where somebody listens already."""
        self._listener = listen(self.path)
        self._inode = self.path.lstat().st_ino
        self._spawn(partial(self._accept, self._listener))

    def close(self) -> None:
        """End every connection and remove the socket. Twice does nothing."""
        self._ends.set()
        if self._listener is None:
            return
        with suppress(OSError):  # it has gone, or is not ours to remove any more: the clients end all the same
            if self.path.lstat().st_ino == self._inode:
                self.path.unlink()
        with self._lock:
            waiting = [self._listener, *self._clients]
        for each in waiting:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        while threads := self._running():  # the one that accepts may have started another meanwhile
            for thread in threads:
                thread.join()
        self._listener.close()
        self._listener = None

    def counters(self) -> Counters:
        """What was done so far; of a client that is there now, but for the message that is being answered."""
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
        with self._lock:  # nobody sees it before it can be waited for
            self._threads.add(thread)
            try:
                thread.start()
            except RuntimeError as error:  # all that Python tells where the kernel has no thread to give
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
                    self._log(f"a client has to wait: {error.strerror}")
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
                say("is one too many")
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
        """The device, for the next client; one that came before it and has hung up has let go of it by then."""
        with self._lock:
            earlier = tuple(takewhile(lambda entry: entry[0] is not client, self._clients.items()))
        self._await_gone(earlier)
        return self._device()

    @staticmethod
    def _await_gone(clients: Iterable[tuple[socket.socket, _Client]]) -> None:
        """Wait for what is still being done on behalf of clients that have hung up."""
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
            say(f"has gone after {counters.total().messages} messages")
        except (OSError, EOFError) as error:
            say(f"is lost: {error}")
        finally:
            session.close()
            client.close()
            with self._lock:
                self._done.merge(counters.costs)
                del self._clients[client]
            this.is_gone.set()


def listen(path: Path) -> socket.socket:
    """A socket at ``path`` that only its owner may connect to; one that nobody listens at any more makes room for it.

    ``EEXIST``: there is something else, which is left alone. ``EADDRINUSE``: somebody listens there.
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
            except BlockingIOError:  # so many wait there that one more would have to wait for room
                raise fail(errno.EADDRINUSE, str(path)) from None
            else:
                raise fail(errno.EADDRINUSE, str(path))
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        # Before it has its name: Linux gives the name the mode of the socket.
        os.fchmod(listener.fileno(), 0o600)
        listener.bind(os.fspath(path))
        listener.listen()
    except BaseException:
        listener.close()
        raise
    return listener


def converse(client: socket.socket, session: Session, counters: Counters) -> None:
    """Answer a client until it goes. ``OSError``, ``EOFError``: it is lost in the middle of a message."""
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
    """The next header and, into ``fds``, the file descriptors that came beside it; whether there were too many.

    No more than the header is read: what comes beside the bytes of the next message is that one's. b"": the client has
    gone, between two messages.
    """
    header, is_cut = b"", False
    while len(header) < HEADER.size:
        try:
            data, beside, flags, _ = client.recvmsg(HEADER.size - len(header), _ROOM, socket.MSG_CMSG_CLOEXEC)
        except BlockingIOError:
            if header:
                raise TimeoutError(f"{len(header)} bytes of a header, and no more") from None
            continue  # it has nothing to ask
        except InterruptedError:
            continue
        for _, _, numbers in beside:
            fds += array.array("i", numbers[: len(numbers) // 4 * 4])
        is_cut = is_cut or bool(flags & socket.MSG_CTRUNC)
        if not data:
            if header:
                raise EOFError(f"gone after {len(header)} bytes of a header")
            return b"", False
        header += data
    return header, is_cut


def _exactly(client: socket.socket, count: int) -> bytes:
    """So many bytes; file descriptors that come beside these are nobody's, and the kernel closes them."""
    if not count:
        return b""
    try:
        data = client.recv(count, socket.MSG_WAITALL)
    except BlockingIOError:
        data = b""
    if len(data) < count:
        raise EOFError(f"{len(data)} of {count} bytes of a message, and no more")
    return data


def _has_hung_up(client: socket.socket) -> bool:
    """Whether nothing more can come from a client, be there messages of it that were not answered yet."""
    poll = select.poll()
    try:
        poll.register(client, select.POLLRDHUP)
    except ValueError:  # closed by now
        return True
    return bool(poll.poll(0))


def _be_patient(client: socket.socket) -> None:
    """Calls on the socket wait no longer than that. (Python's own timeouts would cost a poll(2) a call.)"""
    patience = struct.pack("@ll", PATIENCE, 0)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, patience)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, patience)
