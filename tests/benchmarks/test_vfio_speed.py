"""The speed of a device file within one process. Runs only if named; ``-s`` prints the figures."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import pytest

from mdevref.mdev.eras import ERAS
from mdevref.mdev.objects import MdevDevice
from tests.machines import create, machine, uuid
from tests.mdev.stage import Stage
from tests.vfio.vmm import get_device, set_container, set_iommu, vmm

READS_PER_SECOND = 200_000
OPEN_SECONDS = 0.0003  #: to open a container, a group and a device, and to close them
CALLS = 20_000
ROUNDS = 7
CONFIG = 7 << 40


def seconds(calls: int, call: Callable[[], object]) -> float:
    """Return the processor time of one call in the best round, which excludes other processes."""
    best = float("inf")
    for _ in range(ROUNDS):
        begin = time.process_time()
        for _ in range(calls):
            call()
        best = min(best, (time.process_time() - begin) / calls)
    return best


@pytest.mark.parametrize("era", ["4.13", "6.1"])
@pytest.mark.parametrize(("what", "offset"), [("a register", 5), ("the configuration space", CONFIG)])
def test_region_reads(era: str, what: str, offset: int, capsys: pytest.CaptureFixture[str]) -> None:
    host = machine(era, "mtty")
    one = vmm(host, create(host, 1))
    rate = 1 / seconds(CALLS, partial(one.process.pread, one.device, 1, offset))
    with capsys.disabled():
        print(f"\nera {era}: {rate:,.0f} reads/s of {what} of mtty through the device file")
    assert rate >= READS_PER_SECOND


def test_the_file_itself_costs_little(capsys: pytest.CaptureFixture[str]) -> None:
    data = b"abcd"

    def read(mdev: MdevDevice, count: int, position: int) -> bytes:
        return data

    stage = Stage("4.13")
    stage.register(open=lambda mdev: None, read=read)
    stage.write_create(uuid(1))
    process = stage.host.process()
    container, group = process.open("vfio/vfio"), process.open("vfio/0")
    set_container(process, group, container)
    set_iommu(process, container)
    device = get_device(process, group, uuid(1))
    through = seconds(CALLS, partial(process.pread, device, 4, 0))
    with capsys.disabled():
        print(f"\n{1 / through:,.0f} reads/s of a vendor that only returns")
    assert 1 / through >= READS_PER_SECOND


@pytest.mark.parametrize("era", ERAS)
def test_opening_a_device(era: str, capsys: pytest.CaptureFixture[str]) -> None:
    host = machine(era, "mtty")
    name = create(host, 1)
    cost = seconds(500, lambda: host.open_device(name).close())
    with capsys.disabled():
        print(f"\nera {era}: {cost * 1e6:.0f} us to open a device with container and group, and to close all")
    assert cost <= OPEN_SECONDS
