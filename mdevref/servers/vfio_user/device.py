"""A mediated device of the host as one vfio-user client has it: held by a process of its own, as a VMM would hold it.

Everything goes through /dev/vfio: container, group, device. So a client gets what a VMM gets from the kernel, in errno
and in order, and what it leaves behind when it vanishes is what a process leaves behind that dies.
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

#: Indexes that are asked for their place in the device file: the nine of PCI, and room for regions of a device's own.
MAX_REGIONS = 64
#: Interrupts of one index that a message may speak of: what MSI-X can have.
MAX_INTERRUPTS = 2048
#: DMA mappings at a time: the protocol's default. Kernels before 5.1 have no bound of their own.
MAX_MAPPINGS = 65535
#: Where a mapping without a file lies in the process: nothing is there, so that pinning it is EFAULT.
_NOWHERE = 1 << 62
_DISABLE = uapi.IrqSetFlags.DATA_NONE | uapi.IrqSetFlags.ACTION_TRIGGER
_END = 1 << 63  # of a file's offsets


@dataclass(frozen=True, slots=True)
class _Mapping:
    """A DMA mapping: its size, and where in the process its memory is, if the client gave any."""

    size: int
    address: int | None


class ClientDevice:
    """A device held open for a client. Failures are OSErrors, with the errno that the host gives."""

    def __init__(self, host: Host, uuid: str) -> None:
        """``ENODEV`` for a device that is not there (any more), ``EBUSY`` while somebody else has its group open."""
        self._mappings: dict[int, _Mapping] = {}
        self._wired: set[int] = set()  # indexes of interrupts that have had an eventfd
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
        """End the process: files, mappings and eventfds go with it. What the device knows stays with the device.

        The protocol wants a client's eventfds closed, while the sample until 6.1 keeps what its user leaves behind.
        """
        for index in self._wired:
            with suppress(OSError):
                self.ioctl(uapi.DEVICE_SET_IRQS, uapi.irq_set(index, _DISABLE))
        self._process.exit()
        self._mappings.clear()

    def ioctl(self, request: int, argument: bytearray | int = 0) -> None:
        """An ioctl of the device; ``argument`` is changed in place."""
        self._process.ioctl(self._device, request, argument)

    # Regions

    def read(self, region: int, offset: int, count: int) -> bytes:
        """Bytes of a region; fewer than ``count`` where the vendor gives fewer."""
        return self._process.pread(self._device, count, self._place(region, offset, count))

    def write(self, region: int, offset: int, data: bytes) -> int:
        """Write to a region; the number of bytes that the vendor took."""
        return self._process.pwrite(self._device, data, self._place(region, offset, len(data)))

    def _place(self, region: int, offset: int, count: int) -> int:
        """Where in the device file that is. A region may be read beyond its size, as far as the next one begins:

        a guest reads the last dword of the sample's 255 bytes of config space, and it is the vendor who answers.
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
            except OSError:  # an index that there is not, which there may be between others
                continue
            places.append((uapi.RegionInfo.read(info).offset, index))
        return sorted(places)

    # Interrupts

    def set_irqs(self, payload: bytes, fds: Sequence[int]) -> None:
        """SET_IRQS; ``fds`` take the place of the numbers that a process would have in the payload.

        They are the caller's to close: an interrupt holds its eventfd by itself. Without any, the interrupts lose
        theirs.
        """
        wanted = uapi.IrqSet.read(payload)
        if not wanted.flags & uapi.IrqSetFlags.DATA_EVENTFD:
            if fds:
                raise fail(errnos.EINVAL, "file descriptors for an action that takes none")
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
        """Let the device reach ``size`` bytes at ``address``: those of the file from ``offset`` on.

        Without a file there is nothing to reach: it counts as mapped, yet pinning it is ``EFAULT``. ``ENOSPC``, as of
        the kernel: there are too many.
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
        """Take away a mapping as it was made; ``EINVAL`` for anything else. Vendors have let go of it by then."""
        mapping = self._mappings.get(address)
        if mapping is None or mapping.size != size:
            raise fail(errnos.EINVAL, f"{size} bytes at {address:#x} are no mapping")
        wanted = uapi.DmaUnmap(argsz=uapi.DmaUnmap.full, iova=address, size=size)
        self._process.ioctl(self._container, uapi.IOMMU_UNMAP_DMA, wanted.pack())
        del self._mappings[address]
        if mapping.address is not None:
            self._process.memory.unmap(mapping.address)


def _memory(fd: int, offset: int, size: int, flags: int) -> mmap.mmap:
    """The client's memory in this process. Refused is what would not be there when it is touched.

    What can be sealed (a memfd, as QEMU's) cannot shrink from here on. A client that shrinks a file of another kind
    kills whoever touches it: its memory is a matter of trust, as the protocol says.
    """
    with suppress(OSError):
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK)
    status = os.fstat(fd)
    if not stat.S_ISREG(status.st_mode) or not 0 < size <= status.st_size - offset or offset % PAGE_SIZE:
        raise fail(errnos.EINVAL, f"{size} bytes at {offset} of a file of {status.st_size}")
    access = mmap.PROT_READ | (mmap.PROT_WRITE if flags & uapi.MapFlags.WRITE else 0)
    return mmap.mmap(fd, size, mmap.MAP_SHARED, access, offset=offset)


def _eventfd(fd: int) -> EventFd:
    """An eventfd of the client's, held beside its own. ``EINVAL`` for a file of another kind.

    It must not block: a client that fills the counter up would hold whoever signals.
    """
    if os.readlink(f"/proc/self/fd/{fd}") != "anon_inode:[eventfd]":
        raise fail(errnos.EINVAL, "a file that is no eventfd")
    os.set_blocking(fd, False)
    return EventFd(os.dup(fd))
