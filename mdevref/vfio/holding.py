"""Shortcut to an open device: a process that opens container, group and device as a VMM does."""

from __future__ import annotations

import threading

from mdevref.kernel.process import Process
from mdevref.vfio import uapi
from mdevref.vfio.containers import NODE
from mdevref.vfio.core import Vfio
from mdevref.vfio.device import VfioDevice
from mdevref.vfio.uapi import Extension


class Holder:
    """A process that has attached a device's group to a container.

    ``users`` counts its device files, including those being opened. The process ends when the count reaches 0.
    """

    __slots__ = ("_group_file", "process", "users")

    def __init__(self, vfio: Vfio, device: VfioDevice) -> None:
        self.users = 0
        self.process = process = Process(vfio.kernel.nodes, vfio.kernel.host_memory)
        try:
            container = process.open(NODE)
            self._group_file = process.open(f"vfio/{device.group.name}")
            process.ioctl(self._group_file, uapi.GROUP_SET_CONTAINER, uapi.container_fd(container))
            process.ioctl(container, uapi.SET_IOMMU, Extension.TYPE1V2)
        except OSError:
            process.exit()
            raise

    def open(self, name: str) -> int:
        return self.process.ioctl(self._group_file, uapi.GROUP_GET_DEVICE_FD, uapi.device_name(name))


class HeldDevices:
    """The processes that hold devices open for callers that need only the device. There is one process per device."""

    def __init__(self) -> None:
        self._changed = threading.Condition(threading.Lock())
        self._holders: dict[VfioDevice, Holder] = {}

    def open(self, vfio: Vfio, name: str) -> HeldDevice:
        """Open the device with a lower-case name.

        ``ENODEV`` if no device of that name is bound to a VFIO driver, or the errno of the step that failed.
        """
        device = vfio.devices.find(name)
        with self._changed:
            why = f"the process that had device {name} open to end"
            vfio.kernel.waits.wait_for(self._changed, lambda: not self._is_ending(device), why)
            holder = self._holders.get(device)
            if holder is None:
                holder = self._holders[device] = Holder(vfio, device)
            holder.users += 1
        try:
            return HeldDevice(self, device, holder.process, holder.open(name))
        except BaseException:
            self.let_go(device)
            raise

    def let_go(self, device: VfioDevice) -> None:
        """Drop one file of the device. The last one ends the process, which may call the vendor's release."""
        with self._changed:
            holder = self._holders[device]
            holder.users -= 1
            if holder.users:
                return
        try:
            holder.process.exit()
        finally:
            with self._changed:
                del self._holders[device]
                self._changed.notify_all()

    def _is_ending(self, device: VfioDevice) -> bool:
        holder = self._holders.get(device)
        return holder is not None and not holder.users


class HeldDevice:
    """An open device. Each method is a system call on its file; after :meth:`close` it fails with ``EBADF``."""

    def __init__(self, holders: HeldDevices, device: VfioDevice, process: Process, descriptor: int) -> None:
        self.process = process
        self._holders = holders
        self._device = device
        self._descriptor = descriptor
        self._is_open = True
        self._lock = threading.Lock()

    def read(self, count: int, position: int) -> bytes:
        """Read ``count`` bytes at the raw file offset ``position``, as pread(2) does."""
        return self.process.pread(self._descriptor, count, position)

    def write(self, data: bytes, position: int) -> int:
        """Write ``data`` at the raw file offset ``position``, as pwrite(2) does, and return the byte count."""
        return self.process.pwrite(self._descriptor, data, position)

    def ioctl(self, request: int, argument: int | bytearray = 0) -> int:
        """Call ioctl(2). The call changes a bytearray in place."""
        return self.process.ioctl(self._descriptor, request, argument)

    def mmap(self, length: int, position: int) -> memoryview:
        """Map ``length`` bytes at the raw file offset ``position``, as mmap(2) does."""
        return self.process.mmap(self._descriptor, length, position)

    def close(self) -> None:
        """Close the device; a second call does nothing. The last close unblocks a removal that waits for it."""
        with self._lock:
            was_open, self._is_open = self._is_open, False
        if was_open:
            try:
                self.process.close(self._descriptor)
            finally:
                self._holders.let_go(self._device)
