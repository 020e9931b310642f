"""The sysfs behaviour of the sample drivers as recorded on real kernels: contents, counts, exhaustion."""

from __future__ import annotations

from errno import EEXIST, EINVAL, ENOMEM, ENOSPC, EUSERS

import pytest

from mdevref.host import Host
from mdevref.mdev.eras import ERAS
from tests.machines import NEW, OLD, create, errno_of, machine, remove, uuid

ALL = list(ERAS)


def directory(type_: str) -> str:
    return f"class/mdev_bus/{type_.partition('-')[0]}/mdev_supported_types/{type_}"


def counts(host: Host, *types: str) -> list[int]:
    return [int(host.sysfs.read(f"{directory(type_)}/available_instances")) for type_ in types]


@pytest.mark.parametrize("era", ALL)
@pytest.mark.parametrize(
    ("type_", "name", "description", "instances"),
    [
        ("mtty-1", "Single port serial", None, 24),
        ("mtty-2", "Dual port serial", None, 12),
        ("mdpy-vga", "mdpy-vga", "virtual display, 640x480 framebuffer", 4),
        ("mdpy-xga", "mdpy-xga", "virtual display, 1024x768 framebuffer", 4),
        ("mdpy-hd", "mdpy-hd", "virtual display, 1920x1080 framebuffer", 4),
        ("mbochs-small", "mbochs-small", "virtual display, 4 MB video memory", 64),
        ("mbochs-medium", "mbochs-medium", "virtual display, 16 MB video memory", 16),
        ("mbochs-large", "mbochs-large", "virtual display, 64 MB video memory", 4),
    ],
)
def test_a_types_files_say_what_was_recorded(
    era: str, type_: str, name: str, description: str | None, instances: int
) -> None:
    host = machine(era, type_.partition("-")[0])
    files = {
        "available_instances": f"{instances}\n",
        "device_api": "vfio-pci\n",
        "name": f"{name}\n",
        **({"description": f"{description}\n"} if description else {}),
    }
    assert host.sysfs.listdir(directory(type_)) == sorted([*files, "create", "devices"])
    for file, content in files.items():
        assert host.sysfs.read(f"{directory(type_)}/{file}") == content.encode()
        assert host.sysfs.lstat(f"{directory(type_)}/{file}").mode == 0o444


@pytest.mark.parametrize("era", ALL)
def test_mttys_parent_has_a_directory_of_its_own_until_5_12(era: str) -> None:
    host = machine(era, "mtty")
    path = "devices/virtual/mtty/mtty/mtty_dev"
    assert host.sysfs.exists(path) == (era in OLD)
    if era in OLD:
        assert host.sysfs.read(f"{path}/sample_mtty_dev") == b"This is phy device\n"


@pytest.mark.parametrize("era", ALL)
@pytest.mark.parametrize(
    ("type_", "attribute", "content"),
    [
        ("mtty-2", "sample_mdev_dev", f"This is MDEV {uuid(1)}\n"),
        ("mdpy-xga", "resolution", "1024x768\n"),
        ("mbochs-large", "memory", "64 MB\n"),
    ],
)
def test_a_device_has_its_vendors_attribute(era: str, type_: str, attribute: str, content: str) -> None:
    host = machine(era, type_.partition("-")[0])
    create(host, 1, directory(type_))
    assert host.sysfs.read(f"bus/mdev/devices/{uuid(1)}/vendor/{attribute}") == content.encode()


@pytest.mark.parametrize("era", ALL)
def test_mttys_types_share_24_ports(era: str) -> None:
    host = machine(era, "mtty")
    for number, (type_, expected) in enumerate([("mtty-2", [22, 11]), ("mtty-1", [21, 10]), ("mtty-1", [20, 10])]):
        create(host, number, directory(type_))
        assert counts(host, "mtty-1", "mtty-2") == expected
    remove(host, uuid(0))
    assert counts(host, "mtty-1", "mtty-2") == [22, 11]


@pytest.mark.parametrize("era", OLD)
def test_until_5_12_mtty_never_refuses_and_counts_below_zero(era: str) -> None:
    host = machine(era, "mtty")
    for number in range(25):
        create(host, number, directory("mtty-1"))
    assert counts(host, "mtty-1", "mtty-2") == [-1, 0]
    create(host, 25, directory("mtty-2"))
    assert counts(host, "mtty-1", "mtty-2") == [-3, -1]


@pytest.mark.parametrize("era", NEW)
def test_from_6_1_on_mtty_refuses_what_its_ports_do_not_cover(era: str) -> None:
    host = machine(era, "mtty")
    for number in range(23):
        create(host, number, directory("mtty-1"))
    assert counts(host, "mtty-1", "mtty-2") == [1, 0]
    assert errno_of(create, host, 23, directory("mtty-2")) == ENOSPC
    create(host, 23, directory("mtty-1"))
    assert errno_of(create, host, 24, directory("mtty-1")) == ENOSPC
    assert counts(host, "mtty-1", "mtty-2") == [0, 0]


@pytest.mark.parametrize("era", ALL)
@pytest.mark.parametrize("count", [None, 2])
def test_mdpys_types_share_a_number_of_devices_that_a_parameter_sets(era: str, count: int | None) -> None:
    host = machine(era)
    host.load("mdpy", **({} if count is None else {"count": str(count)}))
    limit = count or 4
    assert host.sysfs.read("module/mdpy/parameters/count") == f"{limit}\n".encode()
    for number in range(limit):
        create(host, number, directory(["mdpy-vga", "mdpy-hd"][number % 2]))
    assert counts(host, "mdpy-vga", "mdpy-xga", "mdpy-hd") == [0, 0, 0]
    assert errno_of(create, host, 9, directory("mdpy-xga")) == (ENOMEM if era in OLD else EUSERS)
    remove(host, uuid(0))
    create(host, 9, directory("mdpy-xga"))


@pytest.mark.parametrize("era", ALL)
def test_mbochss_types_share_256_megabytes(era: str) -> None:
    host = machine(era, "mbochs")
    types = ("mbochs-small", "mbochs-medium", "mbochs-large")
    create(host, 1, directory("mbochs-large"))
    assert counts(host, *types) == [48, 12, 3]
    create(host, 2, directory("mbochs-small"))
    assert counts(host, *types) == [47, 11, 2]
    for number in (3, 4):
        create(host, number, directory("mbochs-large"))
    assert errno_of(create, host, 5, directory("mbochs-large")) == (ENOMEM if era in OLD else ENOSPC)
    assert counts(host, *types) == [15, 3, 0]


@pytest.mark.parametrize("vendor", ["mdpy", "mbochs"])
def test_a_parameter_that_is_no_number_is_einval(vendor: str) -> None:
    assert errno_of(machine("4.13").load, vendor, count="many") == EINVAL


@pytest.mark.parametrize("era", ALL)
@pytest.mark.parametrize("vendor", ["mtty", "mdpy", "mbochs", "scripted"])
def test_a_driver_that_cannot_load_leaves_nothing(era: str, vendor: str) -> None:
    host = machine(era)
    host.kernel.tree.add_directory(host.kernel.class_directory, vendor)
    seen = [host.sysfs.listdir(path) for path in ("module", "bus/mdev/drivers", "devices/virtual")]
    majors = host.kernel.majors.take()
    host.kernel.majors.give_back(majors)
    assert errno_of(host.load, vendor) == EEXIST
    assert [host.sysfs.listdir(path) for path in ("module", "bus/mdev/drivers", "devices/virtual")] == seen
    assert host.kernel.majors.take() == majors


@pytest.mark.parametrize("era", ALL)
@pytest.mark.parametrize("vendor", ["mtty", "mdpy", "mbochs"])
def test_loading_and_unloading_again_starts_afresh(era: str, vendor: str) -> None:
    host = machine(era, vendor)
    type_ = {"mtty": "mtty-2", "mdpy": "mdpy-hd", "mbochs": "mbochs-large"}[vendor]
    before = counts(host, type_)
    create(host, 1, directory(type_))
    assert errno_of(host.load, vendor) == EEXIST
    host.unload(vendor)
    assert host.sysfs.listdir("bus/mdev/devices") == []
    assert not host.sysfs.exists(f"devices/virtual/{vendor}")
    host.load(vendor)
    assert counts(host, type_) == before
