"""Uevents as udevd tells them: the bytes. That real clients take them is shown by tests/clients."""

from __future__ import annotations

import pytest

from mdevref.kernel.uevents import Uevent
from mdevref.servers.udev import message, murmur2
from tests.hosts import create, machine, uuid

#: The hash by which ``udevadm monitor --subsystem-match`` let this subsystem through.
MDEV_HASH = 0xBB5211C7


@pytest.mark.parametrize(("text", "expected"), [(b"", 0), (b"mdev", MDEV_HASH)])
def test_a_subsystem_is_known_by_its_hash(text: bytes, expected: int) -> None:
    assert murmur2(text) == expected


@pytest.mark.parametrize("length", range(9))
def test_every_byte_counts(length: int) -> None:
    texts = {bytes(length)} | {bytes(at) + b"x" + bytes(length - at - 1) for at in range(length)}
    assert len({murmur2(text) for text in texts}) == length + 1


def test_a_message_has_header_and_properties() -> None:
    said = message(Uevent("add", "/devices/x", {"ACTION": "add", "SUBSYSTEM": "mdev", "DEVNAME": "vfio/0"}))
    assert said[:8] == b"libudev\0"
    assert said[8:12] == bytes.fromhex("feedcafe")
    size, start, length = (int.from_bytes(said[at : at + 4], "little") for at in (12, 16, 20))
    assert size == start == 40
    assert said[24:28] == MDEV_HASH.to_bytes(4, "big")
    assert said[28:40] == bytes(12)
    properties = said[start:].split(b"\0")
    assert len(said) == start + length
    assert properties[:3] == [b"ACTION=add", b"SUBSYSTEM=mdev", b"DEVNAME=/dev/vfio/0"]
    assert properties[3].startswith(b"USEC_INITIALIZED=")
    assert properties[4:] == [b""]


def test_a_listener_hears_of_an_event_before_the_host_goes_on() -> None:
    host = machine("5.10", "mtty")
    seen: list[tuple[str, bool]] = []
    link = f"bus/mdev/devices/{uuid(1)}/mdev_type"
    subscription = host.kernel.uevents.subscribe(lambda event: seen.append((event.action, host.sysfs.exists(link))))
    create(host, 1)
    subscription.close()
    create(host, 2)
    assert seen == [("add", False), ("add", False), ("bind", False)]
    assert not subscription.events
