"""Removing devices: accepted input, order of effects, refusals, files that are held open."""

from __future__ import annotations

import gc
import os
from errno import EACCES, EBUSY, EINVAL, EIO, ENODEV, ENOENT, ENOTTY

import pytest

from mdevref.host import Host
from mdevref.mdev.eras import ERAS
from tests.machines import MTTY, NEW, OLD, SCRIPTED, create, errno_of, events, machine, remove, scripted, uuid
from tests.mdev.stage import Stage

ALL = list(ERAS)
REMOVE = f"bus/mdev/devices/{uuid(1)}/remove"


def host_with_device(era: str) -> Host:
    host = machine(era, "mtty")
    create(host, 1)
    return host


@pytest.mark.parametrize("era", ALL)
@pytest.mark.parametrize("written", [b"1", b"1\n", b"2", b"+1", b"0x1", b"010", b"18446744073709551615", b"1\0"])
def test_any_number_but_0_removes_and_returns_the_whole_count(era: str, written: bytes) -> None:
    host = host_with_device(era)
    assert host.sysfs.write(REMOVE, written) == len(written)
    assert host.leftovers() == []
    assert host.sysfs.read(f"{MTTY}/available_instances") == b"12\n"


@pytest.mark.parametrize("era", ALL)
@pytest.mark.parametrize("written", [b"0", b"0\n", b"00", b"0x0", b""])
def test_0_and_nothing_succeed_and_do_nothing(era: str, written: bytes) -> None:
    host = host_with_device(era)
    before = host.kernel.uevents.seqnum
    assert host.sysfs.write(REMOVE, written) == len(written)
    assert host.kernel.uevents.seqnum == before
    assert remove(host, uuid(1)) == 1


@pytest.mark.parametrize("era", ALL)
@pytest.mark.parametrize("written", [b"\n", b"yes", b"-1", b"1 "])
def test_what_is_no_number_is_einval_and_the_device_stays(era: str, written: bytes) -> None:
    host = host_with_device(era)
    assert errno_of(host.sysfs.write, REMOVE, written) == EINVAL
    assert remove(host, uuid(1)) == 1


@pytest.mark.parametrize("era", ALL)
def test_remove_is_there_for_writing_only(era: str) -> None:
    host = host_with_device(era)
    assert errno_of(host.sysfs.read, REMOVE) == EACCES
    assert errno_of(host.sysfs_as(1000).write, REMOVE, b"1") == EACCES


@pytest.mark.parametrize("era", ALL)
def test_a_file_opened_before_the_removal_answers_enodev_and_the_path_enoent(era: str) -> None:
    host = host_with_device(era)
    opened = host.sysfs.open(REMOVE, os.O_WRONLY)
    assert opened.write(b"1") == 1
    assert errno_of(opened.write, b"1") == ENODEV
    assert errno_of(opened.write, b"0") == ENODEV
    assert errno_of(host.sysfs.write, REMOVE, b"1") == ENOENT


@pytest.mark.parametrize("era", ALL)
def test_a_uuid_can_be_used_again_after_its_device_is_gone(era: str) -> None:
    host = host_with_device(era)
    for _ in range(3):
        remove(host, uuid(1))
        create(host, 1, "class/mdev_bus/mtty/mdev_supported_types/mtty-1")
    assert host.sysfs.readlink(f"bus/mdev/devices/{uuid(1)}/mdev_type").endswith("/mtty-1")


@pytest.mark.parametrize("era", NEW)
def test_from_6_1_on_a_device_without_driver_is_removed_like_any_other(era: str) -> None:
    host = host_with_device(era)
    host.sysfs.write("bus/mdev/drivers/mtty/unbind", uuid(1).encode())
    assert events(host, remove, host, uuid(1)) == [f"remove@/devices/virtual/mtty/mtty/{uuid(1)}"]
    assert host.leftovers() == []


@pytest.mark.parametrize(
    ("era", "told"),
    [
        ("4.13", ["remove@/devices/virtual/vfio/0 DEVNAME=vfio/0", "remove@{device}"]),
        ("5.10", ["remove@/devices/virtual/vfio/0 DEVNAME=vfio/0", "unbind@{device}", "remove@{device}"]),
        (
            "6.1",
            [
                "remove@{device}/vfio-dev/vfio0",
                "remove@/devices/virtual/vfio/0 DEVNAME=vfio/0",
                "unbind@{device}",
                "remove@{device}",
            ],
        ),
    ],
)
def test_events_of_a_removal(era: str, told: list[str]) -> None:
    host = host_with_device(era)
    device = f"/devices/virtual/mtty/mtty/{uuid(1)}"
    assert events(host, remove, host, uuid(1)) == [line.format(device=device) for line in told]


@pytest.mark.parametrize(
    ("era", "still_there"),
    [
        ("4.13", ["driver", "iommu_group", "mdev_type", "subsystem", "uevent", "vendor"]),
        ("5.10", None),
        ("6.1", []),
    ],
)
def test_what_is_left_when_the_vendor_hears_of_the_removal(era: str, still_there: list[str] | None) -> None:
    """4.13 calls the vendor driver first, 5.10 after it has removed the device, 6.1 after VFIO has closed it."""
    host = machine(era)
    vendor = scripted(host)
    create(host, 1, SCRIPTED)
    vendor.hold("remove")
    remover = host.start(lambda: remove(host, uuid(1)))
    vendor.await_held("remove")
    path = f"devices/virtual/scripted/scripted/{uuid(1)}"
    seen = [name for name in host.sysfs.listdir(path) if name != "power"] if host.sysfs.exists(path) else None
    assert seen == still_there
    assert host.sysfs.exists(f"bus/mdev/devices/{uuid(1)}") == (era == "4.13")
    vendor.release("remove")
    assert remover.result() == 1


# Refusal


def test_until_5_1_a_vendor_may_refuse_which_is_ebusy_whatever_it_said_and_nothing_changes() -> None:
    host = machine("4.13")
    vendor = scripted(host)
    create(host, 1, SCRIPTED)
    vendor.refuse_remove(ENOTTY)
    stale = host.sysfs.open(REMOVE, os.O_WRONLY)
    before = host.sysfs.listdir(f"bus/mdev/devices/{uuid(1)}")
    assert errno_of(remove, host, uuid(1)) == EBUSY
    assert host.sysfs.listdir(f"bus/mdev/devices/{uuid(1)}") == before
    assert host.sysfs.listdir(f"{SCRIPTED}/devices") == [uuid(1)]
    assert events(host, remove, host, uuid(1)) == []
    # ``remove`` is a new file: a descriptor of the old one no longer works.
    assert errno_of(stale.write, b"1") == ENODEV
    vendor.refuse_remove(0)
    assert remove(host, uuid(1)) == 1
    assert host.leftovers() == []


def test_from_5_2_on_a_vendors_refusal_is_only_logged() -> None:
    host = machine("5.10")
    vendor = scripted(host)
    create(host, 1, SCRIPTED)
    vendor.refuse_remove(EIO)
    assert remove(host, uuid(1)) == 1
    assert host.leftovers() == []
    assert host.log[-1] == f"mdev {uuid(1)}: Remove failed: err=-{EIO}"


@pytest.mark.parametrize("era", OLD)
def test_instances_come_back_only_when_the_vendor_has_removed(era: str) -> None:
    host = machine(era)
    vendor = scripted(host)
    create(host, 1, SCRIPTED)
    vendor.hold("remove")
    remover = host.start(lambda: remove(host, uuid(1)))
    vendor.await_held("remove")
    assert host.sysfs.read(f"{SCRIPTED}/available_instances") == b"3\n"
    vendor.release("remove")
    remover.result()
    assert host.sysfs.read(f"{SCRIPTED}/available_instances") == b"4\n"


@pytest.mark.parametrize("era", ALL)
def test_a_removed_device_is_forgotten_down_to_the_last_reference(era: str) -> None:
    """No reference remains. With cycles, the garbage collector would take time proportional to the live devices."""
    stage = Stage(era)
    stage.register()
    gc.collect()
    gc.disable()
    try:
        stage.write_create(uuid(1))
        stage.sysfs.listdir(f"bus/mdev/devices/{uuid(1)}/vendor")
        remove(stage.host, uuid(1))
        assert gc.collect() == 0
    finally:
        gc.enable()
