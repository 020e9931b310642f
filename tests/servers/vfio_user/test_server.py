"""The server over its socket: clients that come, vanish, stall, lie, and come two at a time."""

from __future__ import annotations

import errno
import os
import socket
import stat
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from mdevref.servers.vfio_user import protocol as protocol
from mdevref.servers.vfio_user import server as vfio_user
from mdevref.servers.vfio_user.counters import Counters
from mdevref.servers.vfio_user.protocol import HEADER, Command
from mdevref.servers.vfio_user.server import VfioUserServer, listen
from mdevref.vfio.uapi import PciRegion
from tests.machines import errno_of, remove
from tests.servers.vfio_user import cards
from tests.servers.vfio_user.cards import RawClient, echo, served


def test_a_client_is_served_and_another_after_it(tmp_path: Path) -> None:
    with served(tmp_path) as (server, _, _, lines):
        assert echo(server.path, b"one") == b"one"
        assert echo(server.path, b"two") == b"two"
    assert [line.split(" after ")[0] for line in lines] == ["client 1: has gone", "client 2: has gone"]


def test_messages_may_come_all_at_once(tmp_path: Path) -> None:
    with served(tmp_path) as (server, _, _, _):
        client = RawClient(server.path)
        client.agree()
        writes = [protocol.pack(n, Command.REGION_WRITE, cards.write(0, cards.SCRATCH, bytes((n,)))) for n in range(50)]
        reads = [protocol.pack(n + 50, Command.REGION_READ, cards.read(0, cards.SCRATCH, 1)) for n in range(50)]
        client.send(b"".join(message for pair in zip(writes, reads, strict=True) for message in pair))
        for n in range(50):
            written, read = client.reply(), client.reply()
            assert written is not None
            assert read is not None
            assert (written.number, read.number, read.payload[-1]) == (n, n + 50, n)
        client.close()


def test_file_descriptors_belong_to_the_message_that_they_come_with(tmp_path: Path) -> None:
    with served(tmp_path) as (server, _, _, lines):
        client = RawClient(server.path)
        client.agree()
        # One is in the socket before the other is, and is read with nothing beside it.
        client.send(protocol.pack(1, Command.DMA_MAP, cards.dma_map(0x10_0000)))
        client.send(protocol.pack(2, Command.DMA_MAP, cards.dma_map(0x20_0000)), ["memory"])
        client.send(protocol.pack(3, Command.DEVICE_RESET))
        replies = [client.reply() for _ in range(3)]
        assert [reply and (reply.number, reply.errno) for reply in replies] == [(1, 0), (2, 0), (3, 0)]
        client.close()
    assert len(lines) == 1


def test_a_header_in_pieces_is_put_together(tmp_path: Path) -> None:
    with served(tmp_path) as (server, _, _, _):
        client = RawClient(server.path)
        message = protocol.pack(9, Command.VERSION, cards.version())
        for byte in message:
            client.send(bytes((byte,)))
        reply = client.reply()
        assert reply is not None
        assert (reply.number, reply.errno) == (9, 0)
        client.close()


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"\xff" * 16,
        bytes(16),
        HEADER.pack(1, Command.VERSION, 15, 0, 0),
        HEADER.pack(1, Command.VERSION, 0xFFFFFFFF, 0, 0),
        HEADER.pack(1, Command.VERSION, 20, 1, 0) + bytes(4),
        protocol.pack(1, Command.DEVICE_RESET),
        protocol.pack(1, Command.VERSION, protocol.VERSION.pack(7, 0)),
    ],
    ids=["another protocol", "ones", "zeros", "too short", "too long", "a reply", "no version", "another version"],
)
def test_bytes_that_do_not_parse_close_the_connection_with_a_line(tmp_path: Path, sent: bytes) -> None:
    with served(tmp_path) as (server, _, _, lines):
        client = RawClient(server.path)
        client.send(sent)
        reply = client.reply()
        assert reply is None or reply.flags == protocol.REPLY | protocol.ERROR
        assert client.reply() is None
        client.close()
        assert echo(server.path) == b"well-behaved"
    of_first = [line for line in lines if line.startswith("client 1: ") and "has gone" not in line]
    assert len(of_first) == 1


@pytest.mark.parametrize(
    "sent",
    [
        b"\1",
        HEADER.pack(1, Command.REGION_READ, 32, 0, 0),
        HEADER.pack(1, Command.REGION_READ, 32, 0, 0) + bytes(15),
    ],
    ids=["in the header", "after the header", "in the payload"],
)
def test_a_client_that_vanishes_in_the_middle_is_told_of(tmp_path: Path, sent: bytes) -> None:
    with served(tmp_path) as (server, _, _, lines):
        client = RawClient(server.path)
        client.agree()
        client.send(sent)
        client.close()
        assert echo(server.path) == b"well-behaved"
        assert [line for line in lines if line.startswith("client 1: is lost: ")] == lines[:1]


def test_a_client_that_stalls_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vfio_user, "PATIENCE", 1)
    with served(tmp_path) as (server, _, _, lines):
        for sent in (b"\1\2\3", HEADER.pack(1, Command.DEVICE_RESET, 400, 0, 0)):
            client = RawClient(server.path)
            client.agree()
            client.send(sent)
            assert client.reply() is None
            client.close()
        assert echo(server.path) == b"well-behaved"
    assert sum("is lost" in line for line in lines) == 2


def test_a_client_that_does_not_read_its_replies_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vfio_user, "PATIENCE", 1)
    with served(tmp_path) as (server, _, _, lines):
        client = RawClient(server.path)
        client.agree()
        message = protocol.pack(1, Command.REGION_READ, cards.read(PciRegion.CONFIG, 0, 255))
        with suppress(BrokenPipeError, ConnectionResetError):
            while True:
                client.send(message * 64)
        client.close()
        assert echo(server.path) == b"well-behaved"
    assert sum("is lost" in line for line in lines) == 1


def test_a_client_that_has_nothing_to_ask_is_not_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waited = threading.Semaphore(0)
    receive = socket.socket.recvmsg

    class Watched(socket.socket):
        def recvmsg(self, *arguments: int) -> tuple[bytes, list[tuple[int, int, bytes]], int, object]:
            try:
                return receive(self, *arguments)
            except BlockingIOError:
                waited.release()
                raise

    monkeypatch.setattr(vfio_user, "PATIENCE", 1)
    monkeypatch.setattr(socket, "socket", Watched)
    with served(tmp_path) as (server, _, _, lines):
        client = RawClient(server.path)
        client.agree()
        assert waited.acquire(timeout=20)
        assert client.ask(Command.DEVICE_RESET).errno == 0
        assert lines == []
        client.close()


def test_too_many_file_descriptors_are_an_error_and_none_stays(tmp_path: Path) -> None:
    with served(tmp_path) as (server, _, _, lines):
        files = cards.open_files()
        client = RawClient(server.path)
        client.agree()
        assert client.ask(Command.DEVICE_SET_IRQS, cards.irq_set(), ["eventfd"] * 8).errno == errno.EINVAL
        client.send(protocol.pack(1, Command.DEVICE_SET_IRQS, cards.irq_set()), ["eventfd"] * 9)
        reply = client.reply()
        assert reply is not None
        assert reply.errno == errno.EINVAL
        assert client.reply() is None
        client.close()
        assert echo(server.path) == b"well-behaved"
        # The last client may still be on its way out.
        server.close()
        assert cards.open_files() < files
    assert [line for line in lines if "more than 8 file descriptors" in line]


def test_a_second_client_is_turned_away_and_the_first_served(tmp_path: Path) -> None:
    with served(tmp_path) as (server, _, _, lines):
        first, second = RawClient(server.path), RawClient(server.path)
        first.agree()
        assert second.ask(Command.VERSION, cards.version()).errno == errno.EBUSY
        assert second.reply() is None
        assert first.ask(Command.DEVICE_RESET).errno == 0
        first.close()
        second.close()
        assert echo(server.path) == b"well-behaved"
    assert "client 2: VERSION: the device cannot be opened: EBUSY" in lines


def test_who_comes_right_after_a_client_that_went_has_the_device(tmp_path: Path) -> None:
    with served(tmp_path) as (server, _, _, lines):
        for _ in range(200):
            client = RawClient(server.path)
            client.agree()
            client.close()
    assert not [line for line in lines if "EBUSY" in line]


def test_more_clients_than_can_be_are_closed(tmp_path: Path) -> None:
    with served(tmp_path) as (server, _, _, lines):
        clients = [RawClient(server.path) for _ in range(vfio_user.CLIENTS)]
        late = RawClient(server.path)
        assert late.reply() is None
        clients[3].agree()
        for client in (*clients, late):
            client.close()
        assert echo(server.path) == b"well-behaved"
    assert f"client {vfio_user.CLIENTS + 1}: is one too many" in lines


def test_a_server_that_is_out_of_file_descriptors_waits_for_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = [errno.EMFILE, errno.ECONNABORTED, errno.ENFILE]
    accept = socket.socket.accept

    class Short(socket.socket):
        def accept(self) -> tuple[socket.socket, object]:
            if failures:
                code = failures.pop(0)
                raise OSError(code, os.strerror(code))
            return accept(self)

    monkeypatch.setattr(socket, "socket", Short)
    monkeypatch.setattr(vfio_user, "_PAUSE", 0)
    with served(tmp_path) as (server, _, _, lines):
        assert echo(server.path) == b"well-behaved"
    assert lines[:2] == [f"a client has to wait: {os.strerror(code)}" for code in (errno.EMFILE, errno.ENFILE)]


def test_a_client_that_there_is_no_thread_for_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with served(tmp_path) as (server, _, _, lines):
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", no_thread)
            client = RawClient(server.path)
            assert client.reply() is None
            client.close()
        assert echo(server.path) == b"well-behaved"
    assert lines[0].startswith("client 1: cannot be served: ")


def no_thread(_: threading.Thread) -> None:
    raise RuntimeError("can't start new thread")


def test_removing_the_device_waits_for_its_client(tmp_path: Path) -> None:
    with served(tmp_path, "5.10") as (server, host, uuid, _):
        client = RawClient(server.path)
        client.agree()
        removal = host.start(lambda: remove(host, uuid))
        assert removal.is_blocked()
        assert client.ask(Command.DEVICE_RESET).errno == 0
        client.close()
        assert removal.result() == 1
        assert host.leftovers() == []
        late = RawClient(server.path)
        assert late.ask(Command.VERSION, cards.version()).errno == errno.ENODEV
        late.close()


def test_closing_the_server_ends_its_clients(tmp_path: Path) -> None:
    with served(tmp_path, "5.10") as (server, host, uuid, _):
        client = RawClient(server.path)
        client.agree()
        server.close()
        assert client.reply() is None
        client.close()
        assert not server.path.exists()
        remove(host, uuid)
        server.close()


def test_closing_the_server_ends_its_clients_though_its_socket_is_out_of_reach(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    with served(folder) as (server, host, uuid, _):
        client = RawClient(server.path)
        client.agree()
        folder.rename(tmp_path / "elsewhere")
        folder.write_text("no folder")
        server.close()
        assert client.reply() is None
        client.close()
        remove(host, uuid)


def test_a_server_that_clients_rush_at_can_be_closed(tmp_path: Path) -> None:
    threads, files = threading.active_count(), cards.open_files()
    for number in range(20):
        folder = tmp_path / str(number)
        folder.mkdir()
        with served(folder, "5.10") as (server, host, uuid, _):
            arrived = threading.Semaphore(0)
            rush = [threading.Thread(target=knock, args=(server.path, arrived)) for _ in range(3)]
            for each in rush:
                each.start()
            arrived.acquire(timeout=20)
            server.close()
            remove(host, uuid)
            assert host.leftovers() == []
        for each in rush:
            each.join(20)
    assert threading.active_count() == threads
    assert cards.open_files() == files


def knock(path: Path, arrived: threading.Semaphore) -> None:
    """Connect again and again until nobody is there."""
    with suppress(OSError):
        while True:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
                client.connect(str(path))
            arrived.release()


# The socket


def test_only_its_owner_may_connect(tmp_path: Path) -> None:
    with served(tmp_path) as (server, _, _, _):
        assert stat.S_IMODE(server.path.stat().st_mode) == 0o600


def test_there_is_no_moment_at_which_others_may_connect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, modes = tmp_path / "card.sock", []

    class Watched(socket.socket):
        def bind(self, address: Any) -> None:
            super().bind(address)
            modes.append(stat.S_IMODE(path.stat().st_mode))

    monkeypatch.setattr(socket, "socket", Watched)
    before = os.umask(0)
    try:
        listen(path).close()
    finally:
        os.umask(before)
    assert modes == [0o600]


def test_a_socket_that_nobody_listens_at_makes_room(tmp_path: Path) -> None:
    path = tmp_path / "card.sock"
    listen(path).close()
    assert path.is_socket()
    with served(tmp_path) as (server, _, _, _):
        assert echo(server.path) == b"well-behaved"
    assert not path.exists()


@pytest.mark.parametrize("kind", ["file", "folder", "link", "fifo"])
def test_what_is_no_socket_is_left_alone(tmp_path: Path, kind: str) -> None:
    path, elsewhere = tmp_path / "card.sock", tmp_path / "elsewhere"
    match kind:
        case "file":
            path.write_text("precious")
        case "folder":
            path.mkdir()
        case "link":
            path.symlink_to(elsewhere)
        case "fifo":
            os.mkfifo(path)
    before = path.lstat()
    assert errno_of(listen, path) == errno.EEXIST
    assert path.lstat() == before
    assert not elsewhere.exists()


def test_where_somebody_listens_is_taken(tmp_path: Path) -> None:
    with served(tmp_path) as (server, host, uuid, _):
        other = VfioUserServer(host, uuid, server.path, print)
        assert errno_of(other.start) == errno.EADDRINUSE
        other.close()
        assert echo(server.path) == b"well-behaved"


def test_where_so_many_wait_that_none_is_let_in_is_taken(tmp_path: Path) -> None:
    path, waiting = tmp_path / "card.sock", []
    with listen(path) as stopped:
        stopped.listen(0)
        with suppress(BlockingIOError):
            while True:
                waiting.append(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
                waiting[-1].setblocking(False)
                waiting[-1].connect(str(path))
        assert errno_of(listen, path) == errno.EADDRINUSE
    for each in waiting:
        each.close()
    assert path.is_socket()


def test_a_socket_of_somebody_elses_by_now_is_not_removed(tmp_path: Path) -> None:
    with served(tmp_path) as (server, _, _, _):
        server.path.unlink()
        server.path.write_text("precious")
        server.close()
        assert server.path.read_text() == "precious"


# What it counts


def test_messages_are_counted_by_command(tmp_path: Path) -> None:
    with served(tmp_path) as (server, _, _, _):
        client = RawClient(server.path)
        client.agree()
        for _ in range(10):
            client.ask(Command.REGION_READ, cards.read(0, cards.SCRATCH, 1))
        while_it_is_there = server.counters()
        assert while_it_is_there.costs[Command.VERSION].messages == 1
        assert 9 <= while_it_is_there.costs[Command.REGION_READ].messages <= 10
        client.close()
        server.close()
        counters = server.counters()
    assert counters.costs[Command.REGION_READ].messages == 10
    assert counters.total().messages == 11
    assert 0 < counters.costs[Command.REGION_READ].each < 10_000
    lines = counters.lines()
    assert [line.split()[0] for line in lines] == ["VERSION", "REGION_READ", "all"]


def test_counters_add_up() -> None:
    one, other = Counters(), Counters()
    one.add(9, 1000)
    other.add(9, 3000)
    other.add(10, 500)
    one.merge(other.costs)
    assert (one.costs[9].messages, one.costs[9].each) == (2, 2.0)
    assert one.total().messages == 3
    assert Counters().total().each == 0
