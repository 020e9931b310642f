"""Run other programs so that none of their processes outlives the block that started them."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import IO

from mdevref.suite.vm import VmError

#: The Debian packages of programs, for the error about a missing program.
PACKAGES: Mapping[str, str] = {
    "apt-cache": "apt",
    "apt-get": "apt",
    "busybox": "busybox-static",
    "dpkg-deb": "dpkg",
    "gcc": "gcc",
    "gcc-12": "gcc-12",
    "ldd": "libc-bin",
    "make": "make",
    "qemu-system-x86_64": "qemu-system-x86",
    "zstd": "zstd",
}
TICK = 0.2  #: seconds between two checks of a running program


def program(name: str) -> str:
    """Return the path of a program. Raises VmError with the name of its package if it is not installed."""
    found = shutil.which(name)
    if found is None:
        raise VmError(f"{name} is not installed (Debian package: {PACKAGES.get(name, name)})")
    return found


@cache
def _tied() -> tuple[str, ...]:
    """Return the prefix of a command that makes it die with this process, even if this process is killed."""
    setpriv = shutil.which("setpriv")
    return (setpriv, "--pdeathsig", "KILL", "--") if setpriv else ()


@contextmanager
def group(
    argv: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: int | IO[bytes] = subprocess.DEVNULL,
    stdout: int | IO[bytes] = subprocess.DEVNULL,
    stderr: int | IO[bytes] = subprocess.DEVNULL,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program in its own session, and kill its whole process group at the end of the block."""
    argv = [program(str(argv[0])), *map(str, argv[1:])]
    child = subprocess.Popen(  # noqa: S603 - no shell: a list, begun by a program that was looked up
        [*_tied(), *argv],
        cwd=cwd,
        env={**os.environ, "LC_ALL": "C", **(env or {})},
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        start_new_session=True,
    )
    try:
        yield child
    finally:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        if child.stdout is not None:
            child.stdout.close()


def run(
    argv: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    tick: Callable[[], None] | None = None,
    deadline: float | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, and return its exit status and output; ``tick`` is called a few times a second.

    After ``deadline`` seconds the program is killed, and subprocess.TimeoutExpired is raised.
    """
    # Use files instead of pipes: a full pipe would block the program.
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        with group(argv, cwd=cwd, env=env, stdout=out, stderr=err) as child:
            until = None if deadline is None else time.monotonic() + deadline
            while child.poll() is None:
                if tick is not None:
                    tick()
                if until is not None and time.monotonic() > until:
                    raise subprocess.TimeoutExpired(list(map(str, argv)), deadline or 0)
                with suppress(subprocess.TimeoutExpired):
                    child.wait(TICK)
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(
            list(map(str, argv)),
            child.returncode,
            out.read().decode(errors="replace"),
            err.read().decode(errors="replace"),
        )


@contextmanager
def ends_on_terminate() -> Iterator[None]:
    """Make SIGTERM and SIGHUP raise SystemExit in this block, so that everything is cleaned up."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def unwind(number: int, _frame: object) -> None:
        sys.exit(128 + number)

    before = {number: signal.signal(number, unwind) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
