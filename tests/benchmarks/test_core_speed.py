"""The speed of the reference core, and its independence of the number of devices. Runs only if named.

``pytest tests/benchmarks/test_core_speed.py -s`` prints the figures and the curve.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import pytest

from mdevref.drivers.mtty import Mtty
from mdevref.host import DRIVERS, Host
from mdevref.mdev.eras import ERAS
from tests.machines import uuid

CREATE = "devices/virtual/mtty/mtty/mdev_supported_types/mtty-1/create"
PAIRS_PER_SECOND = 15_000
LIVE = (100, 1_000, 10_000, 100_000)  #: live devices on the hosts that are compared
GROWTH = 1.3  #: limit of the cost of a pair with the most devices, relative to the fewest
HOST_SECONDS = 0.0005  #: to create a host with its drivers, and to close it
ROUNDS = 40  #: short rounds on all hosts in turn, so that other load affects each equally
PAIRS = 250  #: in a round
HOSTS = 25  #: in a round


class Unlimited(Mtty):
    """mtty with any number of ports: the sample of 6.1 would refuse the 25th."""

    is_strict = False


def seconds(run: Callable[[], None]) -> float:
    """Return the processor time of ``run``, which excludes other processes of the machine."""
    begin = time.process_time()
    run()
    return time.process_time() - begin


def loaded(era: str) -> Host:
    host = Host(era, drivers={**DRIVERS, "mtty": Unlimited})
    if host.era.has_bus_driver:
        host.load("vfio_mdev")
    host.load("mtty")
    return host


def populated(era: str, live: int, numbers: Iterator[int]) -> Host:
    """Return a host with that many devices."""
    host = loaded(era)
    for _ in range(live):
        host.sysfs.write(CREATE, uuid(next(numbers)).encode())
    return host


def pairs(host: Host, names: Sequence[str]) -> None:
    """Create and remove a device with each name, through the tree."""
    write = host.sysfs.write
    for name in names:
        write(CREATE, name.encode())
        write(f"bus/mdev/devices/{name}/remove", b"1")


@pytest.mark.parametrize("era", ERAS)
def test_pairs_of_create_and_remove_and_their_cost_as_devices_grow(era: str) -> None:
    numbers = iter(range(1 << 30))
    hosts = {live: populated(era, live, numbers) for live in LIVE}
    costs = dict.fromkeys(LIVE, float("inf"))
    gc.collect()
    for _ in range(ROUNDS):
        for live, host in hosts.items():
            names = [uuid(next(numbers)) for _ in range(PAIRS)]
            costs[live] = min(costs[live], seconds(partial(pairs, host, names)) / PAIRS)
    first, last = costs[LIVE[0]], costs[LIVE[-1]]
    for live, cost in costs.items():
        print(f"\nera {era}: {live:7} live: {cost * 1e6:6.1f} us a pair, {1 / cost:8,.0f} pairs/s", end="")
    print(f"\nera {era}: {last / first:.2f} x the cost at {LIVE[-1]:,} devices")
    assert 1 / first >= PAIRS_PER_SECOND
    assert last / first <= GROWTH


@pytest.mark.parametrize("era", ERAS)
def test_a_host_is_made_and_ended_in_no_time(era: str) -> None:
    def hosts() -> None:
        for _ in range(HOSTS):
            host = loaded(era)
            host.load("mdpy")
            host.unload_all()

    cost = min(seconds(hosts) for _ in range(ROUNDS)) / HOSTS
    print(f"\nera {era}: {cost * 1e3:.3f} ms a host with its drivers, loaded and unloaded")
    assert cost <= HOST_SECONDS
