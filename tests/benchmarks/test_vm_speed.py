"""The cost of a kernel in QEMU: packing a guest, the first verdict, all verdicts.

Runs only if named (``make bench``). The machine must be idle and the kernel cached (``mdevref vm fetch``).
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from mdevref.suite.results import format as results
from mdevref.suite.results.ledger import Ledger
from mdevref.suite.run.check import _wanted
from mdevref.suite.run.suite import Suite
from mdevref.suite.targets.vm import VmTarget, suite_entries
from mdevref.suite.vm import emulator, fetch, initramfs

VERSION = "6.1"
SLOWEST_PACK = 3.0  # seconds, with nothing in the cache
SLOWEST_FIRST = 12.0  # seconds to the first verdict
SLOWEST_RUN = 60.0  # seconds to the last one

pytestmark = [
    pytest.mark.skipif(shutil.which(emulator.QEMU) is None, reason="QEMU is not installed"),
    pytest.mark.skipif(fetch.cached(VERSION) is None, reason=f"Linux {VERSION} is not in the cache"),
]


def test_packing_a_guest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    suite = Suite()
    taken = []
    for _ in range(2):
        started = time.perf_counter()
        initramfs.pack(tmp_path / "initramfs", suite_entries({key for key, _ in _wanted(suite)}))
        taken.append(time.perf_counter() - started)
    megabytes = (tmp_path / "initramfs").stat().st_size / 1e6
    print(f"\npacking {megabytes:.0f} MB: {taken[0]:.2f} s, again {taken[1]:.2f} s (allowed {SLOWEST_PACK:.0f} s)")
    assert max(taken) <= SLOWEST_PACK


def test_the_whole_suite_in_a_kernel() -> None:
    started = time.perf_counter()
    suite = Suite()
    wanted = _wanted(suite)
    target = VmTarget(VERSION)
    heard: list[tuple[float, results.Scenario]] = []

    def report(line: results.Scenario) -> None:
        heard.append((time.perf_counter() - started, line))

    target.run_suite(wanted, seed=1, ledger=Ledger(), report=report)
    first, last = heard[0][0], heard[-1][0]
    print(
        f"\n{len(heard)} scenarios in Linux {VERSION}: the first verdict after {first:.1f} s (allowed "
        f"{SLOWEST_FIRST:.0f}), the last after {last:.1f} s (allowed {SLOWEST_RUN:.0f})"
    )
    assert len(heard) == len(wanted)
    assert not [line for _, line in heard if line.verdict == "error"]
    assert (first <= SLOWEST_FIRST, last <= SLOWEST_RUN) == (True, True)
