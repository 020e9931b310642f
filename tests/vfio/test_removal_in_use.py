"""Removing a device while a process holds it, its group or its container (recordings)."""

from __future__ import annotations

from errno import EINVAL, ENODEV
from typing import Any

import pytest

from mdevref.vfio import uapi
from tests.machines import NEW, OLD, create, errno_of, remove, uuid
from tests.vfio.bench import Bench
from tests.vfio.vmm import get_device, group_name, set_container, status


def start_removal(bench: Bench) -> Any:
    return bench.host.start(lambda: remove(bench.host, bench.name))


@pytest.mark.parametrize("era", OLD)
def test_a_removal_goes_on_although_the_group_is_open_and_the_group_stays(era: str) -> None:
    bench = Bench(era)
    assert remove(bench.host, bench.name) == 1
    assert status(bench.process, bench.group) == 1
    assert bench.host.vfio.nodes() == ["0", "vfio"]
    assert bench.host.sysfs.listdir("class/vfio") == ["0"]
    create(bench.host, 2)
    assert group_name(bench.host, uuid(2)) == "1"  # the other number is still in use
    bench.process.close(bench.group)
    assert bench.host.vfio.nodes() == ["1", "vfio"]
    create(bench.host, 1)
    assert group_name(bench.host, uuid(1)) == "0"


@pytest.mark.parametrize("era", OLD)
def test_a_removal_waits_for_the_group_to_leave_its_container(era: str) -> None:
    bench = Bench(era)
    bench.enable()
    remover = start_removal(bench)
    assert remover.is_blocked()
    assert errno_of(get_device, bench.process, bench.group, bench.name) == ENODEV
    assert status(bench.process, bench.group) == 3
    bench.ask(uapi.GROUP_UNSET_CONTAINER)
    assert remover.result() == 1
    bench.process.exit()
    assert bench.host.leftovers() == []


@pytest.mark.parametrize("era", OLD)
def test_a_removal_waits_for_device_and_container_both(era: str) -> None:
    bench = Bench(era)
    device = bench.open()
    remover = start_removal(bench)
    assert remover.is_blocked()
    bench.process.close(device)
    assert remover.is_blocked()
    bench.process.close(bench.group)
    assert remover.result() == 1


@pytest.mark.parametrize("era", NEW)
@pytest.mark.parametrize("joins", [False, True])
def test_from_6_1_on_a_removal_takes_the_group_along(era: str, joins: bool) -> None:
    bench = Bench(era)
    if joins:
        bench.enable()
    assert remove(bench.host, bench.name) == 1
    argument = uapi.GroupStatus(argsz=8).pack()
    assert errno_of(bench.ask, uapi.GROUP_GET_STATUS, argument) == ENODEV
    assert errno_of(get_device, bench.process, bench.group, bench.name) == ENODEV
    assert errno_of(set_container, bench.process, bench.group, bench.container) == ENODEV
    assert errno_of(bench.ask, uapi.GROUP_UNSET_CONTAINER) == EINVAL
    assert errno_of(bench.process.ioctl, bench.container, uapi.IOMMU_MAP_DMA) == EINVAL
    assert bench.host.leftovers() == []
    create(bench.host, 2)
    assert group_name(bench.host, uuid(2)) == "0"
    assert bench.host.sysfs.read("class/vfio/0/dev").endswith(b":1\n")  # the old group still has minor 0
    bench.process.close(bench.group)
    create(bench.host, 3)
    assert bench.host.sysfs.read("class/vfio/1/dev").endswith(b":0\n")


def test_while_a_removal_waits_the_device_works(bench: Bench) -> None:
    device = bench.open()
    remover = start_removal(bench)
    assert remover.is_blocked()
    assert bench.process.pread(device, 4, 7 << 40) == b"HCS2"
    if bench.host.era.vfio_device_goes_first:
        assert errno_of(get_device, bench.process, bench.group, bench.name) == ENODEV
    else:
        bench.process.close(get_device(bench.process, bench.group, bench.name))
    assert remover.is_blocked()
    bench.process.exit()
    assert remover.result() == 1
    assert bench.host.leftovers() == []
