"""A create that is refused or fails at any step removes all traces of the device."""

from __future__ import annotations

from collections.abc import Callable
from errno import EEXIST, EINVAL, EIO, ENOMEM, ENOSPC, EPERM
from typing import Any

import pytest

from mdevref.kernel.attributes import Attribute
from mdevref.mdev.core import Core
from mdevref.mdev.eras import ERAS
from mdevref.mdev.objects import MdevDevice
from tests.machines import NEW, OLD, create, errno_of, events, machine, scripted, uuid
from tests.mdev.stage import Stage, core_that, type_group

ALL = list(ERAS)


# Refusals


@pytest.mark.parametrize("era", ALL)
@pytest.mark.parametrize("errno", [ENOSPC, EPERM, EINVAL])
def test_the_vendors_errno_reaches_the_writer_and_no_device_stays(era: str, errno: int) -> None:
    host = machine(era)
    vendor = scripted(host)
    vendor.refuse_create(errno)
    types = "class/mdev_bus/scripted/mdev_supported_types/scripted-plain"
    assert errno_of(create, host, 1, types) == errno
    assert host.leftovers() == []
    assert host.sysfs.read(f"{types}/available_instances") == b"4\n"
    vendor.refuse_create(0)
    create(host, 1, types)


@pytest.mark.parametrize(
    ("era", "told"),
    [
        ("4.13", ["add", "add vfio", "remove vfio", "remove"]),
        ("5.10", []),
        ("6.1", ["add", "remove"]),
    ],
)
def test_a_refused_create_is_seen_by_user_space_only_where_the_device_was_visible(era: str, told: list[str]) -> None:
    host = machine(era)
    scripted(host).refuse_create(EPERM)
    types = "class/mdev_bus/scripted/mdev_supported_types/scripted-plain"
    lines = events(host, create, host, 1, types)
    assert [line.partition("@")[0] + (" vfio" if "/vfio/" in line else "") for line in lines] == told


@pytest.mark.parametrize("era", OLD)
def test_a_positive_result_of_the_vendor_is_a_failure_that_the_writer_takes_for_a_count(era: str) -> None:
    stage = Stage(era)
    stage.register(create=lambda mtype, mdev: 5)
    assert stage.write_create(uuid(1)) == 5
    assert stage.host.leftovers() == []


@pytest.mark.parametrize("era", ALL)
def test_a_probe_that_fails_fails_the_create_only_where_the_core_binds(era: str) -> None:
    host = machine(era)
    vendor = scripted(host)
    vendor.refuse_probe(EIO)
    types = "class/mdev_bus/scripted/mdev_supported_types/scripted-plain"
    if era in NEW:
        assert errno_of(create, host, 1, types) == EIO
        assert host.leftovers() == []
    else:
        create(host, 1, types)
        assert not {"driver", "iommu_group"} & set(host.sysfs.listdir(f"bus/mdev/devices/{uuid(1)}"))
        vendor.refuse_probe(0)
        host.sysfs.write("bus/mdev/drivers_probe", uuid(1).encode())
        assert host.sysfs.exists(f"bus/mdev/devices/{uuid(1)}/driver")


# Roll-back


def failing(self: Core, mdev: MdevDevice) -> None:
    raise OSError(ENOMEM, "no memory")


STEPS = {
    "device": "add_device",
    "vendor": "vendor_create",
    "groups": "add_vendor_groups",
    "driver": "attach_driver",
    "remove file": "add_remove_file",
    "devices link": "link_from_type",
    "type link": "link_to_type",
}


@pytest.mark.parametrize(("era", "step"), [(era, step) for era in ALL for step in ERAS[era].create_steps])
def test_a_create_that_fails_at_any_step_leaves_nothing_and_can_be_tried_again(era: str, step: str) -> None:
    original: Callable[..., None] = getattr(Core, STEPS[step])
    fails = True

    def now_and_then(self: Core, mdev: MdevDevice) -> None:
        (failing if fails else original)(self, mdev)

    stage = Stage(era, core=core_that(**{STEPS[step]: now_and_then}))
    stage.register()
    before = stage.tree()
    assert errno_of(stage.write_create, uuid(1)) == ENOMEM
    assert stage.tree() == before
    assert stage.host.leftovers() == []
    creates, removes = (sum(call.startswith(name) for call in stage.calls) for name in ("create", "remove"))
    assert creates == removes, "the vendor driver's remove must be called once for each create"
    fails = False
    assert stage.write_create(uuid(1)) == 36


@pytest.mark.parametrize("era", OLD)
def test_a_vendor_attribute_that_collides_fails_the_create(era: str) -> None:
    stage = Stage(era)
    stage.register(mdev_attr_groups=[type_group(None, Attribute("uevent", 0o444))])
    before = stage.tree()
    assert errno_of(stage.write_create, uuid(1)) == EEXIST
    assert stage.tree() == before
    assert stage.host.leftovers() == []


@pytest.mark.parametrize("era", ALL)
def test_a_vendor_that_breaks_down_leaves_no_half_made_device(era: str) -> None:
    def bug(*_: object) -> None:
        raise ZeroDivisionError

    stage = Stage(era)
    callbacks: dict[str, Any] = {"create": bug} if era in OLD else {"probe": bug}
    stage.register(**callbacks)
    with pytest.raises(ZeroDivisionError):
        stage.write_create(uuid(1))
    assert stage.host.leftovers() == []
