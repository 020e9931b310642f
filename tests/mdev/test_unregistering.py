"""Unregistering a parent or unloading its vendor driver while its devices are created, removed or open."""

from __future__ import annotations

from errno import EAGAIN, ENODEV

import pytest

from mdevref.mdev.objects import MdevDevice
from tests.machines import GATED, NEW, OLD, SCRIPTED, create, errno_of, machine, remove, scripted, uuid
from tests.mdev.racing import SlowFirst
from tests.mdev.stage import Pause, Stage


@pytest.mark.parametrize("era", OLD)
def test_until_5_12_unloading_the_vendor_waits_for_a_device_in_use(era: str) -> None:
    host = machine(era, "mtty")
    create(host, 1)
    device = host.open_device(uuid(1))
    unloader = host.start(lambda: host.unload("mtty"))
    assert unloader.is_blocked()
    assert host.sysfs.listdir("bus/mdev/devices") == []
    assert host.sysfs.exists(f"devices/virtual/mtty/mtty/{uuid(1)}")
    device.close()
    unloader.result()
    assert not host.sysfs.exists("devices/virtual/mtty")
    assert host.leftovers() == []


@pytest.mark.parametrize(("era", "module"), [(era, "vfio_mdev") for era in OLD] + [(era, "mtty") for era in NEW])
def test_a_module_whose_driver_has_an_open_device_is_not_unloaded(era: str, module: str) -> None:
    host = machine(era, "mtty")
    create(host, 1)
    device = host.open_device(uuid(1))
    assert errno_of(host.unload, module) == EAGAIN
    device.close()
    host.unload(module)


@pytest.mark.parametrize("era", GATED)
def test_once_a_parent_leaves_creates_and_removes_are_enodev(era: str) -> None:
    host = machine(era)
    vendor = scripted(host)
    for number in (1, 2):
        create(host, number, SCRIPTED)
    creates, second = f"devices/virtual/scripted/scripted/{uuid(2)}", "devices/virtual/scripted/scripted"
    vendor.hold("remove")
    unloader = host.start(lambda: host.unload("scripted"))
    vendor.await_held("remove")
    types = f"{second}/mdev_supported_types/scripted-plain"
    assert errno_of(host.sysfs.write, f"{types}/create", uuid(3).encode()) == ENODEV
    # Removing a device that unregistration has not reached yet fails, and the file is not restored (fact D6).
    assert errno_of(host.sysfs.write, f"{creates}/remove", b"1") == ENODEV
    assert not host.sysfs.exists(f"{creates}/remove")
    vendor.release("remove")
    unloader.result()
    assert host.leftovers() == []


@pytest.mark.parametrize("era", GATED)
def test_unregistering_waits_for_a_create_that_is_under_way_and_removes_its_device(era: str) -> None:
    slow = SlowFirst(era)
    leaver = slow.stage.host.start(lambda: slow.stage.unregister(slow.parent))
    assert leaver.is_blocked()
    assert errno_of(slow.stage.write_create, uuid(2)) == ENODEV
    slow.pause.released.set()
    assert slow.first.result() == 36
    leaver.result()
    assert slow.stage.host.leftovers() == []
    assert slow.stage.calls == [f"create {uuid(1)} test-a", f"remove {uuid(1)}"]


def test_until_5_1_unregistering_keeps_other_parents_from_registering() -> None:
    host = machine("4.13", "mtty")
    create(host, 1)
    device = host.open_device(uuid(1))
    unloader = host.start(lambda: host.unload("mtty"))
    assert unloader.is_blocked()
    loader = host.start(lambda: host.load("mdpy"))
    assert loader.is_blocked()
    device.close()
    unloader.result()
    loader.result()


def test_from_5_2_on_it_does_not() -> None:
    host = machine("5.10", "mtty")
    create(host, 1)
    device = host.open_device(uuid(1))
    unloader = host.start(lambda: host.unload("mtty"))
    assert unloader.is_blocked()
    host.load("mdpy")
    device.close()
    unloader.result()


def test_until_5_1_a_device_that_somebody_else_removes_ends_the_tour_of_an_unregistering_parent() -> None:
    stage = Stage("4.13")
    pause = Pause()

    def slow(mdev: MdevDevice) -> None:
        if mdev.name == uuid(1):
            pause.here()

    parent = stage.register(remove=slow)
    stage.write_create(uuid(1))
    stage.write_create(uuid(2))
    remover = stage.host.start(lambda: remove(stage.host, uuid(1)))
    assert pause.entered.wait(10)
    stage.unregister(parent)
    pause.released.set()
    assert remover.result() == 1
    assert stage.sysfs.listdir("bus/mdev/devices") == [uuid(2)], "left behind, as in those releases"
