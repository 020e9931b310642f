"""The server's socket: permissions, and a path that already exists."""

from __future__ import annotations

import errno
import os
import socket
import stat
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from mdevref.servers.vfio_user import protocol as protocol
from mdevref.servers.vfio_user.server import VfioUserServer, listen
from tests.machines import errno_of
from tests.servers.vfio_user.cards import echo, served


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
