"""The target ``sysfs:DIR`` on a mount: every management scenario has the same verdict as in process."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from mdevref.servers.sysfs import watcher
from mdevref.servers.sysfs.control import address, ask
from mdevref.suite.interface.target import Target
from mdevref.suite.interface.unsupported import Unsupported
from mdevref.suite.run.suite import Suite, run
from mdevref.suite.targets import opening
from mdevref.suite.targets.errors import TargetError
from mdevref.suite.targets.sysfs.mount import MountTarget
from tests.machines import errno_of, uuid
from tests.servers.sysfs.mounts import MTTY, needs_fuse, served

pytestmark = needs_fuse

#: Queries a mount as a user without permission.
STRANGER = """
import os, sys
from mdevref.servers.sysfs.control import ask
os.setresgid(65534, 65534, 65534)
os.setresuid(65534, 65534, 65534)
ask(sys.argv[1], "describe")
"""


def verdicts(target: Target) -> dict[tuple[str, str], tuple[str, str | None]]:
    suite = Suite()
    suite.select(interface="management")
    outcome = run(suite, target)
    return {(each.requirement, each.scenario): (each.verdict, each.reason) for each in outcome.scenarios}


@pytest.mark.parametrize("era", ["4.13", "5.10", "6.1"])
def test_the_verdicts_are_those_of_the_host_itself(tmp_path: Path, era: str) -> None:
    with served(tmp_path, "--era", era):
        target = opening.open_target(f"sysfs:{tmp_path}")
        seen = verdicts(target)
        target.close()
        assert os.listdir(tmp_path / "bus/mdev/devices") == []
    expected = verdicts(opening.open_target(f"reference:era={era}"))
    assert seen == expected
    counted = [verdict for verdict, _ in seen.values()]
    assert counted.count("pass") > 200
    assert not {"unsupported", "error"} & set(counted)


def test_the_target_tells_what_it_is(tmp_path: Path) -> None:
    with served(tmp_path, "--era", "5.10", "--driver", "mtty"):
        target = opening.open_target(f"sysfs:{tmp_path}")
        assert isinstance(target, MountTarget)
        assert target.release == (5, 10)
        assert target.interfaces == {"management"}
        assert target.environment()["kernel"] == "era 5.10, through a mount"
        assert target.environment()["drivers"] == "mtty"
        assert target.shell_path("bus/mdev") == f"{tmp_path}/bus/mdev"
        machine = target.machine()
        with pytest.raises(Unsupported, match="driver interface"):
            machine.drivers()
        target.close()


def test_devices_that_are_not_the_suites_keep_it_away(tmp_path: Path) -> None:
    with served(tmp_path):
        (tmp_path / MTTY / "create").write_bytes(uuid(1).encode())
        with pytest.raises(TargetError, match="the host has mediated devices"):
            opening.open_target(f"sysfs:{tmp_path}")
        assert os.listdir(tmp_path / "bus/mdev/devices") == [uuid(1)]


def test_what_a_suite_left_that_was_killed_is_gone_with_the_next(tmp_path: Path) -> None:
    with served(tmp_path):
        machine = opening.open_target(f"sysfs:{tmp_path}").machine()
        machine.files.write(f"{MTTY}/create", uuid(1).encode())
        machine.open_device(uuid(1))
        again = opening.open_target(f"sysfs:{tmp_path}").machine()
        assert again.files.listdir("bus/mdev/devices") == []
        assert list(again.leftovers()) == []


def test_a_device_held_open_has_no_system_calls(tmp_path: Path) -> None:
    with served(tmp_path):
        machine = opening.open_target(f"sysfs:{tmp_path}").machine()
        machine.files.write(f"{MTTY}/create", uuid(1).encode())
        device = machine.open_device(uuid(1))
        with pytest.raises(Unsupported, match="no device file for pread"):
            device.pread(1, 0)
        device.close()
        device.close()


def test_only_its_owner_and_root_may_ask(tmp_path: Path) -> None:
    with served(tmp_path):
        tag = watcher.tag_at(str(tmp_path))
        assert tag is not None
        stranger = subprocess.run([sys.executable, "-c", STRANGER, tag], capture_output=True, text=True, check=False)
        assert stranger.returncode
        assert "the mount belongs to another user" in stranger.stderr
        assert ask(tag, "describe")["devices"] == []


def test_what_is_no_call_is_refused(tmp_path: Path) -> None:
    with served(tmp_path):
        tag = watcher.tag_at(str(tmp_path))
        assert tag is not None
        assert errno_of(ask, tag, "_accept") is not None
        assert errno_of(ask, tag, "unload", "nothing") is not None
        assert errno_of(ask, tag, "vendor", "calls") is not None
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(address(tag))
            connection.sendall(b"nonsense\n")
            assert connection.recv(100) == b""
        assert ask(tag, "vendors") == ["mtty", "mdpy"]
