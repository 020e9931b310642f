"""``mdevref serve``: serves a device until the command ends."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mdevref.servers.vfio_user.server import CLIENTS
from tests.servers.vfio_user.cards import RawClient, echo

MDEVREF = str(Path(sys.executable).with_name("mdevref"))
UUID = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001"


@contextmanager
def serving(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run the command, and kill it at the end if it is still running."""
    with subprocess.Popen(
        [MDEVREF, "serve", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        try:
            yield child
        finally:
            child.kill()


def said(child: subprocess.Popen[str], count: int) -> list[str]:
    assert child.stdout is not None
    return [child.stdout.readline().rstrip("\n") for _ in range(count)]


def test_it_tells_how_a_vmm_gets_the_device_and_what_that_cost(tmp_path: Path) -> None:
    path = tmp_path / "card.sock"
    with serving("mtty-2", "--socket", str(path), "--uuid", UUID.upper(), "--era", "6.1") as child:
        first, second = said(child, 2)
        assert first == f"mtty-2 {UUID} (host of era 6.1), option for QEMU:"
        option = json.loads(second.strip().removeprefix("-device '").removesuffix("'"))
        assert option == {"driver": "vfio-user-pci", "socket": {"type": "unix", "path": str(path)}}
        assert echo(path) == b"well-behaved"
        child.send_signal(signal.SIGUSR1)
        counted = said(child, 4)
        assert [line.split()[0] for line in counted] == ["VERSION", "REGION_READ", "REGION_WRITE", "all"]
        child.send_signal(signal.SIGTERM)
        told, log = child.communicate(timeout=30)
    assert child.returncode == 0
    assert told.splitlines()[-1].startswith("all ")
    assert log.splitlines() == ["mdevref: client 1: disconnected after 28 messages"]
    assert not path.exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_it_ends_while_a_client_is_there(tmp_path: Path, number: signal.Signals) -> None:
    path = tmp_path / "card.sock"
    with serving("mtty-1", "--socket", str(path)) as child:
        said(child, 2)
        client = RawClient(path)
        client.agree()
        child.send_signal(number)
        told, _ = child.communicate(timeout=30)
        assert client.reply() is None
        client.close()
    assert child.returncode == 0
    assert told.splitlines()[-1].split()[:2] == ["all", "1"]


def test_who_is_told_to_ignore_a_signal_does(tmp_path: Path) -> None:
    path = tmp_path / "card.sock"
    command = f"trap '' HUP INT; exec {MDEVREF} serve mtty-1 --socket {path}"
    with subprocess.Popen(["/bin/sh", "-c", command], stdout=subprocess.PIPE, text=True) as child:
        try:
            said(child, 2)
            child.send_signal(signal.SIGHUP)
            child.send_signal(signal.SIGINT)
            assert echo(path) == b"well-behaved"
            child.send_signal(signal.SIGUSR1)
            assert said(child, 4)[-1].startswith("all ")
        finally:
            child.terminate()
        assert child.wait(30) == 0


def test_a_log_that_nobody_reads_harms_nobody(tmp_path: Path) -> None:
    path = tmp_path / "card.sock"
    with serving("mtty-1", "--socket", str(path)) as child:
        said(child, 2)
        assert child.stderr is not None
        child.stderr.close()
        clients = [RawClient(path) for _ in range(CLIENTS + 1)]
        assert clients[-1].reply() is None  # one client too many, which is logged
        for client in clients:
            client.close()
        assert echo(path) == b"well-behaved"
        child.terminate()
        assert child.wait(30) == 0


def test_a_device_of_another_driver_is_served(tmp_path: Path) -> None:
    with serving("mdpy-vga", "--driver", "mdpy:count=2", "--socket", str(tmp_path / "card.sock")) as child:
        assert said(child, 1)[0].startswith("mdpy-vga ")
        child.terminate()
        assert child.wait(30) == 0


def test_a_device_that_its_vendor_does_not_give_up_is_one_line(tmp_path: Path) -> None:
    with serving("mdpy-hd", "--host", "trouble", "--socket", str(tmp_path / "card.sock"), "--uuid", UUID) as child:
        said(child, 2)
        child.terminate()
        _, log = child.communicate(timeout=30)
    assert log == f"mdevref: {UUID} could not be removed: Device or resource busy\n"
    assert child.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("mtty-3",), "unknown type 'mtty-3' (choose from mdpy-hd, mdpy-vga, mdpy-xga, mtty-1, mtty-2)"),
        (("mtty-1", "--driver", "none"), "unknown driver 'none'"),
        (("mtty-1", "--era", "1.0"), "unknown era '1.0'"),
        (("i915-GVTg_V5_4", "--driver", "i915"), "devices of type i915-GVTg_V5_4 are modelled in sysfs only"),
        (("mtty-2", "--host", "no-bus-driver"), "devices of type mtty-2 are not bound to a VFIO driver"),
        (("mtty-1", "--uuid", "a name"), "cannot create device a name of type mtty-1: Invalid argument"),
    ],
)
def test_what_cannot_be_served_is_one_line(tmp_path: Path, arguments: tuple[str, ...], why: str) -> None:
    path = tmp_path / "card.sock"
    done = subprocess.run(
        [MDEVREF, "serve", *arguments, "--socket", str(path)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"mdevref: {why}")
    assert len(done.stderr.splitlines()) == 1
    assert not path.exists()


def test_a_path_that_cannot_be_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("precious")
    for path, why in (
        (tmp_path / "file", "file: not a socket; left in place"),
        (tmp_path / "none" / "card.sock", "No such file or directory"),
        (tmp_path / ("x" * 200), "too long"),
    ):
        done = subprocess.run(
            [MDEVREF, "serve", "mtty-1", "--socket", str(path)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 2
        assert why in done.stderr
        assert len(done.stderr.splitlines()) == 1
    assert (tmp_path / "file").read_text() == "precious"
