"""Removing or unbinding a device while it is open."""

from __future__ import annotations

from errno import EEXIST

import pytest

from mdevref.mdev.eras import ERAS
from tests.machines import GATED, MTTY, OLD, create, errno_of, machine, remove, uuid
from tests.mdev.racing import MDPY

ALL = list(ERAS)


@pytest.mark.parametrize("era", ALL)
def test_a_removal_waits_for_the_device_to_be_closed(era: str) -> None:
    host = machine(era, "mtty")
    create(host, 1)
    first, second = host.open_device(uuid(1)), host.open_device(uuid(1))
    remover = host.start(lambda: remove(host, uuid(1)))
    assert remover.is_blocked()
    first.close()
    assert remover.is_blocked()
    second.close()
    assert remover.result() == 1
    assert host.leftovers() == []


@pytest.mark.parametrize(
    ("era", "left"),
    [
        ("4.13", ["iommu_group"]),
        ("5.10", ["iommu_group"]),
        ("6.1", ["iommu_group", "vfio-dev"]),
        ("6.12", ["iommu_group"]),
    ],
)
def test_while_it_waits_links_and_files_are_gone_and_the_directory_is_not(era: str, left: list[str]) -> None:
    host = machine(era, "mtty")
    create(host, 1)
    device = host.open_device(uuid(1))
    remover = host.start(lambda: remove(host, uuid(1)))
    assert remover.is_blocked()
    assert host.sysfs.listdir("bus/mdev/devices") == []
    assert host.sysfs.listdir(f"{MTTY}/devices") == []
    assert host.sysfs.listdir(f"devices/virtual/mtty/mtty/{uuid(1)}") == left
    assert host.sysfs.listdir("kernel/iommu_groups") == ["0"]
    device.close()
    remover.result()


@pytest.mark.parametrize("era", GATED)
def test_while_it_waits_its_uuid_is_taken_and_others_can_be_made(era: str) -> None:
    host = machine(era, "mtty")
    create(host, 1)
    device = host.open_device(uuid(1))
    remover = host.start(lambda: remove(host, uuid(1)))
    assert remover.is_blocked()
    assert errno_of(create, host, 1) == EEXIST
    create(host, 2)
    assert host.sysfs.readlink(f"bus/mdev/devices/{uuid(2)}/iommu_group").endswith("/1")
    device.close()
    assert remover.result() == 1
    create(host, 1)


def test_until_4_17_it_keeps_the_parents_mutex_while_it_waits() -> None:
    host = machine("4.13", "mtty", "mdpy")
    create(host, 1)
    device = host.open_device(uuid(1))
    remover = host.start(lambda: remove(host, uuid(1)))
    assert remover.is_blocked()
    assert host.sysfs.read(f"{MTTY}/available_instances") == b"12\n", "mtty does not look whether a device is in use"
    other = host.start(lambda: create(host, 2))
    assert other.is_blocked()
    create(host, 3, MDPY)
    device.close()
    assert remover.result() == 1
    other.result()


@pytest.mark.parametrize("era", ALL)
def test_unbinding_waits_for_the_device_to_be_closed_too(era: str) -> None:
    host = machine(era, "mtty")
    create(host, 1)
    device = host.open_device(uuid(1))
    driver = "vfio_mdev" if era in OLD else "mtty"
    unbinder = host.start(lambda: host.sysfs.write(f"bus/mdev/drivers/{driver}/unbind", uuid(1).encode()))
    assert unbinder.is_blocked()
    device.close()
    assert unbinder.result() == 36
