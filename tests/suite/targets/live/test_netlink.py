from __future__ import annotations

import pytest

from mdevref.suite.interface.target import Uevent
from mdevref.suite.interface.unsupported import Unsupported
from mdevref.suite.targets.live.netlink import Uevents, parse


def test_a_message_of_the_kernel_is_read() -> None:
    path = b"/devices/virtual/mtty/mtty"
    message = b"\0".join(
        [b"add@" + path, b"ACTION=add", b"DEVPATH=" + path, b"SUBSYSTEM=mtty", b"X=a=b", b"SEQNUM=7", b""]
    )
    assert parse(message) == Uevent("add", "/devices/virtual/mtty/mtty", {"SUBSYSTEM": "mtty", "X": "a=b"})


@pytest.mark.parametrize("message", [b"", b"libudev\0\xfe\xed\xca\xfe", b"add", b"add@", b"add@relative\0ACTION=add\0"])
def test_what_is_no_message_of_the_kernel_is_left_out(message: bytes) -> None:
    assert parse(message) is None


def test_listening_hears_nothing_where_nothing_happens() -> None:
    try:
        with Uevents() as events:
            assert [event for event in events.drain() if event.devpath.startswith("/devices/virtual/mdevref")] == []
    except Unsupported as why:
        pytest.skip(str(why))
