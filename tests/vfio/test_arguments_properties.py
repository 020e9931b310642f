"""An ioctl with an arbitrary argument succeeds or fails with an errno of the tables (facts 3.2 to 4.4)."""

from __future__ import annotations

from errno import EBADF, EBADFD, EBUSY, EEXIST, EFAULT, EINVAL, EMFILE, ENODEV, ENOENT, ENOTTY
from typing import TypeAlias

from hypothesis import example, given, settings
from hypothesis import strategies as st

from mdevref.kernel.memory import PAGE_SIZE
from mdevref.kernel.process import Process
from mdevref.mdev.eras import ERAS
from mdevref.vfio import uapi
from tests.machines import create, machine, remove
from tests.vfio.vmm import get_device, set_container, set_iommu

#: The errnos with which requests to each kind of file may fail.
ALLOWED = {
    "container": {EBUSY, EEXIST, EFAULT, EINVAL, ENODEV, ENOENT, ENOTTY},
    "group": {EBADF, EBADFD, EBUSY, EFAULT, EINVAL, EMFILE, ENODEV, ENOTTY},
    "device": {EBADF, EFAULT, EINVAL, ENOTTY},
}
#: Boundary values: sizes of structures, counts, pages, limits of integer types.
EDGES = [*range(10), 15, 16, 19, 20, 24, 28, 31, 32, PAGE_SIZE - 1, PAGE_SIZE, 3 * PAGE_SIZE]
EDGES += [edge for bits in (31, 32, 40, 63, 64) for edge in ((1 << bits) - 1, 1 << bits)]
NAME = "00000001-0000-4000-8000-000000000000"

#: The requests to each kind of file, with their structures.
REQUESTS: dict[str, dict[int, type[uapi.Record] | None]] = {
    "container": {
        **dict.fromkeys(uapi.CONTAINER_REQUESTS),
        uapi.IOMMU_GET_INFO: uapi.IommuInfo,
        uapi.IOMMU_MAP_DMA: uapi.DmaMap,
        uapi.IOMMU_UNMAP_DMA: uapi.DmaUnmap,
    },
    "group": {**dict.fromkeys(uapi.GROUP_REQUESTS), uapi.GROUP_GET_STATUS: uapi.GroupStatus},
    "device": {
        **dict.fromkeys(uapi.DEVICE_REQUESTS),
        uapi.DEVICE_GET_INFO: uapi.DeviceInfo,
        uapi.DEVICE_GET_REGION_INFO: uapi.RegionInfo,
        uapi.DEVICE_GET_IRQ_INFO: uapi.IrqInfo,
        uapi.DEVICE_SET_IRQS: uapi.IrqSet,
        uapi.DEVICE_FEATURE: uapi.DeviceFeature,
    },
}

Call: TypeAlias = tuple[str, int, int | bytes]

numbers = st.sampled_from(EDGES) | st.integers(-1, 1 << 64)


@st.composite
def structures(draw: st.DrawFn, record: type[uapi.Record]) -> bytes:
    """Generate the bytes of a structure with arbitrary fields, sometimes truncated or with trailing bytes."""
    size = {name: getattr(record, name).size for name, *_ in record._fields_}
    fields = {name: draw(numbers) & ((1 << 8 * size[name]) - 1) for name in size}
    if draw(st.integers(0, 3)):
        fields["argsz"] = record.minimum + draw(st.sampled_from([0, 1, 4, 8]))
    packed = bytes(record(**fields).pack(draw(st.binary(max_size=16))))
    return packed if draw(st.integers(0, 3)) else packed[: draw(st.integers(0, len(packed)))]


@st.composite
def calls(draw: st.DrawFn) -> Call:
    """Generate calls, mostly of requests that the file supports, and mostly with their structure."""
    kind = draw(st.sampled_from(list(REQUESTS)))
    known = REQUESTS[kind]
    request = draw(st.sampled_from(list(known)) if draw(st.integers(0, 7)) else st.integers(0, 1 << 32))
    record = known.get(request)
    if record is not None and draw(st.integers(0, 3)):
        return kind, request, draw(structures(record))
    return kind, request, draw(numbers | st.binary(max_size=64) | st.just(bytes(uapi.device_name(NAME))))


def outcome(process: Process, file: int, request: int, argument: int | bytes) -> int:
    """Return the errno or 0, and check that the call only changes the argument in place."""
    given = bytearray(argument) if isinstance(argument, bytes) else argument
    try:
        assert process.ioctl(file, request, given) >= 0
    except OSError as error:
        return error.errno or -1
    finally:
        assert isinstance(given, int) or len(given) == len(bytes(argument))
    return 0


#: Cases that random generation rarely finds: changing an address, and unmapping all mappings at once.
RARE: list[Call] = [
    ("container", uapi.IOMMU_MAP_DMA, bytes(uapi.DmaMap(argsz=32, flags=4, size=PAGE_SIZE))),
    ("container", uapi.IOMMU_UNMAP_DMA, bytes(uapi.DmaUnmap(argsz=24, flags=uapi.UnmapFlags.VADDR))),
    ("container", uapi.IOMMU_UNMAP_DMA, bytes(uapi.DmaUnmap(argsz=24, flags=uapi.UnmapFlags.ALL))),
]


@settings(max_examples=500, deadline=None)
@example("4.13", RARE, True, True)
@example("6.1", RARE, True, True)
@given(st.sampled_from(list(ERAS)), st.lists(calls(), max_size=16), st.booleans(), st.booleans())
def test_only_an_errno_of_the_tables_comes_back(era: str, made: list[Call], is_set_up: bool, has_memory: bool) -> None:
    host = machine(era, "mtty")
    create(host, 1)
    process = host.process(open_files=12)
    files = {"container": process.open("vfio/vfio"), "group": process.open("vfio/0")}
    if is_set_up:
        set_container(process, files["group"], files["container"])
        set_iommu(process, files["container"])
        files["device"] = get_device(process, files["group"], NAME)
    process.eventfd()
    if has_memory:
        process.memory.map(4 * PAGE_SIZE, address=PAGE_SIZE)
    for kind, request, argument in made:
        if kind in files:
            error = outcome(process, files[kind], request, argument)
            assert error in ALLOWED[kind] | {0}, f"{kind} {request:#x} {argument!r}"
    process.exit()
    assert remove(host, NAME) == 1
    assert host.leftovers() == []
