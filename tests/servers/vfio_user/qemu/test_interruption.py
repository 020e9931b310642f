"""A run that is interrupted while a guest runs leaves no process, socket or directory."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from mdevref.suite import data
from mdevref.suite.vm import boot
from tests.servers.vfio_user.qemu.guest import pytestmark

__all__ = ["pytestmark"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_whoever_is_interrupted_leaves_nothing(number: signal.Signals, tmp_path: Path) -> None:
    mark = f"MDEVREF_TEST_MARK={tmp_path}"
    with boot.scratch() as folder:  # removes directories of dead runs
        others = set(folder.parent.iterdir())
    command = [sys.executable, "-m", "pytest", "-s", "-m", "qemu", f"--basetemp={tmp_path / 'base'}"]
    command += [
        "-p",
        "no:cacheprovider",
        f"{Path(__file__).with_name('test_qemu.py')}::test_remove_waits_for_the_guest_to_end",
    ]
    with subprocess.Popen(
        command,
        cwd=data.root(),
        env={**os.environ, "MDEVREF_TEST_MARK": str(tmp_path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stderr is not None
        for line in child.stderr:
            if "step=loop-back" in line:
                break
        assert len(marked(mark)) > 1
        child.send_signal(number)
        child.stderr.read()
        child.wait(30)
    assert marked(mark) == []
    if number != signal.SIGKILL:
        assert not list(tmp_path.rglob("*.sock"))
        assert abandoned(folder.parent, others) == []
    with boot.scratch():  # removes the directory of a killed run
        assert abandoned(folder.parent, others) == []


def abandoned(root: Path, others: set[Path]) -> list[Path]:
    """Return the directories of guests, except ``others``, that no process holds. Other runs may be active."""
    found = []
    for each in set(root.iterdir()) - others:
        with suppress(FileNotFoundError, BlockingIOError):
            held = os.open(each, os.O_RDONLY | os.O_DIRECTORY)
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                found.append(each)
            finally:
                os.close(held)
    return found


def marked(mark: str) -> list[str]:
    """Return the ids of the live processes with this text in their environment."""
    found = []
    for each in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if mark.encode() in (each / "environ").read_bytes().split(b"\0"):
                found.append(each.name)
    return found
