"""Fixtures: a host with a card, and a client that has sent VERSION, for each era."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mdevref.host import Host
from mdevref.mdev.eras import ERAS
from mdevref.servers.vfio_user import protocol as protocol
from mdevref.servers.vfio_user.protocol import Command
from tests.machines import remove
from tests.servers.vfio_user import cards
from tests.servers.vfio_user.client import Client


@pytest.fixture(params=list(ERAS))
def host_and_card(request: pytest.FixtureRequest) -> tuple[Host, str]:
    return cards.card(request.param)


@pytest.fixture
def client(host_and_card: tuple[Host, str]) -> Iterator[Client]:
    """Return a client that has sent VERSION, on each era."""
    files = cards.open_files()
    client = Client(*host_and_card)
    client.done(Command.VERSION, cards.version())
    yield client
    client.session.close()
    host, uuid = host_and_card
    remove(host, uuid)
    assert host.leftovers() == []
    assert cards.open_files() == files
