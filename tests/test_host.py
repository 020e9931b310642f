"""The reference host as seen by a client that uses its tree."""

from __future__ import annotations

import doctest
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from errno import EACCES, EAGAIN, EEXIST, EIO, ENOENT

import pytest

import mdevref.host
from mdevref.drivers.mtty import Mtty
from mdevref.drivers.placed import PlacedDriver
from mdevref.host import DRIVERS, Host, find_era
from mdevref.kernel.directories import Directory
from mdevref.mdev.core import Core
from mdevref.mdev.eras import DEFAULT, ERAS
from mdevref.mdev.objects import MdevDevice, MdevType
from mdevref.vfio.core import Vfio
from tests.machines import MTTY, NEW, OLD, create, errno_of, events, machine, remove, uuid

ALL = list(ERAS)
SKELETON = ("bus", "class", "module", "devices/virtual", "kernel/iommu_groups")


@pytest.mark.parametrize("era", ALL)
def test_a_device_is_made_by_writing_its_uuid_and_unmade_by_writing_1(era: str) -> None:
    host = machine(era, "mtty")
    assert host.sysfs.write(f"{MTTY}/create", f"{uuid(1)}\n".encode()) == 37
    assert host.sysfs.readlink(f"bus/mdev/devices/{uuid(1)}") == f"../../../devices/virtual/mtty/mtty/{uuid(1)}"
    assert remove(host, uuid(1)) == 1
    assert host.leftovers() == []


def test_the_example_in_the_documentation_is_true() -> None:
    outcome = doctest.testmod(mdevref.host)
    assert (outcome.failed, outcome.attempted) == (0, 3)


def test_a_host_is_of_the_documents_era_unless_another_is_named() -> None:
    assert Host().era is ERAS[DEFAULT]
    assert Host().era.release == (4, 13)
    with pytest.raises(ValueError, match=r"unknown era '4.4' \(choose from 4\.13, 5\.10"):
        find_era("4.4")


# Modules


@pytest.mark.parametrize("era", ALL)
def test_a_new_machine_is_empty(era: str) -> None:
    host = Host(era)
    for directory in SKELETON:
        assert host.sysfs.listdir(directory) == []
    assert host.leftovers() == []


@pytest.mark.parametrize("era", ALL)
def test_loading_brings_what_a_module_needs(era: str) -> None:
    host = Host(era)
    host.load("mdpy")
    # Until 5.12 only vfio_mdev uses VFIO, and no other module depends on it.
    assert host.sysfs.listdir("module") == (
        ["mdev", "mdpy"] if era in OLD else ["mdev", "mdpy", "vfio", "vfio_iommu_type1"]
    )
    assert host.sysfs.listdir("module/mdev/holders") == ["mdpy"]


@pytest.mark.parametrize("era", ALL)
def test_loading_and_unloading_say_what_is_wrong(era: str) -> None:
    host = machine(era, "mtty")
    assert errno_of(host.load, "mtty") == EEXIST
    assert errno_of(host.load, "nothing") == ENOENT
    assert errno_of(host.unload, "mdpy") == ENOENT
    assert errno_of(host.unload, "mdev") == EAGAIN
    assert errno_of(host.unload, "vfio") == EAGAIN


@pytest.mark.parametrize("era", NEW)
def test_from_6_1_on_there_is_no_vfio_mdev(era: str) -> None:
    assert errno_of(Host(era).load, "vfio_mdev") == ENOENT


@pytest.mark.parametrize("name", ["mdpy", "vfio"])
def test_an_unknown_parameter_is_logged_and_ignored(name: str) -> None:
    host = Host()
    host.load(name, colour="red")
    assert f"{name}: unknown parameter 'colour' ignored" in host.log
    assert not host.sysfs.exists(f"module/{name}/parameters/colour")


@pytest.mark.parametrize("era", ALL)
def test_unloading_everything_leaves_an_empty_machine(era: str) -> None:
    # Hardware remains when its driver is unloaded: see tests/drivers/test_shapes.py.
    hardware = {
        name for name, driver in DRIVERS.items() if isinstance(driver, type) and issubclass(driver, PlacedDriver)
    }
    host = machine(era, *(DRIVERS.keys() - hardware))
    create(host, 1)
    host.unload_all()
    assert host.leftovers() == []
    for directory in SKELETON:
        assert host.sysfs.listdir(directory) == []


PARENT = "/devices/virtual/mtty/mtty"


@pytest.mark.parametrize(
    ("era", "loading", "unloading"),
    [
        (
            "4.13",
            ["add@/module/mtty", "add@/class/mtty", f"add@{PARENT}"],
            [f"remove@{PARENT}", "remove@/class/mtty", "remove@/module/mtty"],
        ),
        (
            "5.10",
            ["add@/class/mtty", f"add@{PARENT}", f"change@{PARENT} MDEV_STATE=registered", "add@/module/mtty"],
            [
                f"change@{PARENT} MDEV_STATE=unregistered",
                f"remove@{PARENT}",
                "remove@/class/mtty",
                "remove@/module/mtty",
            ],
        ),
        (
            "6.1",
            [
                "add@/bus/mdev/drivers/mtty",
                "add@/class/mtty",
                f"add@{PARENT}",
                f"change@{PARENT} MDEV_STATE=registered",
                "add@/module/mtty",
            ],
            [
                f"change@{PARENT} MDEV_STATE=unregistered",
                f"remove@{PARENT}",
                "remove@/bus/mdev/drivers/mtty",
                "remove@/class/mtty",
                "remove@/module/mtty",
            ],
        ),
    ],
)
def test_events_of_loading_and_unloading_a_vendor(era: str, loading: list[str], unloading: list[str]) -> None:
    host = machine(era)
    assert events(host, host.load, "mtty") == loading
    assert events(host, host.unload, "mtty") == unloading


# Users


def test_another_user_may_look_and_not_touch() -> None:
    host = machine("4.13", "mtty")
    files = host.sysfs_as(65534)
    assert files.read(f"{MTTY}/name") == b"Dual port serial\n"
    assert errno_of(files.write, f"{MTTY}/create", uuid(1).encode()) == EACCES


# Custom hosts


def test_an_era_of_ones_own_can_be_given() -> None:
    host = Host(replace(ERAS["5.10"], name="quiet", tells_of_parents=False))
    host.load("mtty")
    assert events(host, host.unload, "mtty") == ["remove@" + path for path in (PARENT, "/class/mtty", "/module/mtty")]


def test_a_driver_can_be_put_in_anothers_place() -> None:
    class Stubborn(Mtty):
        """An mtty whose create always fails."""

        def create(self, mtype: MdevType, mdev: MdevDevice) -> None:
            raise OSError(EIO, "no")

    def stubborn(core: Core, vfio: Vfio, parameters: Mapping[str, str]) -> Mtty:
        return Stubborn(core, vfio, parameters)

    host = Host(drivers={"mtty": stubborn})
    host.load("mtty")
    assert errno_of(create, host, 1) == EIO
    assert errno_of(host.load, "mdpy") == ENOENT


@pytest.mark.parametrize("era", ALL)
def test_a_half_made_device_is_found_left_over(era: str) -> None:
    class HalfMade(Core):
        """A core that leaves the directory of a removed device behind."""

        def delete_device(self, mdev: MdevDevice) -> None:
            super().delete_device(mdev)
            self.kernel.tree.add_directory(mdev.type.parent.device.directory, mdev.name, mdev)

    host = Host(era, core=HalfMade)
    host.load("mtty")
    create(host, 1)
    remove(host, uuid(1))
    assert host.leftovers() == [f"directory {uuid(1)} of mtty"]
    assert isinstance(host.kernel.tree.walk(f"class/mdev_bus/mtty/{uuid(1)}"), Directory)


def test_a_host_is_there_without_what_it_has_no_use_for_yet() -> None:
    """Every run of the suite and every mount starts a host, so unused parts are created late."""
    program = (
        "import sys; from mdevref.host import DRIVERS, Host; host = Host(); assert 'nothing' not in DRIVERS; "
        "host.load('mtty'); print([name for name in sys.modules if name in ('BTrees', 'mdevref.drivers.i915')])"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "[]\n"
