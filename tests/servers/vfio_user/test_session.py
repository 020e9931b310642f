"""The effect of a client's messages and the replies to them, in process."""

from __future__ import annotations

import errno

import pytest

from mdevref.host import Host
from mdevref.servers.vfio_user import protocol as protocol
from mdevref.servers.vfio_user.device import ClientDevice
from mdevref.servers.vfio_user.protocol import HEADER, Command, Malformed
from mdevref.servers.vfio_user.session import MAX_MESSAGE
from mdevref.vfio import uapi
from mdevref.vfio.uapi import PciRegion
from tests.servers.vfio_user import cards
from tests.servers.vfio_user.client import Client


def test_every_command_is_answered(client: Client) -> None:
    for command, payload, kinds in cards.VALID:
        client.done(command, payload, [cards.descriptor(kind) for kind in kinds])
    assert client.said == []


@pytest.mark.parametrize("command", [0, 11, 12, 14, 19, 0xFFFF])
def test_an_unknown_command_is_refused_with_a_line(client: Client, command: int) -> None:
    assert client.refused(command, b"anything") == errno.EINVAL
    assert client.said == [f"command {command}: unknown command"]
    client.done(Command.DEVICE_RESET)


def test_what_the_device_has_not_is_refused(client: Client) -> None:
    assert client.refused(Command.DEVICE_GET_REGION_IO_FDS, bytes(16)) == errno.ENOTSUP
    feature = bytes(uapi.DeviceFeature(argsz=8, flags=uapi.FeatureFlags.PROBE | uapi.FEATURE_MIGRATION))
    assert client.refused(Command.DEVICE_FEATURE, feature) == errno.ENOTTY


@pytest.mark.parametrize(("command", "payload", "kinds"), cards.VALID)
def test_a_payload_that_is_too_short_is_refused(command: int, payload: bytes, kinds: tuple[str, ...]) -> None:
    client = Client(*cards.card())
    client.done(Command.VERSION, cards.version())
    minimum = protocol.FORMS[command].minimum
    for length in range(minimum):
        fds = [cards.descriptor(kind) for kind in kinds]
        assert client.refused(command, payload[:length], fds) == errno.EINVAL
    assert len(client.said) == minimum
    client.session.close()


@pytest.mark.parametrize(("command", "payload", "kinds"), cards.VALID)
def test_file_descriptors_that_nobody_asked_for_are_closed(
    command: int, payload: bytes, kinds: tuple[str, ...]
) -> None:
    client = Client(*cards.card())
    client.done(Command.VERSION, cards.version())
    files = cards.open_files()
    fds = [cards.descriptor(kind) for kind in (*kinds, "null", "eventfd")]
    assert client.refused(command, payload, fds) == errno.EINVAL
    assert cards.open_files() == files
    client.session.close()


def test_nothing_is_said_where_no_reply_is_wanted(client: Client) -> None:
    write = cards.write(PciRegion.BAR0, cards.SCRATCH, b"\x77")
    assert client.ask(Command.REGION_WRITE, write, flags=protocol.NO_REPLY) is None
    assert client.ask(99, b"", flags=protocol.NO_REPLY) is None
    assert client.done(Command.REGION_READ, cards.read(PciRegion.BAR0, cards.SCRATCH, 1))[-1] == 0x77


@pytest.mark.parametrize(
    ("size", "flags"),
    [(0, 0), (15, 0), (MAX_MESSAGE + 1, 0), (0xFFFFFFFF, 0), (16, protocol.REPLY), (16, 0x2)],
)
def test_a_header_that_cannot_be_is_the_end(client: Client, size: int, flags: int) -> None:
    header = HEADER.pack(1, Command.DEVICE_RESET, size, flags, 0)
    with pytest.raises(Malformed) as caught:
        client.session.payload_size(header)
    reply = client.session.refuse(header, caught.value)
    assert client.session.is_over
    assert len(client.said) == 1
    # A reply must not be answered, or two servers would exchange replies forever.
    assert (reply == b"") == bool(flags)


def test_a_fault_of_the_device_is_an_answer_and_a_line(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(self: ClientDevice, region: int, offset: int, count: int) -> bytes:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(ClientDevice, "read", breaks)
    assert client.refused(Command.REGION_READ, cards.read(0, 0, 1)) == errno.EIO
    assert client.said == ["REGION_READ: internal error of the device: ZeroDivisionError: a bug"]


def test_what_the_device_knows_outlives_its_client(host_and_card: tuple[Host, str]) -> None:
    first, second = Client(*host_and_card), Client(*host_and_card)
    first.done(Command.VERSION, cards.version())
    first.done(Command.REGION_WRITE, cards.write(PciRegion.BAR0, cards.SCRATCH, b"\x42"))
    first.session.close()
    second.done(Command.VERSION, cards.version())
    assert second.done(Command.REGION_READ, cards.read(PciRegion.BAR0, cards.SCRATCH, 1))[-1] == 0x42
    second.session.close()
