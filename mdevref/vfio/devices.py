"""VFIO's side of a bound mediated device: its group, and the files user space holds open on it.

Containers and the ioctls of groups are not here yet. Facts 3.1, D8; order of events as recorded.
"""

from __future__ import annotations

import threading
from errno import EINVAL, ENODEV
from typing import Any, Protocol

from mdevref.kernel.core import Kernel
from mdevref.kernel.device import Device, DeviceClass, device_add, device_del
from mdevref.kernel.errors import fail
from mdevref.kernel.ids import LowestFree
from mdevref.kernel.modules import LoadedModule
from mdevref.mdev.eras import Era
from mdevref.mdev.objects import MdevDevice


class Operations(Protocol):
    """The vendor's device callbacks; each may be None. Parent ops are such."""

    @property
    def open(self) -> Any: ...
    @property
    def release(self) -> Any: ...
    @property
    def read(self) -> Any: ...
    @property
    def write(self) -> Any: ...
    @property
    def ioctl(self) -> Any: ...
    @property
    def mmap(self) -> Any: ...
    @property
    def dma_unmap(self) -> Any:
        """From 5.19 on: called with device, IOVA and size when a mapping with pinned pages goes."""


class VfioDevice:
    """A mediated device as VFIO knows it, from its driver's probe to its driver's remove."""

    __slots__ = ("callbacks", "device", "group", "mdev", "number", "open_files", "operations", "owner")

    def __init__(self, mdev: MdevDevice, operations: Operations, owner: LoadedModule | None) -> None:
        self.mdev = mdev
        self.operations = operations
        self.owner = owner
        self.group: Device | None = None
        self.device: Device | None = None
        self.number = -1
        self.open_files = 0
        self.callbacks = threading.Lock()


class DeviceFile:
    """A device held open. Each call goes to the vendor; what the vendor has not is ``EINVAL`` (fact 3.1)."""

    def __init__(self, vfio: Vfio, device: VfioDevice) -> None:
        self._vfio = vfio
        self._device = device
        self._is_open = True
        self._lock = threading.Lock()

    def read(self, count: int, position: int) -> bytes:
        """pread(2) of ``count`` bytes at the raw file offset ``position``."""
        return self._call("read", count, position)  # type: ignore[no-any-return]  # the vendor's op gives bytes

    def write(self, data: bytes, position: int) -> int:
        """pwrite(2)."""
        return self._call("write", data, position)  # type: ignore[no-any-return]  # the vendor's op gives a count

    def ioctl(self, request: int, argument: Any = None) -> Any:
        """ioctl(2) with the vendor's own notion of the argument."""
        return self._call("ioctl", request, argument)

    def mmap(self, length: int, position: int) -> Any:
        """mmap(2) of ``length`` bytes at the raw file offset ``position``."""
        return self._call("mmap", length, position)

    def close(self) -> None:
        """Closing twice does nothing. A removal that waits for the device goes on after the last close."""
        with self._lock:
            was_open, self._is_open = self._is_open, False
        if was_open:
            self._vfio.close(self._device)

    def _call(self, name: str, *arguments: Any) -> Any:
        operation = getattr(self._device.operations, name)
        if operation is None:
            raise fail(EINVAL, name)
        return operation(self._device.mdev, *arguments)


class Vfio:
    """VFIO while its module is loaded: /sys/class/vfio, the groups, the devices by UUID."""

    def __init__(self, kernel: Kernel, era: Era) -> None:
        self.kernel = kernel
        self.era = era
        self.devices: dict[MdevDevice, VfioDevice] = {}
        self._by_name: dict[str, VfioDevice] = {}
        self._closed = threading.Condition(threading.Lock())
        self._minors = LowestFree()
        self._numbers = LowestFree()
        self._major = 0
        self._class: DeviceClass | None = None
        self._device_class: DeviceClass | None = None
        self._module: LoadedModule | None = None
        self._pins = 0  # guarded by _closed

    def start(self, module: LoadedModule) -> None:
        """The module's init."""
        self._module = module
        self._class = DeviceClass(self.kernel, "vfio")
        self._major = self.kernel.majors.take()
        if self.era.has_vfio_devices:
            self._device_class = DeviceClass(self.kernel, "vfio-dev")

    def stop(self) -> None:
        """The module's exit."""
        if self._device_class is not None:
            self._device_class.destroy()
        if self._class is not None:
            self._class.destroy()
        self.kernel.majors.give_back(self._major)

    def nodes(self) -> list[str]:
        """The names below /dev/vfio, sorted."""
        groups = [device.group.name for device in list(self.devices.values()) if device.group is not None]
        return sorted(groups + (["vfio"] if self._class is not None else []))

    # Registering

    def register(self, mdev: MdevDevice, operations: Operations, owner: LoadedModule | None = None) -> None:
        """Give ``mdev`` a VFIO group, and from 6.1 on an IOMMU group and a device directory too.

        ``owner`` is the module that an open device keeps in the kernel (fact 2.4).
        """
        device = VfioDevice(mdev, operations, owner)
        self._pin()
        try:
            if self.era.vfio_group_name is not None:
                mdev.iommu_group = self.kernel.iommu.add(mdev, self.era.vfio_group_name)
            self._add_group(device)
            if self.era.has_vfio_devices:
                self._add_device(device)
        except OSError:
            self._remove_all(device)
            raise
        with self._closed:
            self.devices[mdev] = self._by_name[mdev.name] = device

    def unregister(self, mdev: MdevDevice) -> None:
        """Wait until nobody has ``mdev`` open (fact D8), then take away what :meth:`register` made."""
        device = self.devices[mdev]
        if self.era.vfio_device_goes_first:
            self._remove_device(device)
        with self._closed:
            if device.open_files:
                why = f"the users of device {mdev.name} to close it"
                self.kernel.waits.wait_for(self._closed, lambda: not device.open_files, why)
            del self.devices[mdev]
            # Until 4.17 another parent may have a device of that name by now.
            if self._by_name.get(mdev.name) is device:
                del self._by_name[mdev.name]
        self._remove_all(device)

    def _pin(self) -> None:
        """As long as there is any device, all of them together have one reference to the module (6.12 and later)."""
        if self.era.vfio_devices_pin_module and self._module is not None:
            with self._closed:
                self._pins += 1
                if self._pins == 1:
                    self._module.get()

    def _unpin(self) -> None:
        if self.era.vfio_devices_pin_module and self._module is not None:
            with self._closed:
                self._pins -= 1
                if not self._pins:
                    self._module.put()

    def _add_group(self, device: VfioDevice) -> None:
        assert device.mdev.iommu_group is not None
        minor = self._minors.take()
        name = str(device.mdev.iommu_group.number)
        node = f"vfio/{name}"
        device.group = Device(self.kernel, name, cls=self._class, number=(self._major, minor), node=node)
        try:
            device_add(device.group)
        except OSError:
            device.group = None
            self._minors.give_back(minor)
            raise

    def _remove_group(self, device: VfioDevice) -> None:
        if device.group is not None and device.group.number is not None:
            device_del(device.group)
            self._minors.give_back(device.group.number[1])
            device.group = None

    def _add_device(self, device: VfioDevice) -> None:
        number = self._numbers.take()
        device.device = Device(self.kernel, f"vfio{number}", parent=device.mdev, cls=self._device_class)
        device.number = number
        try:
            device_add(device.device)
            self.kernel.tree.add_link(device.device.directory, "device", device.mdev.directory)
        except OSError:
            device.device = None
            raise

    def _remove_device(self, device: VfioDevice) -> None:
        if device.device is not None:
            device_del(device.device)
            device.device = None

    def _remove_all(self, device: VfioDevice) -> None:
        self._remove_device(device)
        if device.number >= 0:
            self._numbers.give_back(device.number)  # not before: the number is taken as long as the object lives
            device.number = -1
        self._remove_group(device)
        if self.era.vfio_group_name is not None and device.mdev.iommu_group is not None:
            self.kernel.iommu.remove(device.mdev, device.mdev.iommu_group)
            device.mdev.iommu_group = None
        self._unpin()

    # Opening

    def open(self, uuid: str) -> DeviceFile:
        """Open the device's API as VFIO_GROUP_GET_DEVICE_FD does.

        ``ENODEV`` if no bound device has that (lower-case) name, or the owning module is leaving; ``EINVAL`` if the
        vendor has no open (until 5.12); else the vendor's errno, unchanged.
        """
        with self._closed:
            device = self._by_name.get(uuid)
            if device is None:
                raise fail(ENODEV, uuid)
            device.open_files += 1
        try:
            self._call_open(device)
        except BaseException:
            self._drop(device)
            raise
        return DeviceFile(self, device)

    def close(self, device: VfioDevice) -> None:
        """The end of one device file."""
        release = device.operations.release
        with device.callbacks:
            if release is not None and (self.era.opens_per_file or device.open_files == 1):
                release(device.mdev)
            self._drop(device)
        if device.owner is not None:
            device.owner.put()

    def _call_open(self, device: VfioDevice) -> None:
        open_ = device.operations.open
        if open_ is None and self.era.opens_per_file:
            raise fail(EINVAL, device.mdev.name)
        if device.owner is not None:
            device.owner.get()
        try:
            with device.callbacks:
                if open_ is not None and (self.era.opens_per_file or device.open_files == 1):
                    open_(device.mdev)
        except BaseException:
            if device.owner is not None:
                device.owner.put()
            raise

    def _drop(self, device: VfioDevice) -> None:
        with self._closed:
            device.open_files -= 1
            self._closed.notify_all()
