"""Registering and unregistering parents: mandatory ops, visible effects, and their order."""

from __future__ import annotations

from errno import EEXIST, EINVAL, ENOMEM, ENOSYS
from typing import Any

import pytest

from mdevref.kernel.attributes import Attribute
from mdevref.kernel.bus import Bus
from mdevref.kernel.device import Device, Driver
from mdevref.mdev.eras import ERAS
from mdevref.mdev.objects import MdevDriver, TypeInfo
from tests.machines import NEW, OLD, errno_of, events, uuid
from tests.mdev.stage import API, Stage, type_group

ALL = list(ERAS)


# Registering with ops


@pytest.mark.parametrize("era", OLD)
@pytest.mark.parametrize("member", ["create", "remove", "supported_type_groups"])
def test_ops_without_a_mandatory_member_are_einval_and_change_nothing(era: str, member: str) -> None:
    stage = Stage(era)
    before = stage.tree()
    assert errno_of(stage.register, **{member: None}) == EINVAL
    assert stage.tree() == before


@pytest.mark.parametrize("era", OLD)
def test_no_ops_and_no_device_are_einval(era: str) -> None:
    stage = Stage(era)
    assert errno_of(stage.core.register_device, stage.device, None) == EINVAL
    assert errno_of(stage.core.register_device, None, stage.ops()) == EINVAL


@pytest.mark.parametrize("era", OLD)
def test_the_mandatory_members_are_enough(era: str) -> None:
    stage = Stage(era)
    stage.register(mdev_attr_groups=())
    stage.write_create(uuid(1))
    assert stage.calls == [f"create {uuid(1)} test-a"]


@pytest.mark.parametrize("era", OLD)
def test_an_empty_array_of_types_gives_an_empty_directory_of_types(era: str) -> None:
    stage = Stage(era)
    stage.register(supported_type_groups=[])
    assert stage.sysfs.listdir("class/mdev_bus/parent/mdev_supported_types") == []


@pytest.mark.parametrize("era", OLD)
def test_registering_a_device_twice_is_eexist_and_changes_nothing(era: str) -> None:
    stage = Stage(era)
    stage.register()
    before = stage.tree()
    assert errno_of(stage.register) == EEXIST
    assert stage.tree() == before


@pytest.mark.parametrize("era", NEW)
def test_from_6_1_on_registering_a_device_twice_is_enomem_and_changes_nothing(era: str) -> None:
    stage = Stage(era)
    parent = stage.register()
    assert parent.driver is not None
    before = stage.tree()
    assert errno_of(stage.core.register_parent, stage.device, parent.driver, [TypeInfo("c")]) == ENOMEM
    assert errno_of(stage.core.register_parent, None, parent.driver, []) == EINVAL
    assert stage.tree() == before


def test_each_release_has_its_own_functions_and_not_the_others() -> None:
    old, new = Stage("5.10"), Stage("6.1")
    driver = MdevDriver("driver", device_api="test")
    assert errno_of(old.core.register_parent, old.device, driver, []) == ENOSYS
    assert errno_of(new.core.register_device, new.device, new.ops()) == ENOSYS
    assert errno_of(new.core.unregister_device, new.device) == ENOSYS


# The class


@pytest.mark.parametrize("era", ALL)
def test_the_class_is_there_from_the_first_parent_or_from_the_start_and_stays(era: str) -> None:
    stage = Stage(era)
    assert stage.sysfs.exists("class/mdev_bus") == ERAS[era].has_class_from_start
    parent = stage.register()
    assert stage.sysfs.readlink("class/mdev_bus/parent") == "../../devices/virtual/test/parent"
    stage.unregister(parent)
    assert stage.sysfs.listdir("class/mdev_bus") == []


@pytest.mark.parametrize("era", OLD)
def test_two_parents_of_a_name_share_a_link_and_the_second_only_gets_a_warning(era: str) -> None:
    stage = Stage(era)
    first = stage.register()
    other = stage.host.kernel.driver_core.add_class("other")
    twin = stage.add_device("parent", cls=other)
    second = stage.register(twin)
    assert stage.sysfs.readlink("class/mdev_bus/parent") == "../../devices/virtual/test/parent"
    assert "other parent: Failed to create compatibility class link" in stage.host.log
    assert stage.sysfs.exists("devices/virtual/other/parent/mdev_supported_types/other-a/create")
    # The kernel removes the link by name, so unregistering the second parent removes the link of the first.
    stage.unregister(second)
    assert stage.sysfs.listdir("class/mdev_bus") == []
    stage.unregister(first)


# Roll-back of registering


@pytest.mark.parametrize("era", OLD)
@pytest.mark.parametrize(
    ("changes", "errno"),
    [
        ({"supported_type_groups": [type_group("a"), type_group(None)]}, EINVAL),
        ({"supported_type_groups": [type_group("a"), type_group("")]}, EINVAL),
        ({"supported_type_groups": [type_group("a"), type_group("b"), type_group("a")]}, EEXIST),
        ({"supported_type_groups": [type_group("a"), type_group("b", Attribute("create", 0o444))]}, ENOMEM),
        ({"supported_type_groups": [type_group("a"), type_group("b", Attribute("devices", 0o444))]}, ENOMEM),
        ({"dev_attr_groups": [type_group("fine", API), type_group("power", API)]}, EEXIST),
        ({"dev_attr_groups": [type_group(None, Attribute("uevent", 0o444))]}, EEXIST),
    ],
)
def test_a_registration_that_fails_on_the_way_takes_back_everything(
    era: str, changes: dict[str, Any], errno: int
) -> None:
    stage = Stage(era)
    stage.unregister(stage.register())
    before = stage.tree()
    assert errno_of(stage.register, **{"dev_attr_groups": [type_group("own", API)], **changes}) == errno
    assert stage.tree() == before
    stage.register()


@pytest.mark.parametrize("era", OLD)
def test_a_taken_directory_of_types_is_enomem(era: str) -> None:
    stage = Stage(era)
    stage.host.kernel.tree.add_directory(stage.device.directory, "mdev_supported_types")
    assert errno_of(stage.register) == ENOMEM


# Types


@pytest.mark.parametrize("era", OLD)
@pytest.mark.parametrize(
    ("kind", "prefix"), [("driver", "driver"), ("bus", "bus"), ("class", "test"), ("nothing", ""), ("slash", "a!b")]
)
def test_a_type_is_named_after_driver_else_bus_else_class_else_nothing(era: str, kind: str, prefix: str) -> None:
    stage = Stage(era)
    core = stage.host.kernel.driver_core
    bus = Bus(core, "a/b" if kind == "slash" else "bus")
    where: dict[str, Any] = {"class": {"cls": stage.cls}, "nothing": {}}.get(kind, {"bus": bus})
    device = Device("it", **where)
    core.add_device(device)
    if kind == "driver":
        bus.add_driver(Driver("driver", callbacks=MdevDriver("driver")))
    stage.register(device)
    assert stage.sysfs.listdir("class/mdev_bus/it/mdev_supported_types") == [f"{prefix}-a", f"{prefix}-b"]


@pytest.mark.parametrize("era", OLD)
def test_a_type_has_create_and_devices_and_besides_what_the_vendor_gives(era: str) -> None:
    stage = Stage(era)
    stage.register(supported_type_groups=[type_group("bare"), type_group("own", API, Attribute("extra", 0o444))])
    types = "class/mdev_bus/parent/mdev_supported_types"
    assert stage.sysfs.listdir(f"{types}/test-bare") == ["create", "devices"]
    assert stage.sysfs.listdir(f"{types}/test-own") == ["create", "device_api", "devices", "extra"]


@pytest.mark.parametrize("era", NEW)
def test_from_6_1_on_the_core_gives_all_files_of_a_type(era: str) -> None:
    stage = Stage(era)
    stage.register()
    types = "class/mdev_bus/parent/mdev_supported_types"
    files = ["available_instances", "create", "device_api", "devices", "name"]
    assert stage.sysfs.listdir(f"{types}/test-a") == files
    contents = [stage.sysfs.read(f"{types}/test-a/{name}") for name in ("available_instances", "device_api", "name")]
    assert contents == [b"3\n", b"test\n", b"a\n"]
    assert stage.sysfs.read(f"{types}/test-b/name") == b"Type B\n"


@pytest.mark.parametrize("era", NEW)
def test_from_6_1_on_a_driver_that_describes_its_types_gets_a_description(era: str) -> None:
    stage = Stage(era)
    stage.register(show_description=lambda mtype: f"about {mtype.group_name}\n")
    assert stage.sysfs.read("class/mdev_bus/parent/mdev_supported_types/test-a/description") == b"about a\n"


@pytest.mark.parametrize("era", NEW)
def test_from_6_1_on_a_driver_may_tell_the_number_of_instances_itself(era: str) -> None:
    stage = Stage(era)
    stage.register(get_available=lambda mtype: 7, max_instances=0)
    path = "class/mdev_bus/parent/mdev_supported_types/test-a/available_instances"
    assert stage.sysfs.read(path) == b"7\n"
    stage.write_create(uuid(1))
    assert stage.sysfs.read(path) == b"7\n"


@pytest.mark.parametrize("era", OLD)
def test_parent_attributes_come_and_go_with_the_registration(era: str) -> None:
    stage = Stage(era)
    parent = stage.register(dev_attr_groups=[type_group("own", API), type_group(None, Attribute("flat", 0o444))])
    assert {"flat", "own"} < set(stage.sysfs.listdir("class/mdev_bus/parent"))
    stage.unregister(parent)
    assert stage.sysfs.listdir("devices/virtual/test/parent") == ["power", "subsystem", "uevent"]


# Events and log


@pytest.mark.parametrize("era", ALL)
def test_a_parent_tells_of_its_registration_where_the_release_does(era: str) -> None:
    stage = Stage(era)
    told: list[str] = []
    parent = None

    def register() -> None:
        nonlocal parent
        parent = stage.register()

    told = [line for line in events(stage.host, register) if line.startswith("change")]
    assert parent is not None
    told += [line for line in events(stage.host, lambda: stage.unregister(parent)) if line.startswith("change")]
    states = ["registered", "unregistered"] if ERAS[era].tells_of_parents else []
    assert told == [f"change@/devices/virtual/test/parent MDEV_STATE={state}" for state in states]
    assert [line for line in stage.host.log if "MDEV" in line] == [
        "test parent: MDEV: Registered",
        "test parent: MDEV: Unregistering",
    ]


# Unregistering


@pytest.mark.parametrize("era", OLD)
def test_unregistering_what_is_not_registered_does_nothing(era: str) -> None:
    stage = Stage(era)
    before = stage.tree()
    assert events(stage.host, stage.core.unregister_device, stage.device) == []
    assert stage.tree() == before


@pytest.mark.parametrize("era", ALL)
def test_unregistering_removes_the_devices_in_the_order_of_their_creation_and_leaves_nothing(era: str) -> None:
    stage = Stage(era)
    before = stage.tree("devices")
    parent = stage.register()
    for number in (3, 1, 2):
        stage.write_create(uuid(number))
    del stage.calls[:]
    stage.unregister(parent)
    assert stage.calls == [f"remove {uuid(number)}" for number in (3, 1, 2)]
    assert stage.tree("devices") == before
    assert stage.host.leftovers() == []


@pytest.mark.parametrize("era", OLD)
def test_a_vendor_cannot_keep_its_devices_when_the_parent_goes(era: str) -> None:
    def refuse(mdev: object) -> None:
        raise OSError(16, "busy")

    stage = Stage(era)
    parent = stage.register(remove=refuse)
    stage.write_create(uuid(1))
    stage.unregister(parent)
    assert stage.host.leftovers() == []


@pytest.mark.parametrize("era", ALL)
def test_other_children_of_the_parent_device_are_left_alone(era: str) -> None:
    stage = Stage(era)
    parent = stage.register()
    child = stage.add_device("child", parent=stage.device)
    stage.write_create(uuid(1))
    stage.unregister(parent)
    assert stage.sysfs.exists("devices/virtual/test/parent/child")
    assert stage.device.children == {"child": child}


@pytest.mark.parametrize("era", ALL)
def test_a_parent_can_be_registered_again(era: str) -> None:
    stage = Stage(era)
    parent = stage.register()
    stage.unregister(parent)
    if parent.driver is not None:
        stage.core.unregister_driver(parent.driver)
    stage.register()
    stage.write_create(uuid(1))
    assert stage.sysfs.exists(f"bus/mdev/devices/{uuid(1)}")
