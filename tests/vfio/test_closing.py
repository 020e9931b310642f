"""Closing files in any order, and exit of a process with open files."""

from __future__ import annotations

from errno import ENODEV

import pytest

from mdevref.vfio import uapi
from tests.machines import create, errno_of, remove, uuid
from tests.vfio.bench import Bench, module_uses
from tests.vfio.vmm import get_device, set_container, vmm

ORDERS = ["cgd", "cdg", "gcd", "gdc", "dcg", "dgc"]


@pytest.mark.parametrize("order", ORDERS)
def test_files_are_closed_in_any_order(bench: Bench, order: str) -> None:
    descriptors = {"c": bench.container, "g": bench.group, "d": bench.open()}
    for letter in order:
        bench.process.close(descriptors[letter])
    assert remove(bench.host, bench.name) == 1
    assert bench.host.leftovers() == []
    assert module_uses(bench.host, "vfio_iommu_type1") == 0


def test_a_device_works_without_the_other_files(bench: Bench) -> None:
    device = bench.open()
    for descriptor in (bench.container, bench.group):
        bench.process.close(descriptor)
    assert bench.process.pread(device, 4, 7 << 40) == b"HCS2"


def test_open_files_keep_modules(bench: Bench) -> None:
    host, era = bench.host, bench.host.era
    bench.process.exit()
    before = module_uses(host, "vfio")
    one = vmm(host, bench.name)
    # As recorded: container, group (twice if each group has its own character device) and device.
    assert module_uses(host, "vfio") - before == (4 if era.has_group_cdevs else 3)
    assert module_uses(host, "vfio_iommu_type1") == 1
    one.process.exit()
    assert (module_uses(host, "vfio"), module_uses(host, "vfio_iommu_type1")) == (before, 0)


def test_a_vmm_that_dies_leaves_nothing(bench: Bench) -> None:
    device = bench.open()
    bench.process.dup(device)
    remover = bench.host.start(lambda: remove(bench.host, bench.name))
    assert remover.is_blocked()
    bench.process.exit()
    assert remover.result() == 1
    assert bench.host.leftovers() == []
    assert bench.host.vfio.nodes() == ["vfio"]
    assert module_uses(bench.host, "vfio_iommu_type1") == 0
    bench.host.unload_all()


def test_two_devices_in_two_containers_do_not_touch(bench: Bench) -> None:
    create(bench.host, 2)
    bench.process.exit()
    first, second = vmm(bench.host, uuid(1)), vmm(bench.host, uuid(2))
    first.process.exit()
    assert remove(bench.host, uuid(1)) == 1
    assert second.process.pread(second.device, 4, 7 << 40) == b"HCS2"
    second.process.exit()
    assert remove(bench.host, uuid(2)) == 1
    assert bench.host.leftovers() == []


def test_one_container_with_two_groups(bench: Bench) -> None:
    create(bench.host, 2)
    process = bench.process
    device = bench.open()
    group = process.open("vfio/1")
    set_container(process, group, bench.container)
    other = get_device(process, group, uuid(2))
    assert errno_of(get_device, process, group, uuid(1)) == ENODEV  # the device is in the other group
    process.close(device)
    bench.ask(uapi.GROUP_UNSET_CONTAINER)
    assert remove(bench.host, uuid(1)) == 1
    assert process.pread(other, 4, 7 << 40) == b"HCS2"
    process.exit()
    assert remove(bench.host, uuid(2)) == 1
    assert bench.host.leftovers() == []
