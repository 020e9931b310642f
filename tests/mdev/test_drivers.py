"""Drivers of the mdev bus: registration, binding, groups (facts 2.1 to 2.3)."""

from __future__ import annotations

from errno import EBUSY, EINVAL, ENODEV, EPERM

import pytest

from mdevref.mdev.objects import MdevDevice, MdevDriver
from tests.machines import NEW, OLD, create, errno_of, events, machine, uuid
from tests.mdev.stage import Stage

VFIO_MDEV = "bus/mdev/drivers/vfio_mdev"


@pytest.mark.parametrize("era", OLD)
def test_a_driver_needs_a_name_of_its_own_and_nothing_else(era: str) -> None:
    stage = Stage(era)
    stage.core.register_driver(MdevDriver("mine"))
    assert errno_of(stage.core.register_driver, MdevDriver("mine")) == EBUSY
    assert errno_of(stage.core.register_driver, MdevDriver("vfio_mdev")) == EBUSY
    assert errno_of(stage.core.register_driver, MdevDriver("")) == EINVAL
    assert stage.sysfs.listdir("bus/mdev/drivers") == ["mine", "vfio_mdev"]


@pytest.mark.parametrize("era", NEW)
def test_from_6_1_on_a_driver_needs_a_device_api(era: str) -> None:
    stage = Stage(era)
    assert errno_of(stage.core.register_driver, MdevDriver("mine")) == EINVAL
    stage.core.register_driver(MdevDriver("mine", device_api="test"))
    assert stage.sysfs.listdir("bus/mdev/drivers") == ["mine"]


@pytest.mark.parametrize("era", OLD)
def test_unregistering_an_unknown_driver_is_only_logged(era: str) -> None:
    stage = Stage(era)
    stage.core.unregister_driver(MdevDriver("mine"))
    assert stage.host.log[-1] == "Unexpected driver unregister: mine"


@pytest.mark.parametrize("era", OLD)
def test_a_driver_that_registers_late_gets_the_unbound_devices_and_loses_them_when_it_goes(era: str) -> None:
    host = machine(era, "mtty")
    host.unload("vfio_mdev")
    create(host, 1)
    assert not host.sysfs.exists(f"bus/mdev/devices/{uuid(1)}/driver")
    host.load("vfio_mdev")
    assert host.sysfs.readlink(f"bus/mdev/devices/{uuid(1)}/driver").endswith("/vfio_mdev")
    host.unload("vfio_mdev")
    assert host.sysfs.listdir("bus/mdev/devices") == [uuid(1)]
    assert host.sysfs.listdir("kernel/iommu_groups") == []


@pytest.mark.parametrize("era", OLD)
def test_the_first_driver_that_takes_a_device_has_it(era: str) -> None:
    tried: list[str] = []

    def refuse(mdev: MdevDevice) -> None:
        tried.append("refusing")
        raise OSError(EPERM, "no")

    stage = Stage(era, bus_driver=False)
    stage.core.register_driver(MdevDriver("refusing", probe=refuse))
    stage.core.register_driver(MdevDriver("taking", probe=lambda mdev: tried.append("taking")))
    stage.core.register_driver(MdevDriver("late", probe=lambda mdev: tried.append("late")))
    stage.register()
    stage.write_create(uuid(1))
    assert tried == ["refusing", "taking"]
    assert stage.sysfs.readlink(f"bus/mdev/devices/{uuid(1)}/driver").endswith("/taking")


@pytest.mark.parametrize("era", OLD)
def test_a_driver_without_callbacks_gives_an_iommu_group_and_no_vfio_group(era: str) -> None:
    stage = Stage(era, bus_driver=False)
    stage.core.register_driver(MdevDriver("bare"))
    stage.register()
    stage.write_create(uuid(1))
    group = "../../../../kernel/iommu_groups/0"
    assert stage.sysfs.readlink(f"devices/virtual/test/parent/{uuid(1)}/iommu_group") == f"../{group}"
    assert stage.host.vfio.nodes() == []


@pytest.mark.parametrize("era", OLD)
def test_a_failed_probe_takes_its_iommu_group_back(era: str) -> None:
    def refuse(mdev: MdevDevice) -> None:
        assert stage.sysfs.exists(f"kernel/iommu_groups/0/devices/{mdev.name}")
        raise OSError(EPERM, "no")

    stage = Stage(era, bus_driver=False)
    stage.core.register_driver(MdevDriver("refusing", probe=refuse))
    stage.register()
    stage.write_create(uuid(1))
    assert stage.sysfs.listdir("kernel/iommu_groups") == []
    assert "iommu_group" not in stage.sysfs.listdir(f"bus/mdev/devices/{uuid(1)}")
    assert f"refusing: probe of {uuid(1)} failed with error -1" in stage.host.log


@pytest.mark.parametrize("era", OLD)
def test_group_numbers_are_the_lowest_free_ones(era: str) -> None:
    host = machine(era, "mtty")
    for number in (1, 2, 3):
        create(host, number)
    host.sysfs.write(f"bus/mdev/devices/{uuid(2)}/remove", b"1")
    create(host, 4)
    create(host, 5)
    numbers = [
        host.sysfs.readlink(f"bus/mdev/devices/{uuid(number)}/iommu_group").rpartition("/")[2]
        for number in (1, 3, 4, 5)
    ]
    assert numbers == ["0", "2", "1", "3"]
    assert host.vfio.nodes() == ["0", "1", "2", "3", "vfio"]


@pytest.mark.parametrize("era", OLD)
def test_unbinding_takes_the_groups_and_leaves_the_device_and_binding_brings_them_back(era: str) -> None:
    host = machine(era, "mtty")
    create(host, 1)
    device = f"bus/mdev/devices/{uuid(1)}"
    bound = host.sysfs.listdir(device)
    assert host.sysfs.write(f"{VFIO_MDEV}/unbind", uuid(1).encode()) == 36
    assert sorted(set(bound) - set(host.sysfs.listdir(device))) == ["driver", "iommu_group"]
    assert host.sysfs.listdir("kernel/iommu_groups") == []
    assert host.vfio.nodes() == ["vfio"]
    assert errno_of(host.sysfs.write, f"{VFIO_MDEV}/unbind", uuid(1).encode()) == ENODEV
    assert host.sysfs.write(f"{VFIO_MDEV}/bind", f"{uuid(1)}\n".encode()) == 37
    assert host.sysfs.listdir(device) == bound
    assert errno_of(host.sysfs.write, f"{VFIO_MDEV}/bind", uuid(1).encode()) == ENODEV


@pytest.mark.parametrize("era", OLD)
def test_names_of_devices_are_lower_case_for_bind_and_unbind(era: str) -> None:
    host = machine(era, "mtty")
    name = "abcdef01-0000-4000-8000-000000000000"
    host.sysfs.write("class/mdev_bus/mtty/mdev_supported_types/mtty-1/create", name.upper().encode())
    assert errno_of(host.sysfs.write, f"{VFIO_MDEV}/unbind", name.upper().encode()) == ENODEV
    assert host.sysfs.write(f"{VFIO_MDEV}/unbind", name.encode()) == 36


@pytest.mark.parametrize("era", NEW)
def test_from_6_1_on_an_unbound_device_cannot_be_bound_by_hand(era: str) -> None:
    host = machine(era, "mtty", "mdpy")
    create(host, 1)
    available = "class/mdev_bus/mtty/mdev_supported_types/mtty-2/available_instances"
    assert host.sysfs.read(available) == b"11\n"
    host.sysfs.write("bus/mdev/drivers/mtty/unbind", uuid(1).encode())
    assert host.sysfs.read(available) == b"12\n"
    names = ["mdev_type", "power", "remove", "subsystem", "uevent"]
    assert host.sysfs.listdir(f"bus/mdev/devices/{uuid(1)}") == names
    for driver in ("mtty", "mdpy"):
        assert errno_of(host.sysfs.write, f"bus/mdev/drivers/{driver}/bind", uuid(1).encode()) == ENODEV
    assert host.sysfs.write("bus/mdev/drivers_probe", uuid(1).encode()) == 36
    assert host.sysfs.listdir(f"bus/mdev/devices/{uuid(1)}") == names
    host.sysfs.write(f"bus/mdev/devices/{uuid(1)}/remove", b"1")
    assert host.leftovers() == []


@pytest.mark.parametrize(("era", "is_bound"), [("4.13", False), ("5.10", False), ("6.1", True)])
def test_without_autoprobe_a_new_device_is_bound_only_where_the_core_binds(era: str, is_bound: bool) -> None:
    host = machine(era, "mtty")
    host.sysfs.write("bus/mdev/drivers_autoprobe", b"0")
    create(host, 1)
    assert host.sysfs.exists(f"bus/mdev/devices/{uuid(1)}/driver") == is_bound


@pytest.mark.parametrize("era", OLD)
def test_the_drivers_directory_shows_its_devices_and_its_module(era: str) -> None:
    host = machine(era, "mtty")
    create(host, 1)
    assert host.sysfs.listdir(VFIO_MDEV) == [uuid(1), "bind", "module", "uevent", "unbind"]
    assert host.sysfs.readlink(f"{VFIO_MDEV}/module") == "../../../../module/vfio_mdev"
    assert host.sysfs.readlink("module/vfio_mdev/drivers/mdev:vfio_mdev") == "../../../bus/mdev/drivers/vfio_mdev"


def test_events_of_binding_by_hand_are_those_recorded_on_5_10() -> None:
    host = machine("5.10", "mtty")
    create(host, 1)
    device, group = f"/devices/virtual/mtty/mtty/{uuid(1)}", "/devices/virtual/vfio/0 DEVNAME=vfio/0"
    assert events(host, host.sysfs.write, f"{VFIO_MDEV}/unbind", uuid(1).encode()) == [
        f"remove@{group}",
        f"unbind@{device}",
    ]
    assert events(host, host.sysfs.write, f"{VFIO_MDEV}/bind", uuid(1).encode()) == [
        f"add@{group}",
        f"bind@{device} DRIVER=vfio_mdev",
    ]
