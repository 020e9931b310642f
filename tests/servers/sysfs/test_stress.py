"""Many processes create and remove devices on one mount: only expected errors, no leftovers, no memory growth.

``MDEVREF_STRESS_SECONDS=30`` sets the duration of the project's plan; the default is a few seconds.
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
GROWTH = 2048  #: kilobytes that the server may grow during the second half


def memory(process: int) -> int:
    """Return the memory of a process in kilobytes."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text(encoding="ascii"))
    assert found
    return int(found[1])


def stress(folder: Path, seconds: float) -> list[dict[str, int]]:
    """Run the processes and return the outcome counts of each."""
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
