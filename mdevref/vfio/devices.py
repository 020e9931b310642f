"""The table of mediated devices that are bound to a VFIO driver."""

from __future__ import annotations

import threading
from errno import ENODEV

from mdevref.kernel.errors import fail
from mdevref.mdev.objects import MdevDevice
from mdevref.vfio.device import VfioDevice
from mdevref.vfio.groups import Group


class Devices:
    """The bound devices, by mediated device and by name.

    ``changed`` guards the table, the devices of each group, and the open file count of each device. It is notified of
    every event that a removal may wait for.
    """

    def __init__(self) -> None:
        self.changed = threading.Condition(threading.Lock())
        self.by_mdev: dict[MdevDevice, VfioDevice] = {}
        self._by_name: dict[str, VfioDevice] = {}

    def add(self, device: VfioDevice) -> None:
        """Add ``device``; from now on it can be opened."""
        mdev = device.mdev
        with self.changed:
            self.by_mdev[mdev] = self._by_name[mdev.name] = device
            device.group.devices[mdev.name] = mdev

    def remove(self, device: VfioDevice) -> None:
        with self.changed:
            del self.by_mdev[device.mdev]
            # Until 4.17 another parent may have added a device of the same name by now.
            if self._by_name.get(device.mdev.name) is device:
                del self._by_name[device.mdev.name]

    def find(self, name: str) -> VfioDevice:
        """Return the device with a lower-case name. ``ENODEV`` if none is bound."""
        device = self._by_name.get(name)
        if device is None:
            raise fail(ENODEV, name)
        return device

    def take(self, group: Group, name: str) -> VfioDevice:
        """Return the device called ``name`` in ``group``, or raise ``ENODEV``. It cannot be removed until it is put."""
        with self.changed:
            mdev = group.devices.get(name)
            device = self.by_mdev.get(mdev) if mdev is not None else None
            if device is None:
                raise fail(ENODEV, name)
            device.open_files += 1
            return device

    def is_open(self, mdev: MdevDevice) -> bool:
        """Return whether ``mdev`` is open or being opened."""
        device = self.by_mdev.get(mdev)
        return device is not None and device.open_files > 0
