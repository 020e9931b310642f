"""A host with one card, and a process with open files of the card's group and a container."""

from __future__ import annotations

from typing import Any

from mdevref.host import Host
from mdevref.kernel.process import Process
from tests.machines import create, machine
from tests.vfio.vmm import get_device, set_container, set_iommu


class Bench:
    """A host with a device, and a process with open files of its group and a container."""

    def __init__(self, era: str, **limits: Any) -> None:
        self.host = machine(era, "mtty")
        self.name = create(self.host, 1)
        self.process: Process = self.host.process(**limits)
        self.container = self.process.open("vfio/vfio")
        self.group = self.process.open("vfio/0")

    def join(self) -> None:
        set_container(self.process, self.group, self.container)

    def enable(self) -> None:
        self.join()
        set_iommu(self.process, self.container)

    def open(self) -> int:
        self.enable()
        return get_device(self.process, self.group, self.name)

    def ask(self, request: int, argument: int | bytearray = 0) -> int:
        """Call an ioctl of the group."""
        return self.process.ioctl(self.group, request, argument)


def module_uses(host: Host, name: str) -> int:
    return int(host.sysfs.read(f"module/{name}/refcnt"))
