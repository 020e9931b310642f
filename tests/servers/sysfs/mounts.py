"""What tests of mounts share: the command in a process of its own, how mounts begin and end, what they need."""

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

SECONDS = 20  #: that something may take which takes a fraction of one
MTTY = "class/mdev_bus/mtty/mdev_supported_types/mtty-2"
COMMAND = (sys.executable, "-c", "from mdevref.cli import main; main()")

#: A user namespace of a test's, in which nobody has a right of the machine's root, as for an ordinary user.
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
    """Whether something is mounted there, be its server dead."""
    return any(place == str(folder) for place, _, _ in watcher.mounts())


def await_unmounted(folder: Path) -> None:
    """Return when nothing is mounted there. The kernel reports a change of the table of mounts by poll(2)."""
    with open("/proc/self/mounts", encoding="utf-8") as table:
        poll = select.poll()
        poll.register(table, select.POLLERR | select.POLLPRI)
        while is_mounted(folder):
            assert poll.poll(SECONDS * 1000), f"{folder} is still mounted"


class Served:
    """``mdevref mount`` in a process of its own, ready."""

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
        """Send a signal and wait; the exit status and what was said on stderr."""
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=SECONDS)
        return self.process.returncode, said


@contextmanager
def served(folder: Path, *options: str) -> Iterator[Served]:
    """As :class:`Served`, for as long as the block lasts, whatever happens in it."""
    mount = Served(folder, *options)
    try:
        yield mount
    finally:
        if mount.process.poll() is None:
            mount.process.kill()
        mount.process.communicate()
        await_unmounted(folder)


def mtty_host(era: str = "4.13") -> Host:
    """A host with its bus driver, where it has one, and mtty."""
    host = Host(era)
    if host.era.has_bus_driver:
        host.load("vfio_mdev")
    host.load("mtty")
    return host


def await_waiting(host: Host) -> None:
    """Return when somebody waits inside the host, who came there through a mount."""
    deadline = time.monotonic() + SECONDS
    while not host.waits.current():
        assert time.monotonic() < deadline, "nobody waits"
        os.sched_yield()
