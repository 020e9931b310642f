"""Helpers for tests of mounts: the command as a process, mount states, and required privileges."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mdevref.host import Host
from mdevref.servers.sysfs import watcher
from mdevref.servers.sysfs.mounting import DEVICE

SECONDS = 20  #: timeout of operations that take a fraction of a second
MTTY = "class/mdev_bus/mtty/mdev_supported_types/mtty-2"
COMMAND = (sys.executable, "-c", "from mdevref.cli import main; main()")

#: Runs a command in a user namespace, without the privileges of the machine's root.
UNPRIVILEGED = ("unshare", "--user", "--map-user=1000", "--map-group=1000")


def _why_not() -> str:
    try:
        os.close(os.open(DEVICE, os.O_RDWR))
    except OSError as error:
        return f"{DEVICE}: {error.strerror}"
    return "" if os.geteuid() == 0 else "mounting here takes root"


WHY_NOT = _why_not()
needs_fuse = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)


def is_mounted(folder: Path) -> bool:
    """Return whether something is mounted at the path, even if its server is dead."""
    return any(place == str(folder) for place, _, _ in watcher.mounts())


def await_unmounted(folder: Path) -> None:
    """Wait until nothing is mounted there. poll(2) reports changes of the mount table."""
    with open("/proc/self/mounts", encoding="utf-8") as table:
        poll = select.poll()
        poll.register(table, select.POLLERR | select.POLLPRI)
        while is_mounted(folder):
            assert poll.poll(SECONDS * 1000), f"{folder} is still mounted"


class Served:
    """A running ``mdevref mount`` that is ready."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [*COMMAND, "mount", str(folder), *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.ready = self.process.stdout.readline()
        if not self.ready:
            pytest.fail(self.process.communicate()[1])

    def end(self, number: int) -> tuple[int, str]:
        """Send a signal, wait, and return the exit status and stderr."""
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=SECONDS)
        return self.process.returncode, said


@contextmanager
def served(folder: Path, *options: str) -> Iterator[Served]:
    """Run :class:`Served` for the duration of the block."""
    mount = Served(folder, *options)
    try:
        yield mount
    finally:
        if mount.process.poll() is None:
            mount.process.kill()
        mount.process.communicate()
        await_unmounted(folder)


def mtty_host(era: str = "4.13") -> Host:
    """Return a host with mtty, and with the bus driver if the era has one."""
    host = Host(era)
    if host.era.has_bus_driver:
        host.load("vfio_mdev")
    host.load("mtty")
    return host


def await_waiting(host: Host) -> None:
    """Wait until an operation that arrived through a mount is blocked in the host."""
    deadline = time.monotonic() + SECONDS
    while not host.waits.current():
        assert time.monotonic() < deadline, "no operation is blocked"
        os.sched_yield()
