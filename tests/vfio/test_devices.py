"""Bound devices in VFIO: groups, device directories, and the vendor's callbacks of an open device."""

from __future__ import annotations

from errno import EINVAL, EIO, ENODEV, ENOMEM
from typing import Any

import pytest

from mdevref.kernel.errors import fail
from mdevref.mdev.eras import ERAS
from mdevref.mdev.objects import MdevDevice
from tests.machines import NEW, OLD, create, errno_of, machine, scripted, uuid
from tests.mdev.stage import Stage

ALL = list(ERAS)
SCRIPTED = "class/mdev_bus/scripted/mdev_supported_types/scripted-plain"


def tree(era: str) -> dict[str, str]:
    """Return the links of a bound device and of its VFIO devices."""
    host = machine(era, "mtty")
    create(host, 1)
    paths = [
        "class/vfio/0",
        "devices/virtual/vfio/0/subsystem",
        f"kernel/iommu_groups/0/devices/{uuid(1)}",
        f"devices/virtual/mtty/mtty/{uuid(1)}/iommu_group",
    ]
    if ERAS[era].has_vfio_devices:
        below = f"devices/virtual/mtty/mtty/{uuid(1)}/vfio-dev/vfio0"
        paths += ["class/vfio-dev/vfio0", f"{below}/device", f"{below}/subsystem"]
    return {path: host.sysfs.readlink(path) for path in paths}


@pytest.mark.parametrize("era", ALL)
def test_links_of_a_bound_device_are_those_recorded(era: str) -> None:
    device = f"devices/virtual/mtty/mtty/{uuid(1)}"
    expected = {
        "class/vfio/0": "../../devices/virtual/vfio/0",
        "devices/virtual/vfio/0/subsystem": "../../../../class/vfio",
        f"kernel/iommu_groups/0/devices/{uuid(1)}": f"../../../../{device}",
        f"{device}/iommu_group": "../../../../../kernel/iommu_groups/0",
    }
    if ERAS[era].has_vfio_devices:
        expected["class/vfio-dev/vfio0"] = f"../../{device}/vfio-dev/vfio0"
        expected[f"{device}/vfio-dev/vfio0/device"] = f"../../../{uuid(1)}"
        expected[f"{device}/vfio-dev/vfio0/subsystem"] = "../../../../../../../class/vfio-dev"
    assert tree(era) == expected


@pytest.mark.parametrize("era", ALL)
def test_a_groups_files_are_those_recorded(era: str) -> None:
    host = machine(era, "mtty")
    create(host, 1)
    group = "kernel/iommu_groups/0"
    named = ["name"] if era in NEW else []
    assert host.sysfs.listdir(group) == ["devices", *named, "reserved_regions", "type"]
    assert host.sysfs.read(f"{group}/type") == b"unknown\n"
    assert host.sysfs.read(f"{group}/reserved_regions") == b""
    assert host.sysfs.lstat(f"{group}/type").mode == (0o644 if era in NEW else 0o444)
    if named:
        assert host.sysfs.read(f"{group}/name") == b"vfio-noiommu\n"
    major = ERAS[era].kernel.first_major
    assert host.sysfs.read("class/vfio/0/dev") == f"{major}:0\n".encode()
    assert host.sysfs.read("class/vfio/0/uevent") == f"MAJOR={major}\nMINOR=0\nDEVNAME=vfio/0\n".encode()


@pytest.mark.parametrize("era", NEW)
def test_a_vfio_devices_number_is_taken_as_long_as_the_device_lives(era: str) -> None:
    host = machine(era, "mtty")
    create(host, 1)
    device = host.open_device(uuid(1))
    remover = host.start(lambda: host.sysfs.write(f"bus/mdev/devices/{uuid(1)}/remove", b"1"))
    assert remover.is_blocked()
    create(host, 2)
    assert host.sysfs.listdir(f"bus/mdev/devices/{uuid(2)}/vfio-dev") == ["vfio1"]
    device.close()
    remover.result()
    create(host, 1)
    assert host.sysfs.listdir(f"bus/mdev/devices/{uuid(1)}/vfio-dev") == ["vfio0"]


# Opening


@pytest.mark.parametrize("era", ALL)
def test_a_device_that_cannot_be_made_leaves_no_group_behind(era: str, monkeypatch: pytest.MonkeyPatch) -> None:
    host = machine(era, "mtty")

    def refuse(*_: object, **__: object) -> None:
        raise fail(ENOMEM)

    monkeypatch.setattr(host.vfio, "device", refuse)
    if host.era.has_bus_driver:
        create(host, 1)  # a failed probe does not affect its result (fact C2)
    else:
        assert errno_of(create, host, 1) == ENOMEM
    assert host.vfio.group_nodes.groups == {}
    assert host.sysfs.listdir("class/vfio") == []
    assert host.sysfs.listdir("kernel/iommu_groups") == []
    monkeypatch.undo()
    create(host, 2)
    assert host.sysfs.listdir("class/vfio") == ["0"]


@pytest.mark.parametrize("era", ALL)
def test_only_a_bound_device_can_be_opened_and_by_its_lower_case_name(era: str) -> None:
    host = machine(era, "mtty")
    name = "abcdef01-0000-4000-8000-000000000000"
    assert errno_of(host.open_device, name) == ENODEV
    host.sysfs.write("class/mdev_bus/mtty/mdev_supported_types/mtty-1/create", name.encode())
    host.open_device(name).close()
    assert errno_of(host.open_device, name.upper()) == ENODEV
    host.sysfs.write(f"bus/mdev/drivers/{'vfio_mdev' if era in OLD else 'mtty'}/unbind", name.encode())
    assert errno_of(host.open_device, name) == ENODEV


@pytest.mark.parametrize("era", ALL)
def test_the_vendor_hears_of_each_file_or_of_the_first_and_last_only(era: str) -> None:
    host = machine(era)
    vendor = scripted(host)
    create(host, 1, SCRIPTED)
    first, second = host.open_device(uuid(1)), host.open_device(uuid(1))
    first.close()
    first.close()
    second.close()
    heard = [callback for callback, _ in vendor.calls()][1:]
    each = ["open", "open", "release", "release"]
    assert heard == (each if ERAS[era].opens_per_file else ["open", "release"])


@pytest.mark.parametrize("era", ALL)
def test_an_open_device_keeps_the_module_of_its_driver(era: str) -> None:
    host = machine(era, "mtty")
    create(host, 1)
    module = "vfio_mdev" if era in OLD else "mtty"
    before = host.sysfs.read(f"module/{module}/refcnt")
    device = host.open_device(uuid(1))
    assert int(host.sysfs.read(f"module/{module}/refcnt")) == int(before) + 1
    device.close()
    assert host.sysfs.read(f"module/{module}/refcnt") == before


@pytest.mark.parametrize("era", OLD)
def test_a_vendor_without_open_cannot_be_opened_and_one_that_refuses_says_why(era: str) -> None:
    def refuse(mdev: MdevDevice) -> None:
        raise OSError(EIO, "no")

    stage = Stage(era)
    stage.register()
    stage.write_create(uuid(1))
    assert errno_of(stage.host.open_device, uuid(1)) == EINVAL
    other = Stage(era)
    other.register(open=refuse)
    other.write_create(uuid(1))
    assert errno_of(other.host.open_device, uuid(1)) == EIO
    for one in (stage, other):
        assert one.sysfs.read("module/vfio_mdev/refcnt") == b"0\n"
        assert one.sysfs.write(f"bus/mdev/devices/{uuid(1)}/remove", b"1") == 1


@pytest.mark.parametrize("era", OLD)
def test_the_vendors_callbacks_get_the_device_the_data_and_the_raw_offset(era: str) -> None:
    calls: list[tuple[Any, ...]] = []
    memory = bytearray(4096)

    def call(name: str, result: Any) -> Any:
        def callback(mdev: MdevDevice, *arguments: Any) -> Any:
            calls.append((name, mdev.name, *arguments))
            return result

        return callback

    stage = Stage(era)
    stage.register(
        open=call("open", None),
        release=call("release", None),
        read=call("read", b"data"),
        write=call("write", 3),
        ioctl=call("ioctl", 0),
        mmap=call("mmap", memory),
    )
    stage.write_create(uuid(1))
    device = stage.host.open_device(uuid(1))
    assert device.read(4, 7 << 40) == b"data"
    assert device.write(b"xyz", 8) == 3
    assert device.ioctl(0x3B6B, 77) == 0
    assert device.mmap(4096, 0).obj is memory
    device.close()
    assert calls.pop(3)[:3] == ("ioctl", uuid(1), 0x3B6B)
    assert calls == [
        ("open", uuid(1)),
        ("read", uuid(1), 4, 7 << 40),
        ("write", uuid(1), b"xyz", 8),
        ("mmap", uuid(1), 4096, 0),
        ("release", uuid(1)),
    ]


@pytest.mark.parametrize("era", OLD)
def test_what_the_vendor_has_not_is_einval_and_a_missing_release_is_nothing(era: str) -> None:
    stage = Stage(era)
    stage.register(open=lambda mdev: None)
    stage.write_create(uuid(1))
    device = stage.host.open_device(uuid(1))
    for operation, arguments in (("read", (1, 0)), ("write", (b"x", 0)), ("ioctl", (1,)), ("mmap", (1, 0))):
        assert errno_of(getattr(device, operation), *arguments) == EINVAL
    device.close()
    assert stage.sysfs.write(f"bus/mdev/devices/{uuid(1)}/remove", b"1") == 1
