"""Helpers that act as a VMM: they open containers, groups and devices in a process of the host."""

from __future__ import annotations

from dataclasses import dataclass

from mdevref.host import Host
from mdevref.kernel.process import Process
from mdevref.vfio import uapi
from mdevref.vfio.uapi import Extension, GroupStatus


def group_name(host: Host, name: str) -> str:
    """Return the name of a bound device's group."""
    return host.sysfs.readlink(f"bus/mdev/devices/{name}/iommu_group").rsplit("/", 1)[1]


def set_container(process: Process, group: int, container: int) -> int:
    return process.ioctl(group, uapi.GROUP_SET_CONTAINER, uapi.container_fd(container))


def set_iommu(process: Process, container: int, kind: int = Extension.TYPE1V2) -> int:
    return process.ioctl(container, uapi.SET_IOMMU, kind)


def get_device(process: Process, group: int, name: str) -> int:
    return process.ioctl(group, uapi.GROUP_GET_DEVICE_FD, uapi.device_name(name))


def status(process: Process, group: int) -> int:
    """Return the flags of GET_STATUS."""
    argument = GroupStatus(argsz=GroupStatus.full).pack()
    assert process.ioctl(group, uapi.GROUP_GET_STATUS, argument) == 0
    return GroupStatus.read(argument).flags


@dataclass
class Vmm:
    """A process that has one open device, whose group is in its own container."""

    process: Process
    container: int
    group: int
    device: int


def vmm(host: Host, name: str) -> Vmm:
    """Open a device by its UUID. If that fails, the process exits."""
    process = host.process()
    try:
        container = process.open("vfio/vfio")
        group = process.open(f"vfio/{group_name(host, name)}")
        set_container(process, group, container)
        set_iommu(process, container)
        return Vmm(process, container, group, get_device(process, group, name))
    except OSError:
        process.exit()
        raise
