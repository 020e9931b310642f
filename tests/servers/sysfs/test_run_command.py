"""``mdevref run``: the command sees a host's tree at /sys, and no other process does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.machines import uuid
from tests.servers.sysfs.mounts import COMMAND, MTTY, SECONDS, UNPRIVILEGED, needs_fuse

pytestmark = needs_fuse

DEVICE = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001"
LINE = f"echo {DEVICE} > /sys/{MTTY}/create && ls /sys/bus/mdev/devices && cat /sys/{MTTY}/available_instances"


def run(*arguments: str, before: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*before, *COMMAND, "run", *arguments], capture_output=True, text=True, timeout=SECONDS, check=False
    )


def mounts() -> list[str]:
    return Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("before", [(), UNPRIVILEGED], ids=["root", "unprivileged"])
def test_a_command_makes_a_device_and_nothing_is_left(before: tuple[str, ...]) -> None:
    if before and subprocess.run([*before, "true"], check=False, capture_output=True).returncode:
        pytest.skip("user namespaces are not allowed here")
    mounted, listed = mounts(), sorted(os.listdir("/sys"))
    done = run("--driver", "mtty", "--", "sh", "-c", LINE, before=before)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{DEVICE}\n11\n", "")
    assert mounts() == mounted
    assert sorted(os.listdir("/sys")) == listed


def test_a_command_has_its_own_words_and_its_own_status() -> None:
    assert run("sh", "-c", "exit 7").returncode == 7
    assert run("--", "sh", "-c", "kill -KILL $$").returncode == 128 + signal.SIGKILL
    assert run("echo", "--era", "5.10").stdout == "--era 5.10\n"
    assert run("--era", "6.1", "readlink", "/sys/class/mdev_bus/mtty").stdout == "../../devices/virtual/mtty/mtty\n"


def test_a_command_that_is_not_there_or_cannot_run_is_told_as_a_shell_does(tmp_path: Path) -> None:
    missing = run(str(tmp_path / "missing"))
    assert (missing.returncode, missing.stderr) == (127, f"mdevref: {tmp_path}/missing: command not found\n")
    (tmp_path / "text").write_text("no program")
    text = run(str(tmp_path / "text"))
    assert (text.returncode, text.stderr) == (126, f"mdevref: {tmp_path}/text: Permission denied\n")


def test_what_cannot_be_is_one_clear_line_and_status_2() -> None:
    for arguments, said in ((("--driver", "mtti", "true"), "unknown driver 'mtti'"), ((), "Missing argument")):
        done = run(*arguments)
        assert done.returncode == 2
        assert said in done.stderr
        assert done.stderr.count("\n") == 1


def test_the_rest_of_the_real_sys_is_still_there() -> None:
    """The rest of /sys stays visible, except mediated devices and what belongs to them."""
    # Device classes, whose links must resolve, and files of each directory that the host and the machine share.
    look = (
        "import json, os; print(json.dumps({path: sorted(os.listdir('/sys/' + path)) for path in "
        "['', 'bus', 'class', 'class/mem', 'devices', 'kernel', 'module', 'devices/virtual/mem/null']}"
        " | {'file': open('/sys/kernel/notes', 'rb').read().hex(), "
        "'real': os.path.realpath('/sys/class/mem/null'), 'number': open('/sys/class/mem/null/dev').read()}))"
    )
    outside = subprocess.run([sys.executable, "-c", look], capture_output=True, check=True, text=True)
    inside = run("--driver", "mtty", sys.executable, "-c", look)
    assert inside.returncode == 0, inside.stderr
    real, shown = json.loads(outside.stdout), json.loads(inside.stdout)
    for path, names in real.items():
        if isinstance(names, str):
            assert shown[path] == names
        else:
            missing = {name for name in names if name not in shown[path]}
            assert not {name for name in missing if not name.startswith(("mdev", "vfio", "iommu_groups"))}
    assert {"mdev_bus", "mtty", "vfio"} <= set(shown["class"])


def test_with_a_root_the_tree_is_in_it_too_and_the_root_goes_with_the_command() -> None:
    look = f"cd $MDEVCTL_ENV_ROOT; pwd; ls; cat sys/{MTTY}/available_instances; touch etc/mdevctl.d/x"
    done = run("--root", "sh", "-c", look)
    root, *rest = done.stdout.splitlines()
    assert rest == ["etc", "sys", "usr", "12"]
    assert done.stderr == ""
    assert not Path(root).exists()


def test_definitions_of_the_machine_are_out_of_the_commands_reach() -> None:
    if not Path("/etc/mdevctl.d").is_dir():
        pytest.skip("there is no /etc/mdevctl.d")
    before = sorted(os.listdir("/etc/mdevctl.d"))
    assert run("sh", "-c", "ls /etc/mdevctl.d; touch /etc/mdevctl.d/x").stdout == "scripts.d\n"
    assert sorted(os.listdir("/etc/mdevctl.d")) == before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_ends_us_ends_the_command(number: int) -> None:
    script = f"trap 'echo told; exit 3' {signal.Signals(number).name[3:]}; echo ready; while :; do read line; done"
    with subprocess.Popen(
        [*COMMAND, "run", "sh", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        assert process.stdin is not None
        process.stdin.write("\n")  # the shell handles signals once its child has exited
        process.stdin.flush()
        assert process.stdout.readline() == "told\n"
        assert process.wait(SECONDS) == 3


def test_ctrl_c_is_the_commands_affair() -> None:
    with subprocess.Popen(
        [*COMMAND, "run", "sh", "-c", "echo ready; exec sleep 60"],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(SECONDS) == 128 + signal.SIGINT


def test_killed_it_takes_the_command_with_it() -> None:
    with subprocess.Popen(
        [*COMMAND, "run", "sh", "-c", "echo ready; exec sleep 60"], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.kill()
        assert process.stdout.read() == b""  # the end of the command closes the pipe


def test_a_described_host() -> None:
    done = run("--host", "two-gpus", "sh", "-c", "ls /sys/class/mdev_bus; ls -d /sys/devices/pci0000:00")
    assert done.stdout.split() == ["0000:00:02.0", "0000:3b:00.0", "/sys/devices/pci0000:00"]


def test_two_commands_do_not_see_each_other() -> None:
    first = ["run", "sh", "-c", f"echo {uuid(1)} > /sys/{MTTY}/create; echo ready; read line; ls /sys/bus/mdev/devices"]
    with subprocess.Popen([*COMMAND, *first], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        assert run("ls", "/sys/bus/mdev/devices").stdout == ""
        assert process.communicate("\n", timeout=SECONDS)[0] == f"{uuid(1)}\n"
