"""The objects that vendors pass to the core and that the core keeps.

They are drivers, parent ops, parents, types and mediated devices. They hold data only; the core operates on them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from mdevref.kernel.attributes import AttributeGroup
from mdevref.kernel.device import Device, DeviceBus
from mdevref.kernel.directories import NOWHERE, Directory, File
from mdevref.kernel.iommu import IommuGroup
from mdevref.kernel.modules import LoadedModule
from mdevref.kernel.waiting import Gate, Mutex, Waits


@dataclass(frozen=True, slots=True, eq=False)
class MdevDriver:
    """A driver of the mdev bus: a bus driver such as vfio_mdev, or from 6.1 on the vendor's own driver.

    ``probe`` and ``remove`` receive the mediated device; probe raises ``OSError`` to reject it. The other fields apply
    to 6.1 and later (fact B7), where ``device_api`` is mandatory. ``max_instances`` is the number of instances of the
    parent unless ``get_available`` returns it. ``groups`` are attributes that a bound device has.
    """

    name: str
    probe: Callable[[MdevDevice], None] | None = None
    remove: Callable[[MdevDevice], None] | None = None
    device_api: str | None = None
    max_instances: int = 0
    get_available: Callable[[MdevType], int] | None = None
    show_description: Callable[[MdevType], str] | None = None
    groups: Sequence[AttributeGroup] = ()


@dataclass(frozen=True, slots=True, eq=False)
class MdevParentOps:
    """A parent's callbacks and attributes, with the names of the document. The first three are mandatory (fact R1).

    ``create`` receives the type and the device; ``remove`` and the device callbacks receive the device. A callback
    fails by raising ``OSError``. A create that returns a positive number fails too, and write(2) to ``create`` returns
    that number (fact C6). Each of ``supported_type_groups`` has a name, the second half of the type's name.
    ``dma_unmap`` receives the device, the IOVA and the size in bytes of a removed mapping (5.19 and later).
    """

    supported_type_groups: Sequence[AttributeGroup] | None = None
    create: Callable[[MdevType, MdevDevice], int | None] | None = None
    remove: Callable[[MdevDevice], None] | None = None
    owner: LoadedModule | None = None
    dev_attr_groups: Sequence[AttributeGroup] = ()
    mdev_attr_groups: Sequence[AttributeGroup] = ()
    open: Callable[[MdevDevice], None] | None = None
    release: Callable[[MdevDevice], None] | None = None
    read: Callable[[MdevDevice, int, int], bytes] | None = None
    write: Callable[[MdevDevice, bytes, int], int] | None = None
    ioctl: Callable[[MdevDevice, int, Any], Any] | None = None
    mmap: Callable[[MdevDevice, int, int], Any] | None = None
    dma_unmap: Callable[[MdevDevice, int, int], None] | None = None


@dataclass(frozen=True, slots=True)
class TypeInfo:
    """A type as registered from 6.1 on: second half of the directory's name, and content of ``name`` (fact T7)."""

    sysfs_name: str
    pretty_name: str | None = None


class Parent:
    """A registered parent device. Depending on the era, ``mutex`` or ``gate`` serialises its creates and removes."""

    __slots__ = ("available", "device", "driver", "gate", "infos", "mutex", "ops", "types", "types_directory")

    def __init__(self, device: Device, ops: MdevParentOps, driver: MdevDriver | None, waits: Waits) -> None:
        self.device = device
        self.ops = ops
        self.driver = driver
        self.available = driver.max_instances if driver is not None else 0
        self.infos: tuple[TypeInfo, ...] = ()
        self.types: list[MdevType] = []
        self.types_directory: Directory = NOWHERE
        self.mutex = Mutex(waits, f"the mutex of parent {device.name}")
        self.gate = Gate(waits, f"creates and removes of parent {device.name} to end")


class MdevType:
    """A type of a parent, with its directory and its ``devices`` directory. ``name`` is the full type id."""

    __slots__ = ("devices_directory", "directory", "group_name", "info", "name", "parent")

    def __init__(self, parent: Parent, group_name: str, info: TypeInfo | None = None) -> None:
        self.parent = parent
        self.group_name = group_name
        self.info = info
        self.name = f"{parent.device.driver_string}-{group_name}".replace("/", "!")  # facts T1, T3
        self.directory: Directory = NOWHERE
        self.devices_directory: Directory = NOWHERE

    def __repr__(self) -> str:
        return f"<MdevType {self.name}>"


class MdevDevice(Device):
    """A mediated device. Its name is its lower-case UUID; ``data`` is reserved for the vendor driver."""

    __slots__ = ("data", "iommu_group", "is_active", "remove_file", "type")

    def __init__(self, mtype: MdevType, uuid: str, bus: DeviceBus, groups: Sequence[AttributeGroup]) -> None:
        super().__init__(uuid, parent=mtype.parent.device, bus=bus, groups=groups)
        self.type = mtype
        self.is_active = False
        self.remove_file: File | None = None
        self.iommu_group: IommuGroup | None = None
        self.data: Any = None
