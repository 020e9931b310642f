"""Uevents in udevd's format: the bytes and the receivers. tests/clients shows that real clients accept them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from mdevref.kernel.uevents import Uevent
from mdevref.servers.sysfs.udev import message, murmur2
from tests.machines import create, machine, uuid
from tests.servers.sysfs.mounts import UNPRIVILEGED, needs_fuse
from tests.servers.sysfs.test_run_command import run

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


#: Acts as a client of libudev: listens on group 2 while devices appear, and checks whether udevd is running.
LISTENER = """
import os, socket
heard = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 15)
heard.bind((0, 2))
heard.settimeout(10)
with open("/sys/class/mdev_bus/mtty/mdev_supported_types/mtty-1/create", "w") as file:
    file.write("83b8f4f2-509f-382f-3c1e-e6bfe0fa1001")
print(heard.recv(8192)[40:].split(b"\\0")[:3])
print(os.listdir("/run"), os.listdir("/run/udev"), os.environ["SYSTEMD_DEVICE_VERIFY_SYSFS"])
"""


@needs_fuse
@pytest.mark.parametrize("before", [(), UNPRIVILEGED], ids=["root", "unprivileged"])
def test_a_command_hears_of_its_hosts_uevents_as_from_udevd(before: tuple[str, ...]) -> None:
    if before and subprocess.run([*before, "true"], check=False, capture_output=True).returncode:
        pytest.skip("user namespaces are not allowed here")
    done = run("--udev", "--driver", "mtty", "--", sys.executable, "-c", LISTENER, before=before)
    assert (done.returncode, done.stderr) == (0, "")
    path = "/devices/virtual/mtty/mtty/83b8f4f2-509f-382f-3c1e-e6bfe0fa1001"
    properties = [b"ACTION=add", f"DEVPATH={path}".encode(), b"SUBSYSTEM=mdev"]
    assert done.stdout == f"{properties}\n['udev'] ['control'] 0\n"
