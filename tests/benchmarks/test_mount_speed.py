"""The speed of a mount, compared with the same operations on the machine's /sys. Runs only if named.

``pytest tests/benchmarks/test_mount_speed.py -s`` prints the figures.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mdevref.drivers.mtty import Mtty
from mdevref.host import DRIVERS, Host
from mdevref.servers.sysfs.mounting import mounted
from tests.machines import uuid
from tests.servers.sysfs.mounts import needs_fuse, served

pytestmark = needs_fuse

READS_PER_SECOND = 4_000
PAIRS_PER_SECOND = 1_500
LIST_SECONDS = 1.0
READY_SECONDS = 0.3
LIVE = 10_000
ROUNDS = 8
SECONDS = 0.3  #: of a round

ROOT = Path(__file__).parents[2]
TYPE = "devices/virtual/mtty/mtty/mdev_supported_types/mtty-1"
REAL = "/sys/devices/virtual/mem/null"  #: exists on every Linux


class Unlimited(Mtty):
    """mtty with any number of ports."""

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]  # handed through
        self._refuses = False


def serve(at: str) -> None:
    """Mount a host with many devices until standard input ends."""
    host = Host(drivers={**DRIVERS, "mtty": Unlimited})
    host.load("vfio_mdev")
    host.load("mtty")
    for number in range(LIVE):
        host.sysfs.write(f"{TYPE}/create", uuid(number).encode())
    with mounted(host, Path(at)):
        print("ready", flush=True)
        sys.stdin.read()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Yield a mount with many devices, served by a separate process as for users."""
    at = tmp_path_factory.mktemp("sys")
    program = f"import sys; from {__name__} import serve; serve(sys.argv[1])"
    with subprocess.Popen(
        [sys.executable, "-c", program, str(at)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == b"ready\n"
        yield at


def rate(operation: Callable[[], None]) -> float:
    """Return the highest rate of an operation per second, which other load affects least."""
    best = 0.0
    for _ in range(ROUNDS):
        begin, count = time.perf_counter(), 0
        while (taken := time.perf_counter() - begin) < SECONDS:
            for _ in range(20):
                operation()
            count += 20
        best = max(best, count / taken)
    return best


def read(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    os.read(descriptor, 4096)
    os.close(descriptor)


def write(path: str, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    os.write(descriptor, data)
    os.close(descriptor)


def test_reads_on_the_deep_path(folder: Path) -> None:
    deep = f"{folder}/{TYPE}/available_instances"
    mount, real = rate(lambda: read(deep)), rate(lambda: read(f"{REAL}/dev"))
    print(f"\nreads: {mount:,.0f}/s; on the real /sys {real:,.0f}/s")
    assert mount >= READS_PER_SECOND


def test_pairs_of_create_and_remove(folder: Path) -> None:
    numbers = iter(range(LIVE, 1 << 30))

    def pair() -> None:
        name = uuid(next(numbers))
        write(f"{folder}/{TYPE}/create", name.encode())
        write(f"{folder}/bus/mdev/devices/{name}/remove", b"1")

    # The real /sys makes no devices for a test: two stores that change nothing stand for a pair.
    def stores() -> None:
        write(f"{REAL}/power/control", b"auto")
        write(f"{REAL}/power/control", b"auto")

    mount = rate(pair)
    with open(f"{REAL}/power/control", encoding="ascii") as control:
        real = rate(stores) if control.read() == "auto\n" else float("nan")
    print(f"\npairs of create and remove: {mount:,.0f}/s; pairs of stores on the real /sys {real:,.0f}/s")
    assert mount >= PAIRS_PER_SECOND


@pytest.mark.parametrize("directory", ["bus/mdev/devices", "devices/virtual/mtty/mtty"])
def test_a_long_listing(folder: Path, directory: str) -> None:
    def listing(path: str) -> tuple[float, int]:
        begin = time.perf_counter()
        out = subprocess.run(["ls", "-l", path], check=True, capture_output=True).stdout
        return time.perf_counter() - begin, out.count(b"\n")

    seconds, lines = min(listing(f"{folder}/{directory}") for _ in range(3))
    real, real_lines = min(listing("/sys/kernel/slab") for _ in range(3))
    print(f"\nls -l of {lines:,} lines: {seconds:.2f} s; of {real_lines:,} lines on the real /sys: {real:.3f} s")
    assert lines > LIVE
    assert seconds <= LIST_SECONDS


def test_a_mount_is_ready(tmp_path: Path) -> None:
    def ready() -> float:
        begin = time.perf_counter()
        with served(tmp_path):
            return time.perf_counter() - begin

    seconds = min(ready() for _ in range(5))
    print(f"\na mount is ready after {seconds:.2f} s")
    assert seconds <= READY_SECONDS
