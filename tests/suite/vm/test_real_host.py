"""A real machine, simulated by a guest with devices: what the suite does there, and what it leaves behind."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from mdevref.suite.targets.sysfs.machine import READ_ONLY
from mdevref.suite.targets.vm import suite_entries
from mdevref.suite.vm import boot, cpio, emulator, guests, initramfs, process
from mdevref.suite.vm.request import FOLDER
from tests.suite.vm import real_host

pytestmark = [
    pytest.mark.kernels,
    *(
        pytest.mark.skipif(shutil.which(name) is None, reason=f"{name} is not installed ({process.PACKAGES[name]})")
        for name in (emulator.QEMU, "busybox", "make", "apt-get")
    ),
]

VERSION = "6.1"
KILLS = 10
SEED = int(os.environ.get("KILL_SEED", "20261122"))
#: A run includes whole features. Hundreds of scenarios would take the guest minutes.
REQUIREMENTS = (
    "create.duplicate-uuid",
    "remove.one",
    "sysfs.modes",
    "binding.bind",
    "binding.unbind",
    "types.instances-zero",
)

Step = dict[str, Any]


@pytest.fixture(scope="module")
def steps() -> list[Step]:
    """Return the actions in the guest; all tests share one boot, since booting takes longest."""
    guest = guests.guest_for(VERSION)
    modules = [f"/{FOLDER}/{module.name}.ko" for module in guest.ready]
    command = [initramfs.PYTHON, "-S", "real_host.py", str(SEED), str(KILLS), *modules]
    script = cpio.copy("suite/real_host.py", Path(real_host.__file__))
    print(f"\nkilled at points chosen by KILL_SEED={SEED}")
    heard: list[Step] = []

    def on_line(line: str) -> None:
        heard.append(json.loads(line))
        print({key: value for key, value in heard[-1].items() if key in ("step", "point", "said", "verdicts")})

    entries = [*suite_entries(REQUIREMENTS), script]
    result = boot.run_guest(guest, command, on_line, entries=entries, deadline=150)
    assert result.exit_status == 0, result.console_tail
    return heard


def one(steps: list[Step], name: str) -> Step:
    (found,) = (step for step in steps if step["step"] == name)
    return found


def test_without_leave_it_only_looks(steps: list[Step]) -> None:
    looked = one(steps, "looked")
    assert looked["status"] == 0
    assert looked["devices"] == one(steps, "begin")["devices"]
    assert looked["verdicts"][f"unsupported {READ_ONLY}"] > 10
    assert {verdict.split()[0] for verdict in looked["verdicts"]} <= {"pass", "unsupported", "not-applicable"}


def test_with_leave_it_tests_beside_the_devices_of_others(steps: list[Step]) -> None:
    ran = one(steps, "ran")
    assert ran["status"] == 0
    assert ran["devices"] == one(steps, "begin")["devices"]
    assert ran["verdicts"]["pass None"] > 10
    assert ran["points"][real_host.MADE] > 20


def test_a_run_that_is_killed_is_cleaned_up_after_and_nothing_else_is_touched(steps: list[Step]) -> None:
    begin = one(steps, "begin")
    foreign = begin["devices"]
    assert foreign.keys() == real_host.FOREIGN.keys()
    killed = [step for step in steps if step["step"] == "killed"]
    assert len(killed) == KILLS
    for step in killed:
        assert step["status"] == -9, step
        assert foreign.items() <= step["left"].items(), step
        assert (step["cleaned"], step["devices"], step["journal"]) == (0, foreign, False), step
        assert step["available"] == begin["available"], step
        own = step["left"].keys() - foreign.keys()
        assert all(uuid in step["said"] for uuid in own), step
    # Points at which no device existed would prove nothing.
    assert sum(len(step["left"]) > len(foreign) for step in killed) >= KILLS // 2


def test_the_next_run_cleans_up_before_it_begins(steps: list[Step]) -> None:
    begin, after = one(steps, "begin"), one(steps, "next")
    assert after["status"] == -9
    assert len(after["left"]) == len(begin["devices"]) + 1
    assert (after["next"], after["devices"], after["available"]) == (0, begin["devices"], begin["available"])
