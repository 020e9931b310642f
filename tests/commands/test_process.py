"""The command as a process: help, pipes, terminals, Ctrl-C and internal errors."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
from pathlib import Path

import pytest

from mdevref import __version__
from mdevref.suite import data
from mdevref.suite.results import format as results
from tests.commands.command import GOOD, Command, Said, start


def test_without_arguments_the_help_is_shown(mdevref: Command) -> None:
    said = mdevref("--help")
    assert said.status == 0
    for command in ("check", "derive", "report", "diff", "site"):
        assert f"\n  {command} " in said.out
    assert mdevref("--version") == Said(0, f"mdevref {__version__}\n", "")


def test_the_real_suite_is_quiet_in_a_pipe() -> None:
    process = start("check", "--requirement", "create.duplicate-uuid", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert out.splitlines()[-1].startswith(b"Conforms; ")
    assert b"\x1b" not in out
    assert err == b""


@pytest.mark.parametrize("arguments", [("report", "--help"), ("check", "--requirement", "create.duplicate-uuid")])
def test_who_reads_no_further_gets_neither_traceback_nor_verdict(arguments: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with start(*arguments, stdout=writing, stderr=subprocess.PIPE) as process:
        os.close(writing)
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (128 + signal.SIGPIPE, b"")


def test_a_fault_of_the_suite_is_no_verdict(derived: Path, mdevref: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Path:
        raise RuntimeError("no idea")

    monkeypatch.setattr(data, "features", broken)
    said = mdevref("check", GOOD)
    assert said.status == 2
    assert "RuntimeError: no idea" in said.err
    assert said.err.endswith("mdevref: internal error\n")


def test_on_a_terminal_there_is_a_progress_line() -> None:
    master, slave = pty.openpty()
    process = start("check", "--requirement", "create.duplicate-uuid", stdout=subprocess.DEVNULL, stderr=slave)
    os.close(slave)
    shown = b""
    try:
        while part := os.read(master, 4096):
            shown += part
    except OSError:  # the child closed the terminal
        pass
    os.close(master)
    process.wait(timeout=60)
    assert b"\x1b[" in shown


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_leaves_a_clear_state(derived: Path, jobs: str, tmp_path: Path) -> None:
    """A scenario sends SIGINT to the process group, as a terminal does, and then blocks forever."""
    (tmp_path / "waiting.py").write_text(WAITING)
    found = tmp_path / "results.ndjson"
    process = start(
        "check", "python:waiting:target", "--jobs", jobs, "--results", str(found),
        "--requirement", "create.duplicate-uuid", cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(data.PACKAGE.parent)}, start_new_session=True,
    )  # fmt: skip
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == b""
    assert err.decode() == (f"mdevref: interrupted after 0 of 4 scenarios; {found} is incomplete (no footer)\n")
    with pytest.raises(results.ResultsError, match="the footer is missing"):
        results.read(found)
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


WAITING = f"""\
import os, signal, threading
from tests.suite.fakes import FakeTarget

class Waiting(FakeTarget):
    def machine(self):
        os.killpg(0, {int(signal.SIGINT)})
        threading.Event().wait()

def target():
    return Waiting()
"""
