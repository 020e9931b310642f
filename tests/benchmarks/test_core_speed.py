"""How fast the reference core is, and that it stays so as devices grow. Run by naming this file.

``pytest tests/benchmarks/test_core_speed.py -s`` prints the figures and the curve.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator

import pytest

from mdevref.drivers.mtty import Mtty
from mdevref.host import DRIVERS, Host
from mdevref.mdev.eras import ERAS
from tests.hosts import uuid

CREATE = "devices/virtual/mtty/mtty/mdev_supported_types/mtty-1/create"
PAIRS_PER_SECOND = 15_000
LIVE = (100, 1_000, 10_000, 100_000)
GROWTH = 1.3  #: what a pair may cost at the most live devices, relative to the fewest
HOST_SECONDS = 0.0005  #: making a host with its drivers, and its end
ROUNDS = 7


class Unlimited(Mtty):
    """mtty with as many ports as asked for: the samples of 6.1 would refuse the 25th."""

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]  # handed through
        self._refuses = False


def best_of(rounds: int, run: Callable[[], int]) -> float:
    """Seconds that one of ``run``'s operations took in its best round; ``run`` says how many it did."""
    best = float("inf")
    for _ in range(rounds):
        gc.collect()
        begin = time.perf_counter()
        count = run()
        best = min(best, (time.perf_counter() - begin) / count)
    return best


def loaded(era: str) -> Host:
    host = Host(era, drivers={**DRIVERS, "mtty": Unlimited})
    if host.era.has_bus_driver:
        host.load("vfio_mdev")
    host.load("mtty")
    return host


def pair_cost(host: Host, numbers: Iterator[int], count: int = 2_000) -> float:
    """Seconds for one create and remove through the tree, the best of some rounds."""
    write = host.sysfs.write

    def pairs() -> int:
        for _ in range(count):
            name = uuid(next(numbers))
            write(CREATE, name.encode())
            write(f"bus/mdev/devices/{name}/remove", b"1")
        return count

    return best_of(ROUNDS, pairs)


@pytest.mark.parametrize("era", ERAS)
def test_pairs_of_create_and_remove_and_their_cost_as_devices_grow(era: str) -> None:
    host = loaded(era)
    numbers = iter(range(1 << 30))
    pair_cost(host, numbers)  # warm up
    live, costs = 0, {}
    for target in LIVE:
        while live < target:
            host.sysfs.write(CREATE, uuid(next(numbers)).encode())
            live += 1
        costs[target] = pair_cost(host, numbers)
    first, last = costs[LIVE[0]], costs[LIVE[-1]]
    for target, cost in costs.items():
        print(f"\nera {era}: {target:7} live: {cost * 1e6:6.1f} us a pair, {1 / cost:8,.0f} pairs/s", end="")
    print(f"\nera {era}: {last / first:.2f} x the cost at {LIVE[-1]:,} devices")
    assert 1 / first >= PAIRS_PER_SECOND
    assert last / first <= GROWTH


@pytest.mark.parametrize("era", ERAS)
def test_a_host_is_made_and_ended_in_no_time(era: str) -> None:
    def hosts() -> int:
        for _ in range(200):
            host = loaded(era)
            host.load("mdpy")
            host.unload_all()
        return 200

    cost = best_of(ROUNDS, hosts)
    print(f"\nera {era}: {cost * 1e3:.3f} ms a host with its drivers, loaded and unloaded")
    assert cost <= HOST_SECONDS
