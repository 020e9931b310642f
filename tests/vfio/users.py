"""A device of the scripted vendor in a container, with the memory of its user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mdevref.drivers.scripted import ScriptedDriver
from mdevref.host import Host
from mdevref.kernel.process import Process
from mdevref.mdev.objects import MdevDevice
from mdevref.vfio import uapi
from mdevref.vfio.pinning import IOMMU_NOTIFY, Events
from mdevref.vfio.uapi import DmaMap, DmaUnmap, Extension
from tests.machines import SCRIPTED, create

PAGE = 4096


@dataclass
class User:
    """A VMM: a process with a container, a group in it, and optionally an open device."""

    host: Host
    process: Process
    container: int
    group: int
    name: str
    device: int = -1

    def map(self, iova: int, vaddr: int, size: int, flags: int = 3, process: Process | None = None) -> int:
        """Map memory. If ``process`` is given, that process receives the container and maps its own memory."""
        argument = DmaMap(argsz=32, flags=flags, iova=iova, vaddr=vaddr, size=size)
        if process is None:
            return self.process.ioctl(self.container, uapi.IOMMU_MAP_DMA, argument.pack())
        container = self.process.send(self.container, process)
        try:
            return process.ioctl(container, uapi.IOMMU_MAP_DMA, argument.pack())
        finally:
            process.close(container)

    def unmap(self, iova: int, size: int, flags: int = 0) -> int:
        """Unmap a range and return the number of bytes unmapped."""
        argument = DmaUnmap(argsz=24, flags=flags, iova=iova, size=size).pack()
        self.process.ioctl(self.container, uapi.IOMMU_UNMAP_DMA, argument)
        return DmaUnmap.read(argument).size

    @property
    def mdev(self) -> MdevDevice:
        return self.host.core.devices[self.name]

    @property
    def pinning(self) -> Any:
        return self.host.vendors["scripted"].pinning

    def hear(self, notifier: Any) -> None:
        """Register ``notifier`` for removed mappings, with the mechanism of the era."""
        vendor = self.host.vendors["scripted"]
        assert isinstance(vendor, ScriptedDriver)
        vendor.listeners[self.name] = notifier
        if not self.host.era.has_dma_unmap_operation:
            self.pinning.register_notifier(self.mdev, IOMMU_NOTIFY, Events(), notifier)

    def pin(self, *pages: int, prot: int = 3) -> list[int]:
        """Pin pages and return their frames."""
        frames = [0] * len(pages)
        assert self.pinning.pin_pages(self.mdev, list(pages), len(pages), prot, frames) == len(pages)
        return frames

    def unpin(self, *pages: int) -> int:
        count = self.pinning.unpin_pages(self.mdev, list(pages), len(pages))
        assert isinstance(count, int)
        return count


def host_of(era: str) -> Host:
    """Return a host with the scripted vendor and every back end."""
    host = Host(era)
    for module in ["vfio_mdev"] if host.era.has_bus_driver else ["vfio", "mdev"]:
        host.load(module)
    for module in ("vfio_iommu_type1", "vfio_iommu_spapr_tce", "scripted"):
        if module not in host.kernel.modules.loaded:
            host.load(module)
    return host


def user_of(
    host: Host, number: int = 1, *, kind: int | None = Extension.TYPE1V2, is_open: bool = True, **limits: Any
) -> User:
    """Return a user of a new device. Its container has the back end ``kind``, or none if ``kind`` is None."""
    name = create(host, number, SCRIPTED)
    process = host.process(**limits)
    container = process.open("vfio/vfio")
    group = process.open(f"vfio/{host.vfio.devices.find(name).group.name}")
    process.ioctl(group, uapi.GROUP_SET_CONTAINER, uapi.container_fd(container))
    user = User(host, process, container, group, name)
    if kind is not None:
        process.ioctl(container, uapi.SET_IOMMU, kind)
        if is_open:
            user.device = process.ioctl(group, uapi.GROUP_GET_DEVICE_FD, uapi.device_name(name))
    return user
