"""Runs in a guest that acts as a real machine: it has devices of other owners, and runs of the suite are killed.

Prints a line of JSON for each action; the test outside checks the results.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

from mdevref.suite.run import check
from mdevref.suite.run.judging import Session
from mdevref.suite.run.suite import Suite
from mdevref.suite.targets import opening
from mdevref.suite.targets.live import kmod
from mdevref.suite.targets.sysfs import files, journal

BUS = "/sys/bus/mdev/devices"
TARGET = "sysfs:/sys"
FOREIGN = {
    "0f0e0d0c-0000-4000-8000-000000000001": "/sys/class/mdev_bus/mtty/mdev_supported_types/mtty-1",
    "0f0e0d0c-0000-4000-8000-000000000002": "/sys/class/mdev_bus/mtty/mdev_supported_types/mtty-2",
    "0f0e0d0c-0000-4000-8000-000000000003": "/sys/class/mdev_bus/mdpy/mdev_supported_types/mdpy-vga",
}
MADE = "after create"
#: A run passes one point before each read, and one before and one after each write.
Pass = Callable[[str], None]


def tell(**facts: object) -> None:
    print(json.dumps(facts), flush=True)


def devices() -> dict[str, list[object]]:
    """Return the directory, inode number (new if the device is created again) and type link of each device."""
    found: dict[str, list[object]] = {}
    for uuid in sorted(os.listdir(BUS)):
        directory = os.path.realpath(f"{BUS}/{uuid}")
        found[uuid] = [directory, os.stat(directory).st_ino, os.readlink(f"{directory}/mdev_type")]
    return found


def available() -> dict[str, str]:
    """Return the available instances of each type."""
    files = Path("/sys/class/mdev_bus").glob("*/mdev_supported_types/*/available_instances")
    return {str(file): file.read_text().strip() for file in files}


def watch(passed: Pass) -> None:
    """Add points to every operation of a run on the tree."""

    def look(method: Callable[..., Any]) -> Callable[..., Any]:
        def looking(*arguments: Any) -> Any:
            passed("look")
            return method(*arguments)

        return looking

    for name in ("listdir", "read", "readlink", "lstat"):
        setattr(files.Files, name, look(getattr(files.Files, name)))
    write = files.write_at

    def writing(path: str, data: bytes, flags: int) -> int:
        passed(f"before {os.path.basename(path)}")
        count = write(path, data, flags)
        passed(f"after {os.path.basename(path)}")
        return count

    files.write_at = writing


def in_child(suite: Suite, passed: Pass, *, allow_changes: bool = True) -> tuple[int, list[str], dict[str, int]]:
    """Run the suite in a new process; return its wait status, the points that it passed, and its verdicts."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            os.close(reading)
            points: list[str] = []
            verdicts: Counter[str] = Counter()

            def passing(point: str) -> None:
                points.append(point)
                passed(point)

            watch(passing)
            target = opening.open_target(TARGET, allow_changes=allow_changes)
            points.clear()
            suite.run(
                Session(target, seed=1, report=lambda judged: verdicts.update([f"{judged.verdict} {judged.reason}"]))
            )
            target.close()
            with os.fdopen(writing, "w") as pipe:
                json.dump([points, verdicts], pipe)
            os._exit(0)
        os._exit(1)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    points, verdicts = json.loads(said) if said else ([], {})
    return status, points, verdicts


def killed_at(number: int) -> Pass:
    """Kill the process with SIGKILL at the point with this number (from 0)."""
    passed = 0

    def passing(_point: str) -> None:
        nonlocal passed
        if passed == number:
            os.kill(os.getpid(), signal.SIGKILL)
        passed += 1

    return passing


def unheard(_point: str) -> None:
    """Do nothing: the run is not killed."""


def chosen(points: Sequence[str], count: int, seed: int) -> list[int]:
    """Choose points for killing a run: half of them right after creating a device, so that one is left behind."""
    random = Random(seed)
    made = {number for number, point in enumerate(points) if point == MADE}
    return [
        *random.sample(sorted(made), count - count // 2),
        *random.sample(sorted(set(range(len(points))) - made), count // 2),
    ]


def clean_up() -> tuple[int, str]:
    """Run ``mdevref check --clean-up``; return its status and its output."""
    with contextlib.redirect_stdout(io.StringIO()) as said:
        status = check.clean_up(TARGET)
    return status, said.getvalue().strip()


def main(seed: int, count: int, modules: Sequence[str]) -> None:
    for module in modules:
        kmod.load(Path(module))
    for uuid, type in FOREIGN.items():
        Path(type, "create").write_text(uuid)
    suite = Suite()
    tell(step="begin", devices=devices(), available=available())
    status, _, verdicts = in_child(suite, unheard, allow_changes=False)
    tell(step="looked", status=status, verdicts=verdicts, devices=devices())
    status, points, verdicts = in_child(suite, unheard)
    tell(step="ran", status=status, verdicts=verdicts, devices=devices(), points=Counter(points))
    for number in chosen(points, count, seed):
        status, _, _ = in_child(suite, killed_at(number))
        left = devices()
        cleaned, said = clean_up()
        tell(step="killed", point=f"{number}, {points[number]}", status=status, left=left, cleaned=cleaned, said=said,
             devices=devices(), available=available(), journal=journal.has_entries("/sys"))  # fmt: skip
    status, _, _ = in_child(suite, killed_at(points.index(MADE)))
    left = devices()
    next_status, _, _ = in_child(suite, unheard)
    tell(step="next", status=status, left=left, next=next_status, devices=devices(), available=available())


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
