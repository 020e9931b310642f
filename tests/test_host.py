"""The reference host from outside: what a client does with it through its tree."""

from __future__ import annotations

import pytest

from mdevref.host import Host
from mdevref.mdev.eras import ERAS

UUID = "83b8f4f2-509f-382f-3c1e-e6bfe0fa0001"
TYPE = "class/mdev_bus/mtty/mdev_supported_types/mtty-2"


def machine(era: str) -> Host:
    """A host with its bus driver, where the era has one, and mtty."""
    host = Host(era)
    if host.era.has_bus_driver:
        host.load("vfio_mdev")
    host.load("mtty")
    return host


@pytest.mark.parametrize("era", ERAS)
def test_a_device_is_made_by_writing_its_uuid_and_unmade_by_writing_1(era: str) -> None:
    host = machine(era)
    assert host.sysfs.write(f"{TYPE}/create", f"{UUID}\n".encode()) == 37
    assert host.sysfs.readlink(f"bus/mdev/devices/{UUID}") == f"../../../devices/virtual/mtty/mtty/{UUID}"
    assert host.sysfs.write(f"bus/mdev/devices/{UUID}/remove", b"1") == 1
    assert host.leftovers() == []


@pytest.mark.parametrize("era", ERAS)
def test_unloading_everything_leaves_an_empty_machine(era: str) -> None:
    host = machine(era)
    host.sysfs.write(f"{TYPE}/create", UUID.encode())
    host.unload_all()
    assert host.leftovers() == []
    for directory in ("bus", "class", "module", "devices/virtual", "kernel/iommu_groups"):
        assert host.sysfs.listdir(directory) == []
