"""Compares numbers, sizes and offsets of the interface with the facts (3.3)."""

from __future__ import annotations

import ctypes
import struct

import pytest

from mdevref.vfio import uapi

REQUESTS = {
    "GET_API_VERSION": 0x3B64,
    "CHECK_EXTENSION": 0x3B65,
    "SET_IOMMU": 0x3B66,
    "GROUP_GET_STATUS": 0x3B67,
    "GROUP_SET_CONTAINER": 0x3B68,
    "GROUP_UNSET_CONTAINER": 0x3B69,
    "GROUP_GET_DEVICE_FD": 0x3B6A,
    "DEVICE_GET_INFO": 0x3B6B,
    "DEVICE_GET_REGION_INFO": 0x3B6C,
    "DEVICE_GET_IRQ_INFO": 0x3B6D,
    "DEVICE_SET_IRQS": 0x3B6E,
    "DEVICE_RESET": 0x3B6F,
    "IOMMU_GET_INFO": 0x3B70,
    "IOMMU_MAP_DMA": 0x3B71,
    "IOMMU_UNMAP_DMA": 0x3B72,
    "DEVICE_QUERY_GFX_PLANE": 0x3B72,
    "DEVICE_FEATURE": 0x3B75,
    "DEVICE_BIND_IOMMUFD": 0x3B76,
    "DEVICE_ATTACH_IOMMUFD_PT": 0x3B77,
    "DEVICE_DETACH_IOMMUFD_PT": 0x3B78,
    "IOMMU_IOAS_ALLOC": 0x3B81,
}

#: structure -> minimum argsz, size, the fields with their offsets, and the layout as a format of the struct module
LAYOUTS: dict[type[uapi.Record], tuple[int, int, dict[str, int], str]] = {
    uapi.GroupStatus: (8, 8, {"argsz": 0, "flags": 4}, "=II"),
    uapi.DeviceInfo: (
        16,
        24,
        {"argsz": 0, "flags": 4, "num_regions": 8, "num_irqs": 12, "cap_offset": 16, "pad": 20},
        "=IIIIII",
    ),
    uapi.RegionInfo: (
        32,
        32,
        {"argsz": 0, "flags": 4, "index": 8, "cap_offset": 12, "size": 16, "offset": 24},
        "=IIIIQQ",
    ),
    uapi.IrqInfo: (16, 16, {"argsz": 0, "flags": 4, "index": 8, "count": 12}, "=IIII"),
    uapi.IrqSet: (20, 20, {"argsz": 0, "flags": 4, "index": 8, "start": 12, "count": 16}, "=IIIII"),
    uapi.IommuInfo: (
        16,
        24,
        {"argsz": 0, "flags": 4, "iova_pgsizes": 8, "cap_offset": 16, "pad": 20},
        "=IIQII",
    ),
    uapi.DmaMap: (32, 32, {"argsz": 0, "flags": 4, "vaddr": 8, "iova": 16, "size": 24}, "=IIQQQ"),
    uapi.DmaUnmap: (24, 24, {"argsz": 0, "flags": 4, "iova": 8, "size": 16}, "=IIQQ"),
    uapi.DeviceFeature: (8, 8, {"argsz": 0, "flags": 4}, "=II"),
    uapi.BindIommufd: (16, 16, {"argsz": 0, "flags": 4, "iommufd": 8, "out_devid": 12}, "=IIiI"),
    uapi.AttachIommufdPt: (12, 12, {"argsz": 0, "flags": 4, "pt_id": 8}, "=III"),
    uapi.DetachIommufdPt: (8, 8, {"argsz": 0, "flags": 4}, "=II"),
    uapi.IoasAlloc: (12, 12, {"size": 0, "flags": 4, "out_ioas_id": 8}, "=III"),
}

FLAGS: dict[type[int], dict[str, int]] = {
    uapi.GroupFlags: {"VIABLE": 1, "CONTAINER_SET": 2},
    uapi.DeviceFlags: {
        "RESET": 1,
        "PCI": 2,
        "PLATFORM": 4,
        "AMBA": 8,
        "CCW": 16,
        "AP": 32,
        "FSL_MC": 64,
        "CAPS": 128,
    },
    uapi.RegionFlags: {"READ": 1, "WRITE": 2, "MMAP": 4, "CAPS": 8},
    uapi.IrqFlags: {"EVENTFD": 1, "MASKABLE": 2, "AUTOMASKED": 4, "NORESIZE": 8},
    uapi.IrqSetFlags: {
        "DATA_NONE": 1,
        "DATA_BOOL": 2,
        "DATA_EVENTFD": 4,
        "ACTION_MASK": 8,
        "ACTION_UNMASK": 16,
        "ACTION_TRIGGER": 32,
    },
    uapi.MapFlags: {"READ": 1, "WRITE": 2},
    uapi.PciRegion: {"BAR0": 0, "BAR5": 5, "ROM": 6, "CONFIG": 7, "VGA": 8},
    uapi.PciIrq: {"INTX": 0, "MSI": 1, "MSIX": 2, "ERR": 3, "REQ": 4},
    uapi.Extension: {"TYPE1": 1, "TYPE1V2": 3, "TYPE1_NESTING": 6, "NOIOMMU": 8},
    uapi.CcwRegion: {"CONFIG": 0},
    uapi.CcwIrq: {"IO": 0, "CRW": 1},
}


@pytest.mark.parametrize(("name", "number"), REQUESTS.items())
def test_a_request_has_the_number_that_the_facts_state(name: str, number: int) -> None:
    assert getattr(uapi, name) == number


def test_a_request_is_told_by_its_name() -> None:
    told = {**uapi.CONTAINER_REQUESTS, **uapi.GROUP_REQUESTS}
    told |= {number: name for number, name in uapi.DEVICE_REQUESTS.items() if number not in told}
    for number, name in told.items():
        assert getattr(uapi, name.removeprefix("VFIO_")) == number


@pytest.mark.parametrize("record", LAYOUTS)
def test_a_structure_has_the_size_and_offsets_that_the_facts_state(record: type[uapi.Record]) -> None:
    minimum, size, offsets, _ = LAYOUTS[record]
    assert (record.minimum, record.full, ctypes.sizeof(record)) == (minimum, size, size)
    assert {name: getattr(record, name).offset for name, *_ in record._fields_} == offsets


@pytest.mark.parametrize("record", LAYOUTS)
def test_a_structure_survives_packing(record: type[uapi.Record]) -> None:
    _, size, offsets, layout = LAYOUTS[record]
    values = {name: 0x01020304 + offset for name, offset in offsets.items()}
    packed = record(**values).pack()
    assert packed == struct.pack(layout, *values.values())
    again = record.read(packed)
    assert {name: getattr(again, name) for name in offsets} == values
    assert record(**values).pack(b"tail") == packed + b"tail"
    short = record.read(packed[: size - 4])
    assert bytes(short) == packed[: size - 4] + bytes(4)


@pytest.mark.parametrize("flags", FLAGS, ids=lambda flags: flags.__name__)
def test_flags_and_indexes_are_those_that_the_facts_state(flags: type[int]) -> None:
    assert {name: int(getattr(flags, name)) for name in FLAGS[flags]} == FLAGS[flags]


def test_a_pci_device_has_nine_regions_and_five_interrupts() -> None:
    assert (uapi.PCI_REGIONS, uapi.PCI_IRQS) == (9, 5)


def test_the_argument_of_set_irqs_counts_its_payload() -> None:
    flags = uapi.IrqSetFlags.DATA_EVENTFD | uapi.IrqSetFlags.ACTION_TRIGGER
    assert uapi.irq_set(1, flags, start=2, eventfds=[7, -1]) == struct.pack("=IIIIIii", 28, 0x24, 1, 2, 2, 7, -1)
    assert uapi.irq_set(0, 0x22, bools=b"\1\0") == struct.pack("=IIIII", 22, 0x22, 0, 0, 2) + b"\1\0"
    assert uapi.irq_set(0, 0x21, count=1) == struct.pack("=IIIII", 20, 0x21, 0, 0, 1)
    assert repr(uapi.IrqSet(argsz=20)) == "IrqSet(argsz=0x14, flags=0x0, index=0x0, start=0x0, count=0x0)"


def test_arguments_of_groups() -> None:
    assert uapi.container_fd(-1) == b"\xff\xff\xff\xff"
    assert uapi.device_name("83b8") == b"83b8\0"
