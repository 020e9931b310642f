"""The shapes of published vendors' drivers: types, counts, attributes, refusals and places, in each era (facts 6)."""

from __future__ import annotations

from errno import EADDRINUSE, EADDRNOTAVAIL, EBUSY, EINVAL, ENODEV, ENOSPC, EPERM, EUSERS

import pytest

from mdevref.host import Host
from mdevref.kernel.files import Files
from mdevref.mdev.eras import ERAS
from tests.machines import NEW, OLD, create, errno_of, events, machine, remove, uuid

ALL = list(ERAS)
GPU = "devices/pci0000:00/0000:00:02.0"
PARENTS = {
    "i915": GPU,
    "nvidia": "devices/pci0000:3b/0000:3b:00.0",
    "vfio_ccw": "devices/css0/0.0.0313",
    "vfio_ap": "devices/vfio_ap/matrix",
}


def loaded(era: str, vendor: str, **options: str) -> Host:
    host = machine(era)
    host.load(vendor, **options)
    return host


def types_of(host: Host, parent: str) -> list[str]:
    return host.sysfs.listdir(f"class/mdev_bus/{parent}/mdev_supported_types")


def type_of(parent: str, name: str) -> str:
    return f"class/mdev_bus/{parent}/mdev_supported_types/{name}"


def counts(host: Host, parent: str) -> list[int]:
    return [
        int(host.sysfs.read(f"{type_of(parent, name)}/available_instances")) for name in sorted(types_of(host, parent))
    ]


def attribute(name: str, number: int = 1) -> str:
    return f"bus/mdev/devices/{uuid(number)}/{name}"


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


# i915


@pytest.mark.parametrize("era", ALL)
def test_i915s_types_share_memory_and_fences(era: str) -> None:
    host = loaded(era, "i915", aperture="512")
    address = "0000:00:02.0"
    assert sorted(types_of(host, address)) == ["i915-GVTg_V5_2", "i915-GVTg_V5_4", "i915-GVTg_V5_8"]
    assert counts(host, address) == [1, 3, 6]
    create(host, 1, type_of(address, "i915-GVTg_V5_4"))
    assert counts(host, address) == [1, 2, 4]
    create(host, 2, type_of(address, "i915-GVTg_V5_2"))
    assert counts(host, address) == [0, 0, 0]
    assert errno_of(create, host, 3, type_of(address, "i915-GVTg_V5_8")) == ENOSPC
    assert host.sysfs.read(attribute("intel_vgpu/vgpu_id", 2)) == b"2\n"


def test_i915s_names_tell_the_generation() -> None:
    assert sorted(types_of(loaded("4.13", "i915", generation="8"), "0000:00:02.0")) == [
        "i915-GVTg_V4_4",
        "i915-GVTg_V4_8",
    ]
    assert errno_of(machine("4.13").load, "i915", generation="12") == EINVAL


def test_low_memory_high_memory_and_fences_can_each_be_what_is_short() -> None:
    host = loaded("5.10", "i915", aperture="1024")
    assert counts(host, "0000:00:02.0") == [1, 2, 5, 7]
    for number in range(7):
        create(host, number, type_of("0000:00:02.0", "i915-GVTg_V5_8"))
    assert errno_of(create, host, 7, type_of("0000:00:02.0", "i915-GVTg_V5_8")) == ENOSPC


def test_i915_refuses_to_remove_what_is_open_where_a_vendor_may() -> None:
    host = loaded("4.13", "i915")
    create(host, 1, type_of("0000:00:02.0", "i915-GVTg_V5_4"))
    device = host.open_device(uuid(1))
    assert errno_of(remove, host, uuid(1)) == EBUSY
    device.close()
    remove(host, uuid(1))
    assert counts(host, "0000:00:02.0") == [1, 2]


# nvidia


@pytest.mark.parametrize("era", ALL)
def test_one_type_of_nvidia_zeroes_the_others_of_that_gpu(era: str) -> None:
    host = loaded(era, "nvidia", addresses="0000:3b:00.0 0000:af:00.0")
    fresh = counts(host, "0000:3b:00.0")
    assert fresh == [16, 8, 4, 2, 1]
    create(host, 1, type_of("0000:3b:00.0", "nvidia-18"))
    assert counts(host, "0000:3b:00.0") == [0, 0, 3, 0, 0]
    assert counts(host, "0000:af:00.0") == fresh
    assert errno_of(create, host, 2, type_of("0000:3b:00.0", "nvidia-22")) == EINVAL
    create(host, 2, type_of("0000:af:00.0", "nvidia-22"))
    assert counts(host, "0000:af:00.0") == [0, 0, 0, 0, 0]
    assert errno_of(create, host, 3, type_of("0000:af:00.0", "nvidia-22")) == EINVAL
    remove(host, uuid(1))
    assert counts(host, "0000:3b:00.0") == fresh


def test_nvidias_parameters_are_kept() -> None:
    host = loaded("5.10", "nvidia")
    create(host, 1, type_of("0000:3b:00.0", "nvidia-18"))
    assert host.sysfs.read(attribute("nvidia/vgpu_params")) == b"\n"
    host.sysfs.write(attribute("nvidia/vgpu_params"), b"frame_rate_limiter=0\n")
    assert host.sysfs.read(attribute("nvidia/vgpu_params")) == b"frame_rate_limiter=0\n"


# vfio_ccw


@pytest.mark.parametrize("era", ALL)
def test_a_subchannel_has_one_device(era: str) -> None:
    host = loaded(era, "vfio_ccw")
    type_ = type_of("0.0.0313", "vfio_ccw-io")
    create(host, 1, type_)
    assert counts(host, "0.0.0313") == [0]
    assert errno_of(create, host, 2, type_) == (EPERM if era in OLD else EUSERS)
    remove(host, uuid(1))
    create(host, 2, type_)


@pytest.mark.parametrize("era", ALL)
def test_a_broken_subchannel_has_none(era: str) -> None:
    host = loaded(era, "vfio_ccw", addresses="0.0.0313 0.0.0314", broken="0.0.0314")
    assert errno_of(create, host, 1, type_of("0.0.0314", "vfio_ccw-io")) == ENODEV
    assert counts(host, "0.0.0314") == [1]
    create(host, 1, type_of("0.0.0313", "vfio_ccw-io"))


# vfio_ap

AP = type_of("matrix", "vfio_ap-passthrough")


@pytest.mark.parametrize("era", ALL)
def test_crypto_devices_are_counted(era: str) -> None:
    host = loaded(era, "vfio_ap", instances="2")
    create(host, 1, AP)
    create(host, 2, AP)
    assert counts(host, "matrix") == [0]
    assert errno_of(create, host, 3, AP) == (EPERM if era in OLD else EUSERS)


@pytest.mark.parametrize("era", ALL)
def test_queues_are_where_adapters_and_domains_cross(era: str) -> None:
    host = loaded(era, "vfio_ap")
    create(host, 1, AP)
    seen = []
    for name, value in [
        ("assign_adapter", b"7"),
        ("assign_domain", b"0x3\n"),
        ("assign_domain", b"171"),
        ("assign_control_domain", b"3"),
        ("unassign_domain", b"3"),
        ("unassign_adapter", b"7"),
    ]:
        host.sysfs.write(attribute(name), value)
        seen.append(host.sysfs.read(attribute("matrix")))
    assert seen == [b"07.\n", b"07.0003\n", b"07.0003\n07.00ab\n", b"07.0003\n07.00ab\n", b"07.00ab\n", b".00ab\n"]
    assert host.sysfs.read(attribute("control_domains")) == b"0003\n"
    assert host.sysfs.lstat(attribute("assign_adapter")).mode == 0o200


@pytest.mark.parametrize("era", ALL)
def test_a_queue_is_in_one_device_only(era: str) -> None:
    host = loaded(era, "vfio_ap")
    for number in (1, 2):
        create(host, number, AP)
        host.sysfs.write(attribute("assign_adapter", number), b"7")
    host.sysfs.write(attribute("assign_domain", 1), b"3")
    assert errno_of(host.sysfs.write, attribute("assign_domain", 2), b"3") == EADDRINUSE
    assert host.sysfs.read(attribute("matrix", 2)) == b"07.\n"
    host.sysfs.write(attribute("assign_control_domain", 2), b"3")
    host.sysfs.write(attribute("assign_domain", 2), b"4")
    remove(host, uuid(1))
    host.sysfs.write(attribute("assign_domain", 2), b"3")


def test_only_queues_of_the_driver_can_be_assigned() -> None:
    host = loaded("5.10", "vfio_ap", queues="07.0003 08.0004")
    create(host, 1, AP)
    for name, value, errno in [
        ("assign_adapter", b"9", EADDRNOTAVAIL),
        ("assign_domain", b"7", EADDRNOTAVAIL),
        ("assign_adapter", b"256", ENODEV),
        ("assign_adapter", b"seven", EINVAL),
    ]:
        assert errno_of(host.sysfs.write, attribute(name), value) == errno
    host.sysfs.write(attribute("assign_adapter"), b"7")
    assert errno_of(host.sysfs.write, attribute("assign_domain"), b"4") == EADDRNOTAVAIL
    host.sysfs.write(attribute("assign_domain"), b"3")


@pytest.mark.parametrize("era", ALL)
def test_a_guests_queues_stay_as_they_are_until_5_12(era: str) -> None:
    host = loaded(era, "vfio_ap")
    create(host, 1, AP)
    device = host.open_device(uuid(1))
    if era in OLD:
        assert errno_of(host.sysfs.write, attribute("assign_adapter"), b"7") == EBUSY
    else:
        host.sysfs.write(attribute("assign_adapter"), b"7")
    if era == "4.13":
        assert errno_of(remove, host, uuid(1)) == EBUSY
    device.close()
    remove(host, uuid(1))


def test_nobody_but_root_may_change_a_matrix() -> None:
    host = loaded("5.10", "vfio_ap")
    create(host, 1, AP)
    assert isinstance(host.sysfs_as(1000), Files)
    with pytest.raises(PermissionError):
        host.sysfs_as(1000).write(attribute("assign_adapter"), b"7")
