"""The scripted vendor driver, which misbehaves on request."""

from __future__ import annotations

from errno import EINVAL, EIO, ENOSPC, EPERM, EUSERS

import pytest

from mdevref.drivers import scripted as module
from mdevref.drivers.scripted import INSTANCES
from mdevref.mdev.eras import ERAS
from tests.machines import NEW, OLD, SCRIPTED, create, errno_of, machine, remove, scripted, uuid

ALL = list(ERAS)
FANCY = SCRIPTED.replace("plain", "fancy")


@pytest.mark.parametrize("era", ALL)
def test_it_has_two_types_with_all_attributes_and_a_few_instances_for_both(era: str) -> None:
    host = machine(era)
    vendor = scripted(host)
    assert vendor.parent == "scripted"
    assert host.sysfs.listdir("class/mdev_bus/scripted/mdev_supported_types") == sorted(vendor.types)
    files = ["available_instances", "create", "description", "device_api", "devices", "name"]
    assert [host.sysfs.listdir(path) for path in (SCRIPTED, FANCY)] == [files, files]
    for number in range(INSTANCES):
        create(host, number, (SCRIPTED, FANCY)[number % 2])
    assert errno_of(create, host, 9, SCRIPTED) == (ENOSPC if era in OLD else EUSERS)


@pytest.mark.parametrize("name", ["name", "description", "available_instances", "device_api"])
def test_until_5_12_each_attribute_can_be_left_out(name: str) -> None:
    host = machine("4.13")
    host.load("scripted", without=name)
    assert name not in host.sysfs.listdir(SCRIPTED)
    assert len(host.sysfs.listdir(SCRIPTED)) == 5


@pytest.mark.parametrize("era", NEW)
def test_from_6_1_on_the_description_can_be_left_out_and_a_missing_name_is_the_types_own(era: str) -> None:
    host = machine(era)
    host.load("scripted", without="description,name")
    assert "description" not in host.sysfs.listdir(SCRIPTED)
    assert host.sysfs.read(f"{SCRIPTED}/name") == b"plain\n"


def test_what_is_no_optional_attribute_cannot_be_left_out() -> None:
    assert errno_of(machine("4.13").load, "scripted", without="create") == EINVAL


@pytest.mark.parametrize("era", ALL)
def test_it_writes_down_its_callbacks(era: str) -> None:
    host = machine(era)
    vendor = scripted(host)
    create(host, 1, SCRIPTED)
    host.open_device(uuid(1)).close()
    remove(host, uuid(1))
    assert list(vendor.calls()) == [(name, uuid(1)) for name in ("create", "open", "release", "remove")]


@pytest.mark.parametrize("era", ALL)
@pytest.mark.parametrize("callback", ["create", "remove"])
def test_a_held_callback_stands_until_it_is_released(era: str, callback: str) -> None:
    host = machine(era)
    vendor = scripted(host)
    if callback == "remove":
        create(host, 1, SCRIPTED)
    vendor.hold(callback)  # type: ignore[arg-type]  # one of the two
    operation = host.start(lambda: create(host, 1, SCRIPTED) if callback == "create" else remove(host, uuid(1)))
    vendor.await_held(callback)  # type: ignore[arg-type]  # as above
    assert operation.is_blocked()
    assert [wait.why for wait in host.waits.current()] == [f"the held {callback} of {uuid(1)}"]
    vendor.release(callback)  # type: ignore[arg-type]  # as above
    operation.result()
    assert host.sysfs.exists(f"bus/mdev/devices/{uuid(1)}") == (callback == "create")


def test_waiting_for_a_caller_that_never_comes_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DEADLINE", 0.01)
    with pytest.raises(TimeoutError):
        scripted(machine("4.13")).await_held("create")


@pytest.mark.parametrize("era", ALL)
def test_a_refusal_can_be_made_while_the_callback_is_held(era: str) -> None:
    host = machine(era)
    vendor = scripted(host)
    vendor.hold("create")
    operation = host.start(lambda: create(host, 1, SCRIPTED))
    vendor.await_held("create")
    vendor.refuse_create(EPERM)
    vendor.release("create")
    assert errno_of(operation.result) == EPERM


@pytest.mark.parametrize("era", NEW)
def test_from_6_1_on_a_removal_cannot_be_refused(era: str) -> None:
    host = machine(era)
    scripted(host).refuse_remove(EIO)
    create(host, 1, SCRIPTED)
    remove(host, uuid(1))
    assert host.sysfs.listdir("bus/mdev/devices") == []


@pytest.mark.parametrize("era", ALL)
def test_it_forgets_its_faults_when_it_is_loaded_again(era: str) -> None:
    host = machine(era)
    vendor = scripted(host)
    vendor.refuse_create(EPERM)
    vendor.refuse_probe(EIO)
    host.unload("scripted")
    host.load("scripted")
    create(host, 1, SCRIPTED)
    assert host.sysfs.exists(f"bus/mdev/devices/{uuid(1)}/driver")
    assert host.core.probe_refusals == {}
