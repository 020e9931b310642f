"""A mediated device that a vfio-user client uses. A separate process of the host holds it open, as a VMM would.

All operations use container, group and device under /dev/vfio. A client therefore gets the same errnos in the same
order as a VMM gets from the kernel. A client that disconnects is cleaned up like a process that dies.
"""

from __future__ import annotations

import errno as errnos
import fcntl
import mmap
import os
import posixpath
import stat
from bisect import bisect_right
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from mdevref.host import Host
from mdevref.kernel.errors import fail
from mdevref.kernel.memory import PAGE_SIZE
from mdevref.kernel.open_files import EventFd
from mdevref.vfio import uapi

#: Number of region indexes to query: the nine of PCI, and room for device-specific regions.
MAX_REGIONS = 64
#: Interrupts of one index in a message: the maximum of MSI-X.
MAX_INTERRUPTS = 2048
#: DMA mappings at a time: the protocol's default. Kernels before 5.1 have no limit.
MAX_MAPPINGS = 65535
#: Process address of a mapping without a file. No memory is there, so pinning fails with EFAULT.
_NOWHERE = 1 << 62
_DISABLE = uapi.IrqSetFlags.DATA_NONE | uapi.IrqSetFlags.ACTION_TRIGGER
_END = 1 << 63  # the largest file offset plus one


@dataclass(frozen=True, slots=True)
class _Mapping:
    """A DMA mapping: its size in bytes, and the process address of its memory, or None without memory."""

    size: int
    address: int | None


class ClientDevice:
    """A device held open for a client. Methods raise OSError with the host's errno."""

    def __init__(self, host: Host, uuid: str) -> None:
        """Open the device. ``ENODEV`` if it does not exist, ``EBUSY`` if another process has its group open."""
        self._mappings: dict[int, _Mapping] = {}
        self._wired: set[int] = set()  # interrupt indexes for which an eventfd was set
        self._places: list[tuple[int, int]] | None = None  # (offset in the device file, index), sorted
        self._process = host.process()
        try:
            group = posixpath.basename(host.sysfs.readlink(f"bus/mdev/devices/{uuid}/iommu_group"))
            self._container = self._process.open("vfio/vfio", os.O_RDWR)
            held = self._process.open(f"vfio/{group}", os.O_RDWR)
            self._process.ioctl(held, uapi.GROUP_SET_CONTAINER, uapi.container_fd(self._container))
            self._process.ioctl(self._container, uapi.SET_IOMMU, uapi.Extension.TYPE1V2)
            self._device = self._process.ioctl(held, uapi.GROUP_GET_DEVICE_FD, uapi.device_name(uuid))
        except FileNotFoundError:
            self._process.exit()
            raise fail(errnos.ENODEV, uuid) from None
        except BaseException:
            self._process.exit()
            raise

    def close(self) -> None:
        """End the process with its files, mappings and eventfds. The state of the device itself remains.

        The protocol requires the server to close a client's eventfds, but the sample driver until 6.1 keeps them.
        Therefore disable the interrupts first.
        """
        for index in self._wired:
            with suppress(OSError):
                self.ioctl(uapi.DEVICE_SET_IRQS, uapi.irq_set(index, _DISABLE))
        self._process.exit()
        self._mappings.clear()

    def ioctl(self, request: int, argument: bytearray | int = 0) -> None:
        """Call an ioctl of the device, which may change ``argument`` in place."""
        self._process.ioctl(self._device, request, argument)

    # Regions

    def read(self, region: int, offset: int, count: int) -> bytes:
        """Read up to ``count`` bytes of a region. The vendor driver may return fewer."""
        return self._process.pread(self._device, count, self._place(region, offset, count))

    def write(self, region: int, offset: int, data: bytes) -> int:
        """Write to a region. Return the number of bytes that the vendor driver accepted."""
        return self._process.pwrite(self._device, data, self._place(region, offset, len(data)))

    def _place(self, region: int, offset: int, count: int) -> int:
        """Return the offset in the device file. ``EINVAL`` if the region is unknown or the access reaches the next one.

        An access beyond the region's size is allowed, because a guest reads the last dword of the sample's 255 bytes of
        config space. The vendor driver decides how to answer.
        """
        if self._places is None:
            self._places = self._find_places()
        for number, (start, index) in enumerate(self._places):
            if index == region:
                beyond = bisect_right(self._places, (start, MAX_REGIONS), lo=number)
                end = self._places[beyond][0] if beyond < len(self._places) else _END
                if start + offset + count > end:
                    break
                return start + offset
        raise fail(errnos.EINVAL, f"{count} bytes at {offset:#x} of region {region}")

    def _find_places(self) -> list[tuple[int, int]]:
        places = []
        for index in range(MAX_REGIONS):
            info = uapi.RegionInfo(argsz=uapi.RegionInfo.full, index=index).pack()
            try:
                self.ioctl(uapi.DEVICE_GET_REGION_INFO, info)
            except OSError:  # not every index has a region
                continue
            places.append((uapi.RegionInfo.read(info).offset, index))
        return sorted(places)

    # Interrupts

    def set_irqs(self, payload: bytes, fds: Sequence[int]) -> None:
        """Call SET_IRQS with ``fds`` as the eventfds, in place of descriptor numbers in the payload.

        The caller closes ``fds``, as each interrupt keeps its own reference. With DATA_EVENTFD and no ``fds``, the
        interrupts lose their eventfds.
        """
        wanted = uapi.IrqSet.read(payload)
        if not wanted.flags & uapi.IrqSetFlags.DATA_EVENTFD:
            if fds:
                raise fail(errnos.EINVAL, "file descriptors for an action that does not accept any")
            return self.ioctl(uapi.DEVICE_SET_IRQS, bytearray(payload))
        if wanted.count > MAX_INTERRUPTS or (fds and len(fds) != wanted.count):
            raise fail(errnos.EINVAL, f"{len(fds)} file descriptors for {wanted.count} interrupts")
        installed: list[int] = []
        try:
            for fd in fds:
                installed.append(self._process.install(_eventfd(fd)))
            argument = uapi.irq_set(
                wanted.index, wanted.flags, start=wanted.start, eventfds=installed or [-1] * wanted.count
            )
            self.ioctl(uapi.DEVICE_SET_IRQS, argument)
            self._wired.add(wanted.index)
        finally:
            for fd in installed:
                self._process.close(fd)

    # Memory

    def map(self, flags: int, address: int, size: int, fd: int | None, offset: int) -> None:
        """Map ``size`` bytes of the file ``fd`` from ``offset`` on at the device's ``address``.

        Without a file, the range counts as mapped, but pinning it fails with ``EFAULT``. ``ENOSPC``, as in the kernel,
        if there are too many mappings.
        """
        if len(self._mappings) >= MAX_MAPPINGS:
            raise fail(errnos.ENOSPC, f"{MAX_MAPPINGS} mappings")
        area = None if fd is None else self._process.memory.map(_memory(fd, offset, size, flags)).address
        place = _NOWHERE + address % _NOWHERE if area is None else area
        wanted = uapi.DmaMap(argsz=uapi.DmaMap.full, flags=flags, vaddr=place, iova=address, size=size)
        try:
            self._process.ioctl(self._container, uapi.IOMMU_MAP_DMA, wanted.pack())
        except BaseException:
            if area is not None:
                self._process.memory.unmap(area)
            raise
        self._mappings[address] = _Mapping(size, area)

    def unmap(self, address: int, size: int) -> None:
        """Remove a mapping after the vendor drivers released it. ``EINVAL`` unless it was mapped in this size."""
        mapping = self._mappings.get(address)
        if mapping is None or mapping.size != size:
            raise fail(errnos.EINVAL, f"no mapping of {size} bytes at {address:#x}")
        wanted = uapi.DmaUnmap(argsz=uapi.DmaUnmap.full, iova=address, size=size)
        self._process.ioctl(self._container, uapi.IOMMU_UNMAP_DMA, wanted.pack())
        del self._mappings[address]
        if mapping.address is not None:
            self._process.memory.unmap(mapping.address)


def _memory(fd: int, offset: int, size: int, flags: int) -> mmap.mmap:
    """Map the client's memory into this process. ``EINVAL`` if the file does not cover the range.

    A file that can be sealed, such as QEMU's memfd, cannot shrink afterwards. If a client shrinks another kind of file,
    an access to it kills this process; as the protocol says, the client must be trusted.
    """
    with suppress(OSError):
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK)
    status = os.fstat(fd)
    if not stat.S_ISREG(status.st_mode) or not 0 < size <= status.st_size - offset or offset % PAGE_SIZE:
        raise fail(errnos.EINVAL, f"{size} bytes at {offset} of a file of {status.st_size}")
    access = mmap.PROT_READ | (mmap.PROT_WRITE if flags & uapi.MapFlags.WRITE else 0)
    return mmap.mmap(fd, size, mmap.MAP_SHARED, access, offset=offset)


def _eventfd(fd: int) -> EventFd:
    """Return a duplicate of the client's eventfd. ``EINVAL`` if the file is not an eventfd.

    Make it non-blocking, because a client that fills up the counter would otherwise block the thread that signals.
    """
    if os.readlink(f"/proc/self/fd/{fd}") != "anon_inode:[eventfd]":
        raise fail(errnos.EINVAL, "the file is not an eventfd")
    os.set_blocking(fd, False)
    return EventFd(os.dup(fd))
