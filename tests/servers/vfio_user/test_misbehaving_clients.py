"""The server drops clients that disconnect, stall or send malformed bytes, and serves the next."""

from __future__ import annotations

import errno
import socket
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from mdevref.servers.vfio_user import protocol as protocol
from mdevref.servers.vfio_user import server as vfio_user
from mdevref.servers.vfio_user.protocol import HEADER, Command
from mdevref.vfio.uapi import PciRegion
from tests.servers.vfio_user import cards
from tests.servers.vfio_user.cards import RawClient, echo, served


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
    of_first = [line for line in lines if line.startswith("client 1: ") and "disconnected" not in line]
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
        assert [line for line in lines if line.startswith("client 1: connection lost: ")] == lines[:1]


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
    assert sum("connection lost" in line for line in lines) == 2


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
    assert sum("connection lost" in line for line in lines) == 1


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
        # The server may still be closing the last client.
        server.close()
        assert cards.open_files() < files
    assert [line for line in lines if "more than 8 file descriptors" in line]
