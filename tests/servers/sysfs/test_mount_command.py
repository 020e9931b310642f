"""``mdevref mount``: how it starts, and that it unmounts however it ends."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from mdevref import cli
from mdevref.servers.choice import ChoiceError, make_host, parse_driver
from mdevref.servers.sysfs import mounting, watcher
from mdevref.servers.sysfs.control import ask
from tests.machines import errno_of, uuid
from tests.servers.sysfs.mounts import (
    COMMAND,
    MTTY,
    SECONDS,
    UNPRIVILEGED,
    await_unmounted,
    is_mounted,
    needs_fuse,
    served,
)


@needs_fuse
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_and_the_folder_is_as_before(tmp_path: Path, number: int) -> None:
    with served(tmp_path) as mount:
        assert mount.ready == f"{tmp_path}: mounted a host of era 4.13 (drivers: mtty, mdpy)\n"
        assert os.listdir(tmp_path / "class/mdev_bus") == ["mdpy", "mtty"]
        assert mount.end(number) == (0, "")
        assert not is_mounted(tmp_path)
        assert os.listdir(tmp_path) == []


@needs_fuse
def test_it_ends_when_somebody_unmounts(tmp_path: Path) -> None:
    with served(tmp_path) as mount:
        assert watcher.detach(str(tmp_path), None)
        assert mount.process.wait(SECONDS) == 0


@needs_fuse
def test_it_ends_although_somebody_is_in_it_and_has_a_file_open(tmp_path: Path) -> None:
    with served(tmp_path) as mount:
        directory = os.open(tmp_path / "bus", os.O_RDONLY)
        attribute = os.open(tmp_path / MTTY / "name", os.O_RDONLY)
        try:
            assert mount.end(signal.SIGTERM) == (0, "")
            assert not is_mounted(tmp_path)
            assert errno_of(os.read, attribute, 10) in (errno.ENOTCONN, errno.ECONNABORTED)
        finally:
            for descriptor in (attribute, directory):
                with suppress(OSError):  # closing notifies the server, which is dead
                    os.close(descriptor)


@needs_fuse
def test_killed_while_a_tool_waits_the_tool_gets_an_error_and_the_next_mount_works(tmp_path: Path) -> None:
    with served(tmp_path, "--era", "5.10") as mount:
        tag = watcher.tag_at(str(tmp_path))
        assert tag is not None
        (tmp_path / MTTY / "create").write_bytes(uuid(1).encode())
        ask(tag, "open", uuid(1))
        with subprocess.Popen(
            ["sh", "-c", f"echo 1 > {tmp_path}/bus/mdev/devices/{uuid(1)}/remove"], stderr=subprocess.PIPE
        ) as tool:
            while not ask(tag, "is_blocked", tool.pid):
                os.sched_yield()
            mount.process.kill()
            assert mount.process.wait(SECONDS) == -signal.SIGKILL
            _, said = tool.communicate(timeout=SECONDS)
            assert tool.returncode
            assert b"echo" in said
        await_unmounted(tmp_path)
    with served(tmp_path):
        assert os.listdir(tmp_path / "bus/mdev/devices") == []


@needs_fuse
def test_a_root_has_what_mdevctl_looks_for(tmp_path: Path) -> None:
    with served(tmp_path, "--root") as mount:
        assert mount.ready.startswith(f"{tmp_path}/sys: mounted a host")
        assert sorted(os.listdir(tmp_path)) == ["etc", "sys", "usr"]
        assert os.listdir(tmp_path / "etc/mdevctl.d") == []
        assert sorted(os.listdir(tmp_path / "usr/lib/mdevctl/scripts.d")) == ["callouts", "notifiers"]
        assert (tmp_path / "sys" / MTTY / "available_instances").read_text() == "12\n"
        mount.end(signal.SIGTERM)
        assert os.listdir(tmp_path / "sys") == []


@needs_fuse
def test_a_described_host_is_mounted(tmp_path: Path) -> None:
    with served(tmp_path, "--host", "two-gpus"):
        assert os.listdir(tmp_path / "class/mdev_bus") == ["0000:00:02.0", "0000:3b:00.0"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["{folder}/nowhere"], "{folder}/nowhere: directory not found"),
        (["{folder}", "--era", "3.2"], "unknown era '3.2' (choose from 4.13, 5.10, 6.1, 6.12"),
        (["{folder}", "--driver", "mtti"], "unknown driver 'mtti' (choose from i915, "),
        (["{folder}", "--driver", "mdpy:size=2"], "invalid option 'size=2' (options of mdpy: count=4)"),
        (["{folder}", "--driver", "mdpy:count=x"], "--driver mdpy:count=x: count=x: Invalid argument"),
        (["{folder}", "--host", "nowhere"], "unknown host 'nowhere' (choose from "),
        (["{folder}", "--host", "empty", "--era", "5.10"], "--host cannot be combined with --era or --driver"),
        (["/proc/self/nothing", "--root"], "/proc/self/nothing: No such file or directory"),
    ],
)
def test_what_cannot_be_is_one_clear_line_and_status_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert cli.run(["mount", *(argument.format(folder=tmp_path) for argument in arguments)]) == 2
    err = capsys.readouterr().err
    assert said.format(folder=tmp_path) in err
    assert err.count("\n") == 1


def test_a_folder_out_of_reach_is_one_clear_line(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    # Run in a user namespace, because root of the machine can access every directory.
    done = subprocess.run(
        [*UNPRIVILEGED, *COMMAND, "mount", str(closed / "folder")],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    if done.stderr.startswith("unshare:"):
        pytest.skip("user namespaces are not allowed here")
    assert (done.returncode, done.stderr) == (2, f"mdevref: {closed}/folder: Permission denied\n")


def test_without_a_python_for_the_watcher_nothing_is_mounted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    with pytest.raises(mounting.MountError, match="python: cannot start the watcher of the mount: No such file"):
        mounting.Mount(make_host(None, ["mtty"], None), tmp_path)
    assert not is_mounted(tmp_path)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (errno.ENOENT, "/dev/fuse not found: this kernel has no FUSE"),
        (errno.ENODEV, "/dev/fuse not found: this kernel has no FUSE"),
        (errno.EACCES, "/dev/fuse: permission denied"),
    ],
)
def test_a_machine_without_fuse_is_told_of_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], code: int, said: str
) -> None:
    really_open = os.open

    def refuse(path: str, flags: int, *rest: int, **named: int) -> int:
        if path == mounting.DEVICE:
            raise OSError(code, os.strerror(code), path)
        return really_open(path, flags, *rest, **named)

    monkeypatch.setattr(os, "open", refuse)
    assert cli.run(["mount", str(tmp_path)]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1


@needs_fuse
def test_without_the_right_to_mount_and_without_a_helper_one_line_says_what_it_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(mounting, "mount_fuse", refuse)
    monkeypatch.setattr(mounting, "find_helper", lambda: None)
    assert cli.run(["mount", str(tmp_path)]) == 2
    assert "mounting requires root or fusermount3 (package fuse3)" in capsys.readouterr().err
    assert not is_mounted(tmp_path)


@needs_fuse
def test_a_helper_mounts_and_unmounts_where_we_may_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    helper = mounting.find_helper()
    if helper is None:
        pytest.skip("there is no fusermount3")

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(mounting, "mount_fuse", refuse)
    with mounting.mounted(make_host(None, ["mtty"], None), tmp_path):
        assert (tmp_path / MTTY / "available_instances").read_text() == "12\n"
        assert [kind for place, kind, _ in watcher.mounts() if place == str(tmp_path)] == ["fuse.mdevref"]
    assert not is_mounted(tmp_path)


@pytest.mark.parametrize(
    ("text", "name", "options"),
    [
        ("mtty", "mtty", {}),
        ("mdpy:count=2", "mdpy", {"count": "2"}),
        ("scripted:without=name,description", "scripted", {"without": "name,description"}),
        ("i915:addresses=0000:00:02.0 0000:00:03.0", "i915", {"addresses": "0000:00:02.0 0000:00:03.0"}),
    ],
)
def test_a_driver_and_its_options(text: str, name: str, options: dict[str, str]) -> None:
    assert parse_driver(text) == (name, options)


def test_an_option_has_a_value() -> None:
    with pytest.raises(ChoiceError, match="invalid option 'count' \\(options of mdpy"):
        parse_driver("mdpy:count")
