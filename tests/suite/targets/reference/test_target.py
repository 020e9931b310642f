"""The targets ``reference`` and ``reference:era=...`` as the steps see them."""

from __future__ import annotations

import os
from errno import EACCES

import pytest

from mdevref.host import Host
from mdevref.mdev.core import Core
from mdevref.mdev.eras import ERAS
from mdevref.suite.interface import vmm
from mdevref.suite.interface.files import Stat
from mdevref.suite.interface.target import Uevent
from mdevref.suite.interface.unsupported import Unsupported
from mdevref.suite.targets.reference.target import ReferenceMachine, ReferenceTarget, open_reference
from tests.machines import MTTY, NEW, OLD, errno_of, uuid

ALL = list(ERAS)
REMOVE = f"bus/mdev/devices/{uuid(1)}/remove"


def machine(era: str = "4.13") -> ReferenceMachine:
    return ReferenceTarget(era).machine()


def hold(machine: ReferenceMachine) -> vmm.DeviceFile:
    """Open the first device in a new process."""
    group = machine.files.readlink(f"bus/mdev/devices/{uuid(1)}/iommu_group").rpartition("/")[2]
    return vmm.hold(machine.process(), uuid(1), group)


def test_the_default_is_the_documents_own_era_and_another_can_be_named() -> None:
    assert (open_reference().name, open_reference().release) == ("reference", (4, 13))
    other = open_reference("era=5.10")
    assert (other.name, other.release) == ("reference:era=5.10", (5, 10))
    assert other.environment()["kernel"] == "era 5.10"
    assert other.shell_path("bus/mdev") == "/sys/bus/mdev"


@pytest.mark.parametrize(("argument", "named"), [("era=1.0", "4.13"), ("eras=5.10", "era=NAME")])
def test_a_wrong_argument_says_what_would_be_right(argument: str, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        open_reference(argument)


@pytest.mark.parametrize("era", ALL)
def test_a_machine_is_clean_and_has_two_parents(era: str) -> None:
    one = machine(era)
    assert one.vendor_drivers() == {"mtty": "mtty", "mdpy": "mdpy"}
    assert one.files.listdir("class/mdev_bus") == ["mdpy", "mtty"]
    assert one.files.listdir("bus/mdev/devices") == []
    assert list(one.uevents()) == []
    assert list(one.leftovers()) == []


def test_machines_know_nothing_of_each_other() -> None:
    target = ReferenceTarget()
    first, second = target.machine(), target.machine()
    first.files.write(f"{MTTY}/create", uuid(1).encode())
    assert second.files.listdir("bus/mdev/devices") == []
    assert list(second.uevents()) == []


def test_files_speak_the_interfaces_types() -> None:
    one = machine()
    assert one.files.lstat(f"{MTTY}/create") == Stat("file", 0o200, 4096)
    assert errno_of(one.files.open, f"{MTTY}/create", os.O_RDONLY) == EACCES
    opened = one.files.open(f"{MTTY}/create", os.O_WRONLY)
    assert opened.write(uuid(1).encode()) == 36
    opened.close()
    assert one.files.readlink(f"{MTTY}/devices/{uuid(1)}") == f"../../../{uuid(1)}"
    assert one.files.read(f"{MTTY}/available_instances") == b"11\n"


def test_uevents_leave_out_what_the_interface_tells_otherwise() -> None:
    one = machine("5.10")
    one.files.write(f"{MTTY}/create", uuid(1).encode())
    device = f"/devices/virtual/mtty/mtty/{uuid(1)}"
    group = {"SUBSYSTEM": "vfio", "MAJOR": "250", "MINOR": "0", "DEVNAME": "vfio/0"}
    assert list(one.uevents()) == [
        Uevent("add", device, {"SUBSYSTEM": "mdev"}),
        Uevent("add", "/devices/virtual/vfio/0", group),
        Uevent("bind", device, {"SUBSYSTEM": "mdev", "DRIVER": "vfio_mdev"}),
    ]


@pytest.mark.parametrize("era", ALL)
def test_drivers_are_loaded_and_unloaded(era: str) -> None:
    one = machine(era)
    one.unload("mtty")
    one.load("mbochs")
    assert one.vendor_drivers() == {"mdpy": "mdpy", "mbochs": "mbochs"}


@pytest.mark.parametrize("era", ALL)
def test_an_operation_beside_the_scenario_is_known_to_be_blocked_or_done(era: str) -> None:
    one = machine(era)
    one.files.write(f"{MTTY}/create", uuid(1).encode())
    device = hold(one)
    pending = one.start(lambda: one.files.write(REMOVE, b"1"))
    assert pending.is_blocked()
    device.close()
    assert pending.result() == 1
    assert not pending.is_blocked()


@pytest.mark.parametrize("era", ALL)
def test_closing_a_machine_lets_go_of_everything_that_waits(era: str) -> None:
    one = machine(era)
    one.files.write(f"{MTTY}/create", uuid(1).encode())
    hold(one)
    vendor = one.scripted_vendor()
    vendor.hold("create")
    scripted = f"class/mdev_bus/{vendor.parent}/mdev_supported_types/{vendor.types[0]}"
    pending = [
        one.start(lambda: one.files.write(REMOVE, b"1")),
        one.start(lambda: one.files.write(f"{scripted}/create", uuid(2).encode())),
    ]
    assert all(operation.is_blocked() for operation in pending)
    one.close()
    assert [operation.result() for operation in pending] == [1, 36]


@pytest.mark.parametrize("era", OLD)
def test_the_scripted_vendor_comes_without_what_is_named(era: str) -> None:
    one = machine(era)
    vendor = one.scripted_vendor(without=["name", "description"])
    files = one.files.listdir(f"class/mdev_bus/{vendor.parent}/mdev_supported_types/{vendor.types[0]}")
    assert files == ["available_instances", "create", "device_api", "devices"]


@pytest.mark.parametrize("era", NEW)
def test_what_the_core_makes_itself_cannot_be_left_out(era: str) -> None:
    with pytest.raises(Unsupported, match="device_api"):
        machine(era).scripted_vendor(without=["device_api"])


# Leftovers are reported, also on a host that misbehaves


def test_a_device_that_was_not_removed_is_left_over_everywhere() -> None:
    one = machine()
    one.files.write(f"{MTTY}/create", uuid(1).encode())
    found = "\n".join(one.leftovers())
    for place in ("the core's list", "VFIO device", "bus/mdev/devices/", "kernel/iommu_groups/0", "child device"):
        assert place in found


def test_a_thread_that_still_waits_is_left_over() -> None:
    one = machine()
    vendor = one.scripted_vendor()
    vendor.hold("create")
    path = f"class/mdev_bus/{vendor.parent}/mdev_supported_types/{vendor.types[0]}/create"
    pending = one.start(lambda: one.files.write(path, uuid(1).encode()))
    assert pending.is_blocked()
    assert any("a thread waits" in line for line in one.leftovers())
    vendor.release("create")
    pending.result()


def test_a_wrong_host_can_be_put_in_by_replacing_a_step() -> None:
    class ForgetsDirectory(Core):
        """A host that removes a device but leaves its directory."""

        def delete_device(self, mdev: object) -> None:
            pass

    target = ReferenceTarget("5.10", name="forgets", host=lambda era: Host(era, core=ForgetsDirectory))
    one = target.machine()
    one.files.write(f"{MTTY}/create", uuid(1).encode())
    assert one.files.write(REMOVE, b"1") == 1
    assert f"bus/mdev/devices/{uuid(1)}" in one.leftovers()
    assert target.name == "forgets"
