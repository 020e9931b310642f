"""The server on its socket: sequential, concurrent and too many clients, and shutdown."""

from __future__ import annotations

import errno
import os
import socket
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from mdevref.servers.vfio_user import protocol as protocol
from mdevref.servers.vfio_user import server as vfio_user
from mdevref.servers.vfio_user.protocol import Command
from tests.machines import remove
from tests.servers.vfio_user import cards
from tests.servers.vfio_user.cards import RawClient, echo, served


def test_a_client_is_served_and_another_after_it(tmp_path: Path) -> None:
    with served(tmp_path) as (server, _, _, lines):
        assert echo(server.path, b"one") == b"one"
        assert echo(server.path, b"two") == b"two"
    assert [line.split(" after ")[0] for line in lines] == ["client 1: disconnected", "client 2: disconnected"]


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
        # The first message is in the socket before the second, and must be read without the second's descriptors.
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
    assert f"client {vfio_user.CLIENTS + 1}: rejected: there are already {vfio_user.CLIENTS} clients" in lines


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
    assert lines[:2] == [f"cannot accept a client yet: {os.strerror(code)}" for code in (errno.EMFILE, errno.ENFILE)]


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
    """Connect repeatedly until no server listens."""
    with suppress(OSError):
        while True:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
                client.connect(str(path))
            arrived.release()
