"""Creating devices: order of visible effects, roll-back after a failure at each step, errors."""

from __future__ import annotations

import os
from errno import EEXIST, EINVAL, EUSERS
from typing import Any

import pytest

from mdevref.mdev.eras import ERAS
from mdevref.mdev.objects import MdevDevice, MdevType
from tests.machines import MTTY, NEW, OLD, create, errno_of, events, machine, remove, uuid
from tests.mdev.stage import Stage

ALL = list(ERAS)
DEVICE = f"devices/virtual/test/parent/{uuid(1)}"


# Writing to create


@pytest.mark.parametrize("era", ALL)
def test_one_open_file_makes_a_device_with_each_write(era: str) -> None:
    host = machine(era, "mtty")
    with host.sysfs.open(f"{MTTY}/create", os.O_WRONLY) as opened:
        assert [opened.write(uuid(number).encode()) for number in (1, 2)] == [36, 36]
        assert errno_of(opened.write, uuid(1).encode()) == EEXIST
        assert opened.write(f"{uuid(3)}\n".encode()) == 37
    assert host.sysfs.listdir("bus/mdev/devices") == [uuid(1), uuid(2), uuid(3)]


@pytest.mark.parametrize("era", ALL)
def test_bad_syntax_is_seen_before_a_duplicate_and_changes_nothing(era: str) -> None:
    host = machine(era, "mtty")
    create(host, 1)
    before = host.kernel.uevents.seqnum
    assert errno_of(host.sysfs.write, f"{MTTY}/create", f"{uuid(1)}\n\n".encode()) == EINVAL
    assert host.kernel.uevents.seqnum == before
    assert host.sysfs.read(f"{MTTY}/available_instances") == b"11\n"


# Duplicates


@pytest.mark.parametrize("era", ALL)
@pytest.mark.parametrize("where", ["mtty/mdev_supported_types/mtty-2", "mtty/mdev_supported_types/mtty-1"])
def test_a_uuid_exists_once_on_a_parent_whatever_its_type_and_case(era: str, where: str) -> None:
    host = machine(era, "mtty")
    name = "abcdef01-0000-4000-8000-000000000000"
    host.sysfs.write(f"{MTTY}/create", name.encode())
    before = host.kernel.uevents.seqnum
    assert errno_of(host.sysfs.write, f"class/mdev_bus/{where}/create", name.upper().encode()) == EEXIST
    assert host.kernel.uevents.seqnum == before
    assert host.sysfs.read(f"{MTTY}/available_instances") == b"11\n"


@pytest.mark.parametrize("era", ALL)
def test_a_uuid_exists_once_on_the_machine(era: str) -> None:
    host = machine(era, "mtty", "mdpy")
    create(host, 1)
    mdpy = "class/mdev_bus/mdpy/mdev_supported_types/mdpy-hd"
    assert errno_of(create, host, 1, mdpy) == EEXIST
    assert host.sysfs.readlink(f"bus/mdev/devices/{uuid(1)}").endswith(f"/mtty/{uuid(1)}")
    assert host.sysfs.listdir(f"{mdpy}/devices") == []
    assert uuid(1) not in host.sysfs.listdir("class/mdev_bus/mdpy")
    assert host.sysfs.read(f"{mdpy}/available_instances") == b"4\n"
    # The first releases detect it by a collision on the bus, which the kernel logs.
    collision = f"sysfs: cannot create duplicate filename '/bus/mdev/devices/{uuid(1)}'"
    assert (collision in host.log) == ERAS[era].lists_only_finished_devices


# Order of visible effects


def observed(stage: Stage) -> dict[str, list[str]]:
    """Return, by event, the content of the device's directory when the event is sent, without ``power``."""
    seen: dict[str, list[str]] = {}
    uevents: Any = stage.host.kernel.uevents
    emit = uevents.emit

    def spy(action: str, source: object, *rest: object) -> None:
        if isinstance(source, MdevDevice):
            seen[action] = [name for name in stage.sysfs.listdir(DEVICE) if name != "power"]
        emit(action, source, *rest)

    uevents.emit = spy
    return seen


@pytest.mark.parametrize(
    ("era", "at_add"),
    [
        ("4.13", ["subsystem", "uevent"]),
        ("5.10", ["subsystem", "uevent", "vendor"]),
        ("6.1", ["remove", "subsystem", "uevent"]),
    ],
)
def test_the_add_event_comes_before_the_links_and_what_is_there_by_then_is_the_eras(
    era: str, at_add: list[str]
) -> None:
    stage = Stage(era)
    seen = observed(stage)
    stage.register()
    stage.write_create(uuid(1))
    assert seen["add"] == at_add


@pytest.mark.parametrize(
    ("era", "at_bind"),
    [
        ("5.10", ["driver", "iommu_group", "subsystem", "uevent", "vendor"]),
        ("6.1", ["driver", "remove", "subsystem", "uevent", "vendor"]),
    ],
)
def test_the_bind_event_comes_before_the_links_too(era: str, at_bind: list[str]) -> None:
    stage = Stage(era)
    seen = observed(stage)
    stage.register()
    stage.write_create(uuid(1))
    assert seen["bind"] == at_bind


@pytest.mark.parametrize("era", ALL)
def test_when_the_write_returns_directory_links_and_remove_are_there(era: str) -> None:
    stage = Stage(era)
    stage.register()
    assert stage.write_create(uuid(1)) == 36
    assert stage.sysfs.readlink(f"{DEVICE}/mdev_type") == "../mdev_supported_types/test-a"
    assert stage.sysfs.readlink(f"{DEVICE}/subsystem") == "../../../../../bus/mdev"
    devices = "devices/virtual/test/parent/mdev_supported_types/test-a/devices"
    assert stage.sysfs.readlink(f"{devices}/{uuid(1)}") == f"../../../{uuid(1)}"
    assert stage.sysfs.lstat(f"{DEVICE}/remove").mode == 0o200
    assert stage.sysfs.read(f"{DEVICE}/vendor/note") == f"{uuid(1)}\n".encode()


@pytest.mark.parametrize(("era", "is_visible"), [("4.13", True), ("5.10", False), ("6.1", True)])
def test_the_vendor_is_called_before_or_after_the_device_is_visible_as_the_era_has_it(
    era: str, is_visible: bool
) -> None:
    seen: list[bool] = []
    stage = Stage(era)

    def look(mtype: MdevType, mdev: MdevDevice) -> None:
        seen.append(stage.sysfs.exists(f"bus/mdev/devices/{mdev.name}"))

    stage.register(**({"create": look} if era in OLD else {"probe": lambda mdev: look(mdev.type, mdev)}))
    stage.write_create(uuid(1))
    assert seen == [is_visible]


# Refusals


@pytest.mark.parametrize("era", NEW)
def test_from_6_1_on_the_core_counts_the_instances_of_a_parent(era: str) -> None:
    stage = Stage(era)
    stage.register(max_instances=2)
    files = [f"class/mdev_bus/parent/mdev_supported_types/test-{name}/available_instances" for name in "ab"]
    stage.write_create(uuid(1), "a")
    assert [stage.sysfs.read(path) for path in files] == [b"1\n", b"1\n"]
    stage.write_create(uuid(2), "b")
    before = stage.host.kernel.uevents.seqnum
    assert errno_of(stage.write_create, uuid(3)) == EUSERS
    assert errno_of(stage.write_create, uuid(1)) == EEXIST
    assert stage.host.kernel.uevents.seqnum == before
    remove(stage.host, uuid(1))
    assert [stage.sysfs.read(path) for path in files] == [b"1\n", b"1\n"]
    stage.write_create(uuid(3))


@pytest.mark.parametrize("era", OLD)
def test_without_a_bus_driver_a_device_is_made_unbound(era: str) -> None:
    stage = Stage(era, bus_driver=False)
    stage.register()
    stage.write_create(uuid(1))
    names = ["mdev_type", "power", "remove", "subsystem", "uevent", "vendor"]
    assert stage.sysfs.listdir(DEVICE) == names
    remove(stage.host, uuid(1))
    assert stage.host.leftovers() == []


# Events, as recorded


@pytest.mark.parametrize(
    ("era", "told"),
    [
        ("4.13", ["add@{device}", "add@/devices/virtual/vfio/0 DEVNAME=vfio/0"]),
        (
            "5.10",
            [
                "add@{device}",
                "add@/devices/virtual/vfio/0 DEVNAME=vfio/0",
                "bind@{device} DRIVER=vfio_mdev",
            ],
        ),
        (
            "6.1",
            [
                "add@{device}",
                "add@/devices/virtual/vfio/0 DEVNAME=vfio/0",
                "add@{device}/vfio-dev/vfio0",
                "bind@{device} DRIVER=mtty",
            ],
        ),
    ],
)
def test_events_of_a_create(era: str, told: list[str]) -> None:
    host = machine(era, "mtty")
    device = f"/devices/virtual/mtty/mtty/{uuid(1)}"
    assert events(host, create, host, 1) == [line.format(device=device) for line in told]
