"""The first message: version, capabilities, and clients that cannot get the device."""

from __future__ import annotations

import errno

import pytest

from mdevref.host import Host
from mdevref.servers.vfio_user import protocol as protocol
from mdevref.servers.vfio_user.protocol import Capabilities, Command
from tests.machines import remove
from tests.servers.vfio_user import cards
from tests.servers.vfio_user.client import Client


def test_what_was_not_proposed_is_not_agreed_on(host_and_card: tuple[Host, str]) -> None:
    for proposed, agreed in (
        (None, Capabilities()),
        (Capabilities(), Capabilities()),
        (Capabilities(pgsizes=65536), Capabilities(pgsizes=4096)),
        (cards.ALL, cards.ALL),
    ):
        client = Client(*host_and_card)
        answer = client.done(Command.VERSION, cards.version(proposed))
        assert protocol.read_version(answer) == (0, 0, agreed)
        assert answer.endswith(b"\0")
        client.session.close()


def test_what_is_unknown_among_capabilities_is_passed_over(host_and_card: tuple[Host, str]) -> None:
    client = Client(*host_and_card)
    told = b'{"capabilities": {"twin_socket": {"supported": true}, "colour": null}, "more": []}'
    client.done(Command.VERSION, protocol.VERSION.pack(0, 7) + told + b"\0")
    client.session.close()


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\0\0\0",
        protocol.VERSION.pack(1, 0),
        protocol.VERSION.pack(0, 0) + b"{}",
        protocol.VERSION.pack(0, 0) + b"\0",
        protocol.VERSION.pack(0, 0) + b"nonsense\0",
        protocol.VERSION.pack(0, 0) + b"\xff\0",
        protocol.VERSION.pack(0, 0) + b"[" * 100_000 + b"\0",
        protocol.VERSION.pack(0, 0) + b'{"capabilities": {"max_msg_fds": -1}}\0',
        protocol.VERSION.pack(0, 0) + b'{"capabilities": {"max_msg_fds": "many"}}\0',
    ],
)
def test_without_an_agreement_there_is_no_device(payload: bytes) -> None:
    host, uuid = cards.card()
    client = Client(host, uuid)
    assert client.refused(Command.VERSION, payload) == errno.EINVAL
    assert client.session.is_over
    assert len(client.said) == 1
    host.open_device(uuid).close()


def test_nothing_comes_before_the_version_and_it_comes_once(host_and_card: tuple[Host, str]) -> None:
    early = Client(*host_and_card)
    assert early.refused(Command.DEVICE_RESET) == errno.EINVAL
    assert early.session.is_over
    client = Client(*host_and_card)
    client.done(Command.VERSION, cards.version())
    assert client.refused(Command.VERSION, cards.version()) == errno.EINVAL
    assert not client.session.is_over
    client.session.close()


def test_a_second_client_is_told_that_the_device_is_busy(client: Client, host_and_card: tuple[Host, str]) -> None:
    second = Client(*host_and_card)
    assert second.refused(Command.VERSION, cards.version()) == errno.EBUSY
    assert second.session.is_over
    assert second.said == ["VERSION: the device cannot be opened: EBUSY"]
    client.done(Command.DEVICE_RESET)


def test_a_device_that_has_gone_is_told() -> None:
    host, uuid = cards.card()
    remove(host, uuid)
    assert Client(host, uuid).refused(Command.VERSION, cards.version()) == errno.ENODEV
