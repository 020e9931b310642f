"""The behaviour that all vendor driver models share, in each era (facts 6)."""

from __future__ import annotations

from errno import EINVAL

import pytest

from mdevref.mdev.eras import ERAS
from tests.drivers.shapes import GPU, counts, loaded, type_of, types_of
from tests.machines import NEW, create, errno_of, events, machine, remove, uuid

ALL = list(ERAS)
PARENTS = {
    "i915": GPU,
    "nvidia": "devices/pci0000:3b/0000:3b:00.0",
    "vfio_ccw": "devices/css0/0.0.0313",
    "vfio_ap": "devices/vfio_ap/matrix",
}


@pytest.mark.parametrize("era", ALL)
@pytest.mark.parametrize(("vendor", "place"), PARENTS.items())
def test_a_parent_stands_at_its_address(era: str, vendor: str, place: str) -> None:
    host = loaded(era, vendor)
    address = place.rpartition("/")[2]
    assert host.sysfs.readlink(f"class/mdev_bus/{address}") == f"../../{place}"
    assert host.sysfs.readlink(f"{place}/driver").endswith(f"/drivers/{vendor}")
    assert host.sysfs.readlink(f"{place}/subsystem").startswith("../../../bus/")
    assert f"DRIVER={vendor}\n" in host.sysfs.read(f"{place}/uevent").decode()
    assert all(name.startswith(f"{vendor}-") for name in types_of(host, address))


@pytest.mark.parametrize("era", ALL)
@pytest.mark.parametrize(
    ("vendor", "type_", "api", "name", "description", "instances"),
    [
        (
            "i915",
            "i915-GVTg_V5_4",
            "vfio-pci",
            None,
            "low_gm_size: 128MB\nhigh_gm_size: 512MB\nfence: 4\nresolution: 1920x1200\nweight: 4\n",
            1,
        ),
        (
            "nvidia",
            "nvidia-18",
            "vfio-pci",
            "GRID M60-2Q",
            "num_heads=4, frl_config=60, framebuffer=2048M, max_resolution=5120x2880, max_instance=4\n",
            4,
        ),
        ("vfio_ccw", "vfio_ccw-io", "vfio-ccw", "I/O subchannel (Non-QDIO)", None, 1),
        ("vfio_ap", "vfio_ap-passthrough", "vfio-ap", "VFIO AP Passthrough Device", None, 65536),
    ],
)
def test_a_types_files(
    era: str, vendor: str, type_: str, api: str, name: str | None, description: str | None, instances: int
) -> None:
    host = loaded(era, vendor)
    if name is None and era in NEW:
        name = type_.partition("-")[2]
    files = {"available_instances": f"{instances}\n", "device_api": f"{api}\n"}
    files |= {"name": f"{name}\n"} if name else {}
    files |= {"description": description} if description else {}
    directory = type_of(PARENTS[vendor].rpartition("/")[2], type_)
    assert host.sysfs.listdir(directory) == sorted([*files, "create", "devices"])
    assert {file: host.sysfs.read(f"{directory}/{file}").decode() for file in files} == files


@pytest.mark.parametrize("era", ALL)
@pytest.mark.parametrize("vendor", PARENTS)
def test_coming_and_going_leaves_the_hardware_and_nothing_else(era: str, vendor: str) -> None:
    host = loaded(era, vendor)
    place = PARENTS[vendor]
    parent = place.rpartition("/")[2]
    before = counts(host, parent)
    type_ = type_of(parent, types_of(host, parent)[0])
    create(host, 1, type_)
    assert host.sysfs.readlink(f"bus/mdev/devices/{uuid(1)}") == f"../../../{place}/{uuid(1)}"
    remove(host, uuid(1))
    assert counts(host, parent) == before
    create(host, 1, type_)
    host.unload(vendor)
    assert host.leftovers() == []
    assert not host.sysfs.exists(f"class/mdev_bus/{parent}")
    assert host.sysfs.exists(place)
    assert not host.sysfs.exists(f"{place}/driver")
    host.load(vendor)
    assert counts(host, parent) == before


@pytest.mark.parametrize("vendor", PARENTS)
def test_the_parent_goes_when_the_device_is_unbound_from_its_driver(vendor: str) -> None:
    host = loaded("5.10", vendor)
    place = PARENTS[vendor]
    parent = place.rpartition("/")[2]
    create(host, 1, type_of(parent, types_of(host, parent)[0]))
    told = events(host, host.sysfs.write, f"{place}/driver/unbind", parent.encode())
    assert host.sysfs.listdir("bus/mdev/devices") == []
    assert not host.sysfs.exists(f"{place}/mdev_supported_types")
    assert any(line.startswith(f"change@/{place} MDEV_STATE=unregistered DRIVER={vendor}") for line in told)


@pytest.mark.parametrize("vendor", PARENTS)
def test_several_addresses_are_several_parents(vendor: str) -> None:
    first, second = {
        "i915": ("0000:00:02.0", "0000:03:00.0"),
        "nvidia": ("0000:3b:00.0", "0000:af:00.0"),
        "vfio_ccw": ("0.0.0313", "0.0.0314"),
        "vfio_ap": ("matrix", "matrix"),
    }[vendor]
    host = loaded("5.10", vendor, addresses=f"{first} {second}")
    assert host.sysfs.listdir("class/mdev_bus") == sorted({first, second})
    before = counts(host, second)
    create(host, 1, type_of(first, types_of(host, first)[0]))
    assert (counts(host, second) == before) == (first != second)


@pytest.mark.parametrize("vendor", PARENTS)
def test_an_address_or_option_that_cannot_be_is_einval(vendor: str) -> None:
    assert errno_of(machine("5.10").load, vendor, addresses="over there") == EINVAL
    wrong = {"i915": "aperture", "vfio_ccw": "broken", "vfio_ap": "queues"}.get(vendor)
    if wrong:
        assert errno_of(machine("5.10").load, vendor, **{wrong: "many"}) == EINVAL


def test_a_vendors_root_directory_tells_nobody_of_itself() -> None:
    host = machine("5.10")
    told = events(host, host.load, "i915")
    assert f"add@/{GPU} PCI_CLASS=30000 PCI_ID=8086:5916" in " ".join(told)
    assert not any("@/devices/pci0000:00 " in f"{line} " for line in told)
