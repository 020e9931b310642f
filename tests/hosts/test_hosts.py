"""Described hosts follow their files: parents, devices and each kind of fault, on a manual clock."""

from __future__ import annotations

import doctest
from errno import EADDRINUSE, EBUSY, EINVAL, ENOENT, ENOSPC
from pathlib import Path

import pytest

from mdevref import hosts
from mdevref.hosts import DescribedHost, ManualClock
from mdevref.mdev.eras import ERAS
from tests.machines import MTTY, NEW, OLD, create, errno_of, events, remove, uuid

MDPY = "class/mdev_bus/mdpy/mdev_supported_types/mdpy-hd"


def described(folder: Path, text: str, clock: ManualClock | None = None) -> DescribedHost:
    path = folder / "host.toml"
    path.write_text(text)
    return hosts.load(path, clock=clock or ManualClock())


def spoilt(folder: Path, era: str, fault: str, driver: str = "mtty", clock: ManualClock | None = None) -> DescribedHost:
    text = f'era = "{era}"\n[[parents]]\ndriver = "{driver}"\n[[parents.faults]]\n{fault}\n'
    return described(folder, text, clock)


@pytest.mark.parametrize("name", hosts.names())
def test_a_shipped_host_can_be_had_and_unloaded(name: str) -> None:
    host = hosts.load(name, clock=ManualClock())
    assert host.description.summary
    vanishing = [device.uuid for parent in host.description.parents for device in parent.devices if device.vanishes]
    assert set(vanishing) <= set(host.core.devices)
    host.close()
    host.unload_all()
    assert host.leftovers() == []


def test_the_shipped_hosts_are_these() -> None:
    assert hosts.names() == [
        "attribute-in-use",
        "create-refused",
        "empty",
        "late-parent",
        "mainframe",
        "no-bus-driver",
        "trouble",
        "two-gpus",
        "vanishing-device",
    ]


def test_what_the_package_says_of_itself_is_so() -> None:
    outcome = doctest.testmod(hosts)
    assert outcome.attempted
    assert not outcome.failed


def test_an_empty_file_is_an_empty_host(tmp_path: Path) -> None:
    host = described(tmp_path, "")
    assert host.era.name == "4.13"
    assert host.sysfs.listdir("bus/mdev/drivers") == ["vfio_mdev"]
    assert not host.sysfs.exists("class/mdev_bus")


def test_parents_of_one_driver_are_loaded_together_with_its_options(tmp_path: Path) -> None:
    host = described(
        tmp_path,
        """
        era = "6.1"
        [[parents]]
        driver = "i915"
        address = "0000:03:00.0"
        options = { aperture = 512, generation = "8" }
        [[parents]]
        driver = "mdpy"
        options.count = 7
        [[parents]]
        driver = "i915"
        """,
    )
    assert list(host.vendors) == ["i915", "mdpy"]
    assert host.sysfs.listdir("class/mdev_bus") == ["0000:00:02.0", "0000:03:00.0", "mdpy"]
    assert host.sysfs.read(f"{MDPY}/available_instances") == b"7\n"
    for address in ("0000:00:02.0", "0000:03:00.0"):
        assert "i915-GVTg_V4_2" in host.sysfs.listdir(f"class/mdev_bus/{address}/mdev_supported_types")


@pytest.mark.parametrize("era", OLD)
def test_without_the_bus_driver_devices_have_no_group(era: str, tmp_path: Path) -> None:
    host = described(tmp_path, f'era = "{era}"\nbus_driver = false\n[[parents]]\ndriver = "mtty"\n')
    create(host, 1)
    assert not {"driver", "iommu_group"} & set(host.sysfs.listdir(f"bus/mdev/devices/{uuid(1)}"))


@pytest.mark.parametrize("era", ERAS)
def test_create_fails_when_its_turn_has_come(era: str, tmp_path: Path) -> None:
    host = spoilt(tmp_path, era, 'at = "create"\nerrno = "ENOSPC"\ncalls = [3]')
    create(host, 1)
    create(host, 2)
    assert errno_of(create, host, 3) == ENOSPC
    assert not host.sysfs.exists(f"bus/mdev/devices/{uuid(3)}")
    create(host, 3)
    for number in (1, 2, 3):
        remove(host, uuid(number))
    assert host.leftovers() == []


@pytest.mark.parametrize("era", ERAS)
def test_create_fails_always_where_no_calls_are_named(era: str, tmp_path: Path) -> None:
    host = spoilt(tmp_path, era, 'at = "create"\nerrno = "EINVAL"')
    assert [errno_of(create, host, number) for number in range(3)] == [EINVAL] * 3
    assert host.sysfs.read(f"{MTTY}/available_instances") == b"12\n"


def test_what_is_there_from_the_start_came_before_the_faults(tmp_path: Path) -> None:
    host = described(
        tmp_path,
        f"""
        [[parents]]
        driver = "mtty"
        devices = [{{ uuid = "{uuid(1)}", type = "mtty-2" }}]
        faults = [{{ at = "create", errno = "ENOSPC", calls = [2] }}, {{ at = "mdev_type", delay = 1 }}]
        """,
    )
    assert host.sysfs.exists(f"bus/mdev/devices/{uuid(1)}/mdev_type")
    writer = host.start(lambda: create(host, 2))
    assert writer.is_blocked()
    host.close()
    writer.result()
    assert errno_of(create, host, 3) == ENOSPC


def test_the_calls_of_each_parent_are_counted_by_themselves(tmp_path: Path) -> None:
    host = described(
        tmp_path,
        """
        [[parents]]
        driver = "vfio_ccw"
        address = "0.0.0001"
        [[parents]]
        driver = "vfio_ccw"
        address = "0.0.0002"
        faults = [{ at = "create", errno = "ENOSPC", calls = [1] }]
        """,
    )
    first, second = (f"class/mdev_bus/0.0.000{number}/mdev_supported_types/vfio_ccw-io" for number in (1, 2))
    create(host, 1, first)
    assert errno_of(create, host, 2, second) == ENOSPC
    create(host, 2, second)


def test_until_5_1_a_refused_remove_is_ebusy_whatever_its_errno(tmp_path: Path) -> None:
    host = spoilt(tmp_path, "4.13", 'at = "remove"\nerrno = "ENOSPC"\ncalls = [1]')
    create(host, 1)
    assert errno_of(remove, host, uuid(1)) == EBUSY
    assert host.sysfs.exists(f"bus/mdev/devices/{uuid(1)}/remove")
    remove(host, uuid(1))
    assert host.leftovers() == []


def test_in_5_10_a_refused_remove_is_only_logged(tmp_path: Path) -> None:
    host = spoilt(tmp_path, "5.10", 'at = "remove"\nerrno = "EBUSY"')
    create(host, 1)
    remove(host, uuid(1))
    assert host.log[-1].endswith("Remove failed: err=-16")
    assert not host.sysfs.exists(f"bus/mdev/devices/{uuid(1)}")


@pytest.mark.parametrize("era", ERAS)
def test_an_attribute_refuses_one_value(era: str, tmp_path: Path) -> None:
    fault = 'at = "attribute"\nname = "assign_adapter"\nvalue = "7"\nerrno = "EADDRINUSE"'
    host = spoilt(tmp_path, era, fault, "vfio_ap")
    create(host, 1, "class/mdev_bus/matrix/mdev_supported_types/vfio_ap-passthrough")
    path = f"bus/mdev/devices/{uuid(1)}"
    assert errno_of(host.sysfs.write, f"{path}/assign_adapter", b"7\n") == EADDRINUSE
    host.sysfs.write(f"{path}/assign_adapter", b"8")
    host.sysfs.write(f"{path}/assign_domain", b"7")
    assert host.sysfs.read(f"{path}/matrix") == b"08.0007\n"


def test_an_attribute_in_a_directory_refuses_every_value(tmp_path: Path) -> None:
    fault = 'at = "attribute"\nname = "nvidia/vgpu_params"\nerrno = "EINVAL"'
    host = spoilt(tmp_path, "5.10", fault, "nvidia")
    create(host, 1, "class/mdev_bus/0000:3b:00.0/mdev_supported_types/nvidia-18")
    assert errno_of(host.sysfs.write, f"bus/mdev/devices/{uuid(1)}/nvidia/vgpu_params", b"a=1") == EINVAL
    assert host.sysfs.read(f"bus/mdev/devices/{uuid(1)}/nvidia/vgpu_params") == b"\n"


@pytest.mark.parametrize("era", ERAS)
def test_mdev_type_comes_late_and_not_before_its_time(era: str, tmp_path: Path) -> None:
    clock = ManualClock()
    host = spoilt(tmp_path, era, 'at = "mdev_type"\ndelay = 0.2', clock=clock)
    subscription = host.subscribe()
    writer = host.start(lambda: create(host, 1))
    path = f"bus/mdev/devices/{uuid(1)}"
    assert writer.is_blocked()
    assert subscription.events[0].devpath.endswith(uuid(1))
    clock.advance(0.199)
    assert writer.is_blocked()
    assert host.sysfs.exists(path)
    assert not host.sysfs.exists(f"{path}/mdev_type")
    assert [wait.why for wait in host.waits.current()] == [f"mdev_type of {uuid(1)} to appear"]
    clock.advance(0.001)
    assert writer.result() == uuid(1)
    assert host.sysfs.readlink(f"{path}/mdev_type").endswith("mtty-2")


@pytest.mark.parametrize("era", ERAS)
def test_a_device_vanishes_when_the_devices_are_listed(era: str, tmp_path: Path) -> None:
    host = described(
        tmp_path,
        f"""
        era = "{era}"
        [[parents]]
        driver = "mtty"
        [[parents.devices]]
        uuid = "{uuid(1)}"
        type = "mtty-1"
        vanishes = true
        [[parents.devices]]
        uuid = "{uuid(2)}"
        type = "mtty-1"
        """,
    )
    assert host.sysfs.exists(f"bus/mdev/devices/{uuid(1)}/mdev_type")
    assert host.sysfs.listdir("bus/mdev/devices") == [uuid(1), uuid(2)]
    assert errno_of(host.sysfs.readlink, f"bus/mdev/devices/{uuid(1)}/mdev_type") == ENOENT
    assert host.sysfs.listdir("bus/mdev/devices") == [uuid(2)]


@pytest.mark.parametrize("driver", ["nvidia", "mtty"])
def test_a_parent_is_registered_when_its_time_has_come(driver: str, tmp_path: Path) -> None:
    clock = ManualClock()
    host = described(tmp_path, f'era = "5.10"\n[[parents]]\ndriver = "{driver}"\nregistered_after = 30\n', clock)
    assert host.sysfs.exists("bus/pci/devices/0000:3b:00.0") == (driver == "nvidia")
    clock.advance(29.9)
    assert not host.sysfs.exists("class/mdev_bus")
    told = events(host, clock.advance, 0.1)
    assert len(host.sysfs.listdir("class/mdev_bus")) == 1
    assert any("MDEV_STATE=registered" in line for line in told)
    assert driver in host.vendors


def test_a_closed_host_waits_for_nothing_more(tmp_path: Path) -> None:
    clock = ManualClock()
    host = described(tmp_path, '[[parents]]\ndriver = "mtty"\nregistered_after = 1\n', clock)
    host.close()
    clock.advance(2)
    assert not host.sysfs.exists("class/mdev_bus")


def test_closing_a_host_lets_go_on_who_waits_for_time_to_pass(tmp_path: Path) -> None:
    host = spoilt(tmp_path, "5.10", 'at = "mdev_type"\ndelay = 60')
    writer = host.start(lambda: create(host, 1))
    assert writer.is_blocked()
    host.close()
    assert writer.result() == uuid(1)


def test_real_time_passes_too(tmp_path: Path) -> None:
    (tmp_path / "host.toml").write_text(
        'era = "5.10"\n[[parents]]\ndriver = "mtty"\nfaults = [{ at = "mdev_type", delay = 0.01 }]\n'
    )
    host = hosts.load(tmp_path / "host.toml")
    create(host, 1)
    assert host.sysfs.exists(f"bus/mdev/devices/{uuid(1)}/mdev_type")


@pytest.mark.parametrize("era", ["4.13", *NEW])
def test_a_device_in_use_makes_its_removal_wait(era: str, tmp_path: Path) -> None:
    host = described(
        tmp_path,
        f"""
        era = "{era}"
        [[parents]]
        driver = "mtty"
        devices = [{{ uuid = "{uuid(1)}", type = "mtty-1", in_use = true }}]
        """,
    )
    writer = host.start(lambda: remove(host, uuid(1)))
    assert writer.is_blocked()
    host.close()
    writer.result()
    assert host.leftovers() == []


def test_devices_have_their_attributes_from_the_start() -> None:
    host = hosts.load("mainframe", clock=ManualClock())
    assert host.sysfs.read("bus/mdev/devices/c0ffee00-0001-4000-8000-000000000001/matrix") == b"05.0004\n05.00ab\n"
