"""The server counts its messages."""

from __future__ import annotations

from pathlib import Path

from mdevref.servers.vfio_user import protocol as protocol
from mdevref.servers.vfio_user.counters import Counters
from mdevref.servers.vfio_user.protocol import Command
from tests.servers.vfio_user import cards
from tests.servers.vfio_user.cards import RawClient, served


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
