"""Many processes that create and remove on one mount: no error but the expected ones, nothing left, no growth.

``MDEVREF_STRESS_SECONDS=30`` makes it last as long as the project's plan says; here it is a few seconds.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from mdevref.servers.sysfs import watcher
from mdevref.servers.sysfs.control import ask
from tests.servers.sysfs import creators
from tests.servers.sysfs.mounts import SECONDS, needs_fuse, served

PROCESSES = 16
DURATION = float(os.environ.get("MDEVREF_STRESS_SECONDS", "3"))
GROWTH = 2048  #: kilobytes that the server may have more after the second half than after the first


def memory(process: int) -> int:
    """The memory of a process in kilobytes."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text(encoding="ascii"))
    assert found
    return int(found[1])


def stress(folder: Path, seconds: float) -> list[dict[str, int]]:
    """Let the processes run, each with its own count of outcomes."""
    processes = [
        subprocess.Popen(
            [sys.executable, creators.__file__, str(folder), str(seconds), str(number)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for number in range(PROCESSES)
    ]
    outcomes = []
    for process in processes:
        out, err = process.communicate(timeout=seconds + SECONDS)
        assert not process.returncode, err.decode()
        outcomes.append(json.loads(out))
    return outcomes


@needs_fuse
def test_many_processes_at_once(tmp_path: Path) -> None:
    with served(tmp_path, "--era", "5.10", "--driver", "mtty", "--driver", "mdpy") as mount:
        tag = watcher.tag_at(str(tmp_path))
        assert tag is not None
        first = stress(tmp_path, DURATION / 2)
        before = memory(mount.process.pid)
        second = stress(tmp_path, DURATION / 2)
        after = memory(mount.process.pid)
        total = {name: sum(each.get(name, 0) for each in first + second) for name in ("create", "remove")}
        print(
            f"\n{PROCESSES} processes, {DURATION:g} s: {total}, {before} kB after the first half, {after} kB after all"
        )
        assert all(each["create"] for each in first + second)
        assert total["create"] == total["remove"]
        assert os.listdir(tmp_path / "bus/mdev/devices") == []
        assert os.listdir(tmp_path / "kernel/iommu_groups") == []
        assert ask(tag, "leftovers") == []
        assert after <= before + GROWTH
        assert mount.end(signal.SIGTERM) == (0, "")
