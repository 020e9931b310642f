"""The steps by which a VMM opens a device: open its group, add the group to a container, get the device's file.

The structures are those of :mod:`mdevref.vfio.uapi`. The functions work with the process of any target.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import TypeVar

from mdevref.suite.interface.device import HeldDevice, Process
from mdevref.vfio import uapi
from mdevref.vfio.uapi import DeviceInfo, GroupStatus, IrqInfo, Record, RegionInfo

CONTAINER = "vfio/vfio"
IOMMU = "iommu"
PAGE = 4096  #: the smallest mapping, in bytes
_COUNTER = 8  # bytes of an eventfd
_Record = TypeVar("_Record", bound=Record)


# -- Containers and groups


def group_node(number: str) -> str:
    """Return the path of the VFIO group node of the IOMMU group with this number."""
    return f"vfio/{number}"


def device_node(name: str) -> str:
    """Return the path of the node of the VFIO device with this name, on kernels that have such nodes."""
    return f"vfio/devices/{name}"


def bind(process: Process, node: int, iommufd: int) -> None:
    """Bind an open device node to an iommufd, as a device opened without group and container requires."""
    record = uapi.BindIommufd(argsz=uapi.BindIommufd.minimum, iommufd=iommufd)
    process.ioctl(node, uapi.DEVICE_BIND_IOMMUFD, record.pack())


def set_container(process: Process, group: int, container: int) -> None:
    """Add a group to a container."""
    process.ioctl(group, uapi.GROUP_SET_CONTAINER, uapi.container_fd(container))


def unset_container(process: Process, group: int) -> None:
    """Remove a group from its container."""
    process.ioctl(group, uapi.GROUP_UNSET_CONTAINER)


def set_back_end(process: Process, container: int, kind: int = uapi.Extension.TYPE1V2) -> None:
    """Set the container's IOMMU back end."""
    process.ioctl(container, uapi.SET_IOMMU, kind)


def get_device(process: Process, group: int, name: str) -> int:
    """Return a file descriptor of the device with this name."""
    return process.ioctl(group, uapi.GROUP_GET_DEVICE_FD, uapi.device_name(name))


def group_status(process: Process, group: int) -> uapi.GroupFlags:
    """Return the flags of a group."""
    argument = GroupStatus(argsz=GroupStatus.minimum).pack()
    process.ioctl(group, uapi.GROUP_GET_STATUS, argument)
    return uapi.GroupFlags(GroupStatus.read(argument).flags)


class DeviceFile:
    """A device by its file descriptor; the descriptors in ``also`` are closed after it, in their order."""

    def __init__(self, process: Process, descriptor: int, also: tuple[int, ...] = ()) -> None:
        self.process = process
        self.descriptor = descriptor
        self._open = [descriptor, *also]
        self._mapped: list[memoryview] = []

    def ioctl(self, request: int, argument: int | bytearray = 0) -> int:
        return self.process.ioctl(self.descriptor, request, argument)

    def pread(self, count: int, offset: int) -> bytes:
        return self.process.pread(self.descriptor, count, offset)

    def pwrite(self, data: bytes, offset: int) -> int:
        return self.process.pwrite(self.descriptor, data, offset)

    def mmap(self, length: int, offset: int) -> memoryview:
        self._mapped.append(self.process.mmap(self.descriptor, length, offset))
        return self._mapped[-1]

    def eventfd(self) -> int:
        return self.process.eventfd()

    def signals(self, eventfd: int) -> int:
        try:
            return int.from_bytes(self.process.read(eventfd, _COUNTER), "little")
        except BlockingIOError:
            return 0

    def close(self) -> None:
        # A mapping keeps the device in use, and its removal would block for ever.
        while self._mapped:
            self.process.munmap(self._mapped.pop())
        while self._open:
            self.process.close(self._open.pop(0))


def hold(process: Process, name: str, group_number: str) -> DeviceFile:
    """Open a device by its name as QEMU does (fact 9.5), with a container for its group only.

    Closing the result closes the device, then its group, then the container: until 5.12 a removal waits for all three.
    Raises OSError with ENOENT if the group has no node, with EBUSY if the group is already open, and with the errno
    of any VFIO call that fails.
    """
    opened: list[int] = []

    def keep(descriptor: int) -> int:
        opened.insert(0, descriptor)
        return descriptor

    try:
        container = keep(process.open(CONTAINER))
        group = keep(process.open(group_node(group_number)))
        set_container(process, group, container)
        set_back_end(process, container)
        device = get_device(process, group, name)
    except OSError:
        for descriptor in opened:
            process.close(descriptor)
        raise
    return DeviceFile(process, device, tuple(opened))


# -- Devices


def ask(device: HeldDevice, request: int, record: _Record, room: int = 0) -> _Record:
    """Return the structure that a GET_ request fills in; ``room`` is the buffer size in bytes, if more than minimal."""
    record.argsz = max(record.minimum, room)
    argument = record.pack(bytes(max(0, room - len(bytes(record)))))
    device.ioctl(request, argument)
    return record.read(argument)


def device_info(device: HeldDevice) -> DeviceInfo:
    """Return the result of DEVICE_GET_INFO."""
    return ask(device, uapi.DEVICE_GET_INFO, DeviceInfo())


def region_info(device: HeldDevice, index: int) -> RegionInfo:
    """Return the result of DEVICE_GET_REGION_INFO. Raises OSError with EINVAL if there is no such region."""
    return ask(device, uapi.DEVICE_GET_REGION_INFO, RegionInfo(index=index))


def irq_info(device: HeldDevice, index: int) -> IrqInfo:
    """Return the result of DEVICE_GET_IRQ_INFO. Raises OSError with EINVAL if there is no such interrupt."""
    return ask(device, uapi.DEVICE_GET_IRQ_INFO, IrqInfo(index=index))


def regions(device: HeldDevice) -> dict[int, RegionInfo]:
    """Return the regions that the device implements, by index."""
    return _answered(region_info, device, device_info(device).num_regions)


def irqs(device: HeldDevice) -> dict[int, IrqInfo]:
    """Return the interrupts that the device implements, by index."""
    return _answered(irq_info, device, device_info(device).num_irqs)


def _answered(
    ask_for: Callable[[HeldDevice, int], _Record], device: HeldDevice, number: int
) -> dict[int, _Record]:  # fmt: skip
    """Return the records of the indexes that the device implements: indexes below the number may be unused."""
    found = {}
    for index in range(number):
        try:
            found[index] = ask_for(device, index)
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
    return found


def set_irqs(
    device: HeldDevice, index: int, flags: int, *, start: int = 0, count: int = 0, eventfds: tuple[int, ...] = ()
) -> int:
    """Call DEVICE_SET_IRQS and return its result; if eventfds are given, ``count`` is their number."""
    return device.ioctl(
        uapi.DEVICE_SET_IRQS, uapi.irq_set(index, flags, start=start, count=count, eventfds=eventfds)
    )  # fmt: skip
