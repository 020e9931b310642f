"""The duration of building the site: from nothing, and without changes (issue: 5 s and 1.5 s)."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.suite.sphinx.made import results_file

COLD, UNCHANGED = 5.0, 1.5  #: seconds


@dataclass(frozen=True)
class Cost:
    """The duration of a command in seconds: by the clock, and the processor time of all its processes.

    The clock includes the load of other processes. On an idle machine with several processors it can be less than the
    processor time. Therefore :attr:`seconds` is the smaller of the two.
    """

    clock: float
    processors: float

    @property
    def seconds(self) -> float:
        return min(self.clock, self.processors)

    def __str__(self) -> str:
        return f"{self.clock:.2f} s by the clock, {self.processors:.2f} s of processors"


def cost(command: list[str]) -> Cost:
    def used() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    before, started = used(), time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return Cost(time.perf_counter() - started, used() - before)


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    """The command as a user runs it, including the start of the interpreter, with results of three targets."""
    given = [
        str(results_file(tmp_path / f"{number}.ndjson", target, {}, release=release))
        for number, (target, release) in enumerate((("reference", "4.13"), ("vm:5.10", "5.10"), ("vm:6.1", "6.1")))
    ]
    main = "from mdevref.cli import main; main()"
    return [sys.executable, "-c", main, "site", *given, "--output", str(tmp_path / "site")]


def test_the_site_is_quick(command: list[str]) -> None:
    cold = cost(command)
    unchanged = min((cost(command) for _ in range(3)), key=lambda each: each.seconds)
    print(f"\nsite, cold:      {cold} (<= {COLD})\nsite, unchanged: {unchanged} (<= {UNCHANGED})")
    assert cold.seconds <= COLD
    assert unchanged.seconds <= UNCHANGED
