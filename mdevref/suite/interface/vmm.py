"""What a VMM does to hold a device, over any process: its group, put into a container, and the device out of it.

Structures are those of :mod:`mdevref.vfio.uapi`; nothing here knows what the process is a process of.
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
PAGE = 4096  #: bytes that can be mapped at the least
_COUNTER = 8  # bytes of an eventfd
_Record = TypeVar("_Record", bound=Record)


# -- Containers and groups


def group_node(number: str) -> str:
    """The node of the group that an IOMMU group of this number has."""
    return f"vfio/{number}"


def device_node(name: str) -> str:
    """The node of a VFIO device of that name, where a kernel gives such."""
    return f"vfio/devices/{name}"


def bind(process: Process, node: int, iommufd: int) -> None:
    """Bind an open node of a device to an iommufd, which a device without group and container has to be."""
    record = uapi.BindIommufd(argsz=uapi.BindIommufd.minimum, iommufd=iommufd)
    process.ioctl(node, uapi.DEVICE_BIND_IOMMUFD, record.pack())


def set_container(process: Process, group: int, container: int) -> None:
    """Put a group into a container."""
    process.ioctl(group, uapi.GROUP_SET_CONTAINER, uapi.container_fd(container))


def unset_container(process: Process, group: int) -> None:
    """Take a group out of its container."""
    process.ioctl(group, uapi.GROUP_UNSET_CONTAINER)


def set_back_end(process: Process, container: int, kind: int = uapi.Extension.TYPE1V2) -> None:
    """Choose the container's IOMMU back end."""
    process.ioctl(container, uapi.SET_IOMMU, kind)


def get_device(process: Process, group: int, name: str) -> int:
    """A file descriptor of the device of that name."""
    return process.ioctl(group, uapi.GROUP_GET_DEVICE_FD, uapi.device_name(name))


def group_status(process: Process, group: int) -> uapi.GroupFlags:
    """The flags of a group."""
    argument = GroupStatus(argsz=GroupStatus.minimum).pack()
    process.ioctl(group, uapi.GROUP_GET_STATUS, argument)
    return uapi.GroupFlags(GroupStatus.read(argument).flags)


class DeviceFile:
    """A device by its file descriptor; ``also`` are descriptors that go with it, in the order of closing."""

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
        # What is mapped stays in use, and a removal would wait for it for ever.
        while self._mapped:
            self.process.munmap(self._mapped.pop())
        while self._open:
            self.process.close(self._open.pop(0))


def hold(process: Process, name: str, group_number: str) -> DeviceFile:
    """Open a device by its name as QEMU does (fact 9.5), with a container for its group alone.

    Closing closes the device, then its group, then the container: until 5.12 a removal waits for all of them.
    OSError: ENOENT where no driver has opened a group for it, EBUSY where somebody else has, and what VFIO gives.
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
    """What a GET_ request gives for a structure, whose ``argsz`` is filled in; ``room`` is for more than its size."""
    record.argsz = max(record.minimum, room)
    argument = record.pack(bytes(max(0, room - len(bytes(record)))))
    device.ioctl(request, argument)
    return record.read(argument)


def device_info(device: HeldDevice) -> DeviceInfo:
    """DEVICE_GET_INFO."""
    return ask(device, uapi.DEVICE_GET_INFO, DeviceInfo())


def region_info(device: HeldDevice, index: int) -> RegionInfo:
    """DEVICE_GET_REGION_INFO. OSError: EINVAL where there is no such region."""
    return ask(device, uapi.DEVICE_GET_REGION_INFO, RegionInfo(index=index))


def irq_info(device: HeldDevice, index: int) -> IrqInfo:
    """DEVICE_GET_IRQ_INFO. OSError: EINVAL where there is no such interrupt."""
    return ask(device, uapi.DEVICE_GET_IRQ_INFO, IrqInfo(index=index))


def regions(device: HeldDevice) -> dict[int, RegionInfo]:
    """The regions that the device answers for, by the index that was asked for."""
    return _answered(region_info, device, device_info(device).num_regions)


def irqs(device: HeldDevice) -> dict[int, IrqInfo]:
    """The interrupts that the device answers for, by the index that was asked for."""
    return _answered(irq_info, device, device_info(device).num_irqs)


def _answered(
    ask_for: Callable[[HeldDevice, int], _Record], device: HeldDevice, number: int
) -> dict[int, _Record]:  # fmt: skip
    """An index below the number of all may have nothing behind it."""
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
    """DEVICE_SET_IRQS; ``count`` is that of the eventfds, where there are any."""
    return device.ioctl(
        uapi.DEVICE_SET_IRQS, uapi.irq_set(index, flags, start=start, count=count, eventfds=eventfds)
    )  # fmt: skip
