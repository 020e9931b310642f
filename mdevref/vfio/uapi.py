"""The numbers and structures of <linux/vfio.h> that mediated devices need. They also work with a real /dev/vfio.

The sources are facts 3.3 and, for device nodes and iommufd, the recording of 7.3 with ``VFIO_DEVICE_CDEV``. Structures
are :mod:`ctypes` structures in native byte order:

>>> info = RegionInfo(argsz=RegionInfo.minimum, index=PciRegion.CONFIG)
>>> argument = info.pack()              # for fcntl.ioctl, which changes it in place
>>> RegionInfo.read(argument).index
7
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Iterable, Mapping
from enum import IntEnum, IntFlag
from functools import partial
from typing import ClassVar, Final, Self, TypeAlias, TypeVar

API_VERSION: Final = 0

_FIRST = ord(";") << 8 | 100  # these numbers encode neither size nor direction

# On a container, /dev/vfio/vfio
GET_API_VERSION: Final = _FIRST + 0
CHECK_EXTENSION: Final = _FIRST + 1  #: argument: an :class:`Extension`, as a value
SET_IOMMU: Final = _FIRST + 2  #: argument: an :class:`Extension` that is a type of IOMMU, as a value
IOMMU_GET_INFO: Final = _FIRST + 12
IOMMU_MAP_DMA: Final = _FIRST + 13
IOMMU_UNMAP_DMA: Final = _FIRST + 14

# On a group, /dev/vfio/N
GROUP_GET_STATUS: Final = _FIRST + 3
GROUP_SET_CONTAINER: Final = _FIRST + 4  #: argument: pointer to an s32, the container's file descriptor
GROUP_UNSET_CONTAINER: Final = _FIRST + 5
GROUP_GET_DEVICE_FD: Final = _FIRST + 6  #: argument: pointer to the device's name, ended by NUL

# On a device
DEVICE_GET_INFO: Final = _FIRST + 7
DEVICE_GET_REGION_INFO: Final = _FIRST + 8
DEVICE_GET_IRQ_INFO: Final = _FIRST + 9
DEVICE_SET_IRQS: Final = _FIRST + 10
DEVICE_RESET: Final = _FIRST + 11
DEVICE_QUERY_GFX_PLANE: Final = _FIRST + 14
DEVICE_FEATURE: Final = _FIRST + 17

# On a device's own node, /dev/vfio/devices/vfioN (6.6 and later, where configured)
DEVICE_BIND_IOMMUFD: Final = _FIRST + 18
DEVICE_ATTACH_IOMMUFD_PT: Final = _FIRST + 19
DEVICE_DETACH_IOMMUFD_PT: Final = _FIRST + 20

# On /dev/iommu
IOMMU_IOAS_ALLOC: Final = _FIRST + 29

#: The names of requests by number, for reports. The meaning of a number depends on the kind of file.
CONTAINER_REQUESTS: Final[Mapping[int, str]] = {
    GET_API_VERSION: "VFIO_GET_API_VERSION",
    CHECK_EXTENSION: "VFIO_CHECK_EXTENSION",
    SET_IOMMU: "VFIO_SET_IOMMU",
    IOMMU_GET_INFO: "VFIO_IOMMU_GET_INFO",
    IOMMU_MAP_DMA: "VFIO_IOMMU_MAP_DMA",
    IOMMU_UNMAP_DMA: "VFIO_IOMMU_UNMAP_DMA",
}
GROUP_REQUESTS: Final[Mapping[int, str]] = {
    GROUP_GET_STATUS: "VFIO_GROUP_GET_STATUS",
    GROUP_SET_CONTAINER: "VFIO_GROUP_SET_CONTAINER",
    GROUP_UNSET_CONTAINER: "VFIO_GROUP_UNSET_CONTAINER",
    GROUP_GET_DEVICE_FD: "VFIO_GROUP_GET_DEVICE_FD",
}
DEVICE_REQUESTS: Final[Mapping[int, str]] = {
    DEVICE_GET_INFO: "VFIO_DEVICE_GET_INFO",
    DEVICE_GET_REGION_INFO: "VFIO_DEVICE_GET_REGION_INFO",
    DEVICE_GET_IRQ_INFO: "VFIO_DEVICE_GET_IRQ_INFO",
    DEVICE_SET_IRQS: "VFIO_DEVICE_SET_IRQS",
    DEVICE_RESET: "VFIO_DEVICE_RESET",
    DEVICE_QUERY_GFX_PLANE: "VFIO_DEVICE_QUERY_GFX_PLANE",
    DEVICE_FEATURE: "VFIO_DEVICE_FEATURE",
    DEVICE_BIND_IOMMUFD: "VFIO_DEVICE_BIND_IOMMUFD",
    DEVICE_ATTACH_IOMMUFD_PT: "VFIO_DEVICE_ATTACH_IOMMUFD_PT",
    DEVICE_DETACH_IOMMUFD_PT: "VFIO_DEVICE_DETACH_IOMMUFD_PT",
}


class Extension(IntEnum):
    """The extensions for CHECK_EXTENSION. Those that are IOMMU types are also arguments of SET_IOMMU."""

    TYPE1 = 1
    SPAPR = 2
    TYPE1V2 = 3
    DMA_CC = 4
    EEH = 5
    TYPE1_NESTING = 6
    SPAPR_V2 = 7
    NOIOMMU = 8
    UNMAP_ALL = 9
    UPDATE_VADDR = 10


class GroupFlags(IntFlag):
    """``group_status.flags``"""

    VIABLE = 1
    CONTAINER_SET = 2


class DeviceFlags(IntFlag):
    """``device_info.flags``; AP and the flags after it are later than the document."""

    RESET = 1
    PCI = 2
    PLATFORM = 4
    AMBA = 8
    CCW = 16
    AP = 32
    FSL_MC = 64
    CAPS = 128


class RegionFlags(IntFlag):
    """``region_info.flags``"""

    READ = 1
    WRITE = 2
    MMAP = 4
    CAPS = 8


class IrqFlags(IntFlag):
    """``irq_info.flags``"""

    EVENTFD = 1
    MASKABLE = 2
    AUTOMASKED = 4
    NORESIZE = 8


class IrqSetFlags(IntFlag):
    """``irq_set.flags``: the data type of the payload and the action."""

    DATA_NONE = 1
    DATA_BOOL = 2
    DATA_EVENTFD = 4
    ACTION_MASK = 8
    ACTION_UNMASK = 16
    ACTION_TRIGGER = 32


DATA_TYPES: Final = IrqSetFlags.DATA_NONE | IrqSetFlags.DATA_BOOL | IrqSetFlags.DATA_EVENTFD
ACTIONS: Final = IrqSetFlags.ACTION_MASK | IrqSetFlags.ACTION_UNMASK | IrqSetFlags.ACTION_TRIGGER

#: Size in bytes of one interrupt in the payload of SET_IRQS, by data type.
DATA_SIZES: Final[Mapping[int, int]] = {
    IrqSetFlags.DATA_NONE: 0,
    IrqSetFlags.DATA_BOOL: 1,
    IrqSetFlags.DATA_EVENTFD: 4,
}


class MapFlags(IntFlag):
    """``dma_map.flags``: the accesses allowed to the device. Pinning uses the same bits for ``prot``."""

    READ = 1
    WRITE = 2


class UnmapFlags(IntFlag):
    """``dma_unmap.flags``, all later than the document."""

    GET_DIRTY_BITMAP = 1
    ALL = 2
    VADDR = 4


class IommuFlags(IntFlag):
    """``iommu_info.flags``"""

    PGSIZES = 1
    CAPS = 2


class FeatureFlags(IntFlag):
    """``device_feature.flags`` above the 16 bits of the feature's number."""

    GET = 1 << 16
    SET = 1 << 17
    PROBE = 1 << 18


FEATURE_MIGRATION: Final = 1


class PciRegion(IntEnum):
    """Indexes of a vfio-pci device's regions."""

    BAR0 = 0
    BAR1 = 1
    BAR2 = 2
    BAR3 = 3
    BAR4 = 4
    BAR5 = 5
    ROM = 6
    CONFIG = 7
    VGA = 8


PCI_REGIONS: Final = len(PciRegion)


class PciIrq(IntEnum):
    """Indexes of a vfio-pci device's interrupts."""

    INTX = 0
    MSI = 1
    MSIX = 2
    ERR = 3
    REQ = 4


PCI_IRQS: Final = len(PciIrq)


class CcwRegion(IntEnum):
    """Indexes of a vfio-ccw device's regions."""

    CONFIG = 0


class CcwIrq(IntEnum):
    """Indexes of a vfio-ccw device's interrupts; CRW is later than the document."""

    IO = 0
    CRW = 1


# The structures. The annotation of a field names its type as the kernel does; for mypy it is an int.

U32: TypeAlias = int
S32: TypeAlias = int
U64: TypeAlias = int

_TYPES = {"U32": ctypes.c_uint32, "S32": ctypes.c_int32, "U64": ctypes.c_uint64}

_Record = TypeVar("_Record", bound="Record")


class Record(ctypes.Structure):
    """A structure.

    ``minimum`` is the size in bytes that a caller must provide: the lowest valid ``argsz``, and the size copied back.
    ``full`` is the size including later fields.
    """

    minimum: ClassVar[int]
    full: ClassVar[int]

    @classmethod
    def read(cls, data: bytes | bytearray | memoryview) -> Self:
        """Return the structure at the beginning of ``data``. Fields beyond the end of ``data`` are 0."""
        return cls.from_buffer_copy(bytes(data[: cls.full]).ljust(cls.full, b"\0"))

    def pack(self, payload: bytes = b"") -> bytearray:
        """Return the structure, followed by ``payload``, as an argument that ioctl can change in place."""
        return bytearray(bytes(self) + payload)

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={getattr(self, name):#x}" for name, *_ in self._fields_)
        return f"{type(self).__name__}({fields})"


def _laid_out(record: type[_Record], minimum: int = 0) -> type[_Record]:
    """Return ``record`` with the fields of its annotations. ``minimum`` is in bytes; 0 means the whole structure."""
    record._fields_ = [(name, _TYPES[kind]) for name, kind in record.__annotations__.items()]
    record.full = ctypes.sizeof(record)
    record.minimum = minimum or record.full
    return record


_with_later_fields = partial(_laid_out, minimum=16)


@_laid_out
class GroupStatus(Record):
    """GROUP_GET_STATUS"""

    argsz: U32
    flags: U32


@_with_later_fields
class DeviceInfo(Record):
    """DEVICE_GET_INFO; 5.10 added ``cap_offset`` and 6.12 added ``pad``."""

    argsz: U32
    flags: U32
    num_regions: U32
    num_irqs: U32
    cap_offset: U32
    pad: U32


@_laid_out
class RegionInfo(Record):
    """DEVICE_GET_REGION_INFO; the caller sets ``index``."""

    argsz: U32
    flags: U32
    index: U32
    cap_offset: U32
    size: U64
    offset: U64


@_laid_out
class IrqInfo(Record):
    """DEVICE_GET_IRQ_INFO; the caller sets ``index``."""

    argsz: U32
    flags: U32
    index: U32
    count: U32


@_laid_out
class IrqSet(Record):
    """DEVICE_SET_IRQS; a payload follows, and ``argsz`` includes it."""

    argsz: U32
    flags: U32
    index: U32
    start: U32
    count: U32


@_with_later_fields
class IommuInfo(Record):
    """IOMMU_GET_INFO; ``cap_offset`` is later than the document."""

    argsz: U32
    flags: U32
    iova_pgsizes: U64
    cap_offset: U32
    pad: U32


@_laid_out
class DmaMap(Record):
    """IOMMU_MAP_DMA"""

    argsz: U32
    flags: U32
    vaddr: U64
    iova: U64
    size: U64


@_laid_out
class DmaUnmap(Record):
    """IOMMU_UNMAP_DMA; the kernel sets ``size`` to the number of bytes unmapped."""

    argsz: U32
    flags: U32
    iova: U64
    size: U64


@_laid_out
class DeviceFeature(Record):
    """DEVICE_FEATURE; the data of the feature follow, and ``argsz`` includes them."""

    argsz: U32
    flags: U32


@_laid_out
class BindIommufd(Record):
    """DEVICE_BIND_IOMMUFD"""

    argsz: U32
    flags: U32
    iommufd: S32
    out_devid: U32


@_laid_out
class AttachIommufdPt(Record):
    """DEVICE_ATTACH_IOMMUFD_PT; ``pt_id`` is the number of an IOAS."""

    argsz: U32
    flags: U32
    pt_id: U32


@_laid_out
class DetachIommufdPt(Record):
    """DEVICE_DETACH_IOMMUFD_PT"""

    argsz: U32
    flags: U32


@_laid_out
class IoasAlloc(Record):
    """IOMMU_IOAS_ALLOC; ``size`` is the size of the structure, like ``argsz`` elsewhere."""

    size: U32
    flags: U32
    out_ioas_id: U32


def irq_set(
    index: int, flags: int, *, start: int = 0, count: int = 0, eventfds: Iterable[int] = (), bools: bytes = b""
) -> bytearray:
    """Return the argument of SET_IRQS with its payload. A payload overrides ``count`` with its own length.

    ``eventfds`` are file descriptors; -1 removes the eventfd of an interrupt.
    """
    descriptors = list(eventfds)
    payload = struct.pack(f"={len(descriptors)}i", *descriptors) + bools
    count = len(descriptors) or len(bools) or count
    header = IrqSet(argsz=IrqSet.full + len(payload), flags=flags, index=index, start=start, count=count)
    return header.pack(payload)


def container_fd(descriptor: int) -> bytearray:
    """Return the argument of GROUP_SET_CONTAINER."""
    return bytearray(struct.pack("=i", descriptor))


def device_name(name: str) -> bytearray:
    """Return the argument of GROUP_GET_DEVICE_FD."""
    return bytearray(name.encode() + b"\0")
