"""The VFIO device of one bound mediated device: its vendor's callbacks and its open files (facts 3.1, D8)."""

from __future__ import annotations

import threading
from errno import EINVAL
from typing import Any, Protocol

from mdevref.kernel.device import Device
from mdevref.kernel.errors import fail
from mdevref.kernel.modules import LoadedModule
from mdevref.kernel.waiting import Mutex, Waits
from mdevref.mdev.eras import Era
from mdevref.mdev.objects import MdevDevice
from mdevref.vfio.backends import Backend
from mdevref.vfio.groups import Group


class Operations(Protocol):
    """The vendor's device callbacks; each may be None. Parent ops implement this interface.

    * ``read`` receives the device, the number of bytes and the file offset, and returns the bytes.
    * ``write`` receives the device, the bytes and the offset, and returns the number of bytes written.
    * ``ioctl`` receives the device, the request and a :class:`~mdevref.kernel.open_files.UserArgument`, and returns the
      result.
    * ``mmap`` receives the device, the length and the offset, and returns an object with the buffer interface.
    * ``dma_unmap`` is notified of an unmapping, from 6.0 on (fact N6).
    """

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
    def dma_unmap(self) -> Any: ...


class VfioDevice:
    """The VFIO device of a mediated device. It exists from its driver's probe to its driver's remove.

    ``open_files`` counts its files, including those that are being opened; a removal waits for them. ``changed`` guards
    the count and is notified when a file is closed. An open file holds references to ``owner``, the module of the
    device's driver, and to ``module``, the module of VFIO.
    """

    __slots__ = (
        "_backend",
        "_mutex",
        "_opened",
        "changed",
        "device",
        "era",
        "group",
        "mdev",
        "module",
        "number",
        "open_files",
        "operations",
        "owner",
    )

    def __init__(
        self,
        group: Group,
        mdev: MdevDevice,
        operations: Operations,
        owner: LoadedModule | None,
        *,
        module: LoadedModule,
        era: Era,
        changed: threading.Condition,
        waits: Waits,
    ) -> None:
        self.module = module
        self.era = era
        self.changed = changed
        self.group = group
        self.mdev = mdev
        self.operations = operations
        self.owner = owner
        self.device: Device | None = None
        self.number = -1
        self.open_files = 0
        self._opened = 0
        self._backend: Backend | None = None  # the back end at which the device is registered
        self._mutex = Mutex(waits, f"others who open or close device {mdev.name}")

    def open(self, *, alone: bool = False) -> None:
        """Call the vendor's open, for each file or only for the first one, depending on the era.

        Unless ``alone`` is set, the group must be ready for use. With ``alone``, ``EINVAL`` if the device is open.
        """
        open_ = self.operations.open
        if open_ is None and self.era.opens_per_file:
            raise fail(EINVAL, self.mdev.name)
        if self.owner is not None:
            self.owner.get()
        try:
            if self.era.opens_per_file:
                open_(self.mdev)
            else:
                self._open_once(alone)
        except BaseException:
            if self.owner is not None:
                self.owner.put()
            raise
        self.module.get()

    def close(self) -> None:
        """Close one file. Call the vendor's release, for each file or only for the last one, depending on the era."""
        release = self.operations.release
        try:
            if not self.era.opens_per_file:
                self._close_once()
            elif release is not None:
                release(self.mdev)
        finally:
            if self.owner is not None:
                self.owner.put()
            self.module.put()

    def put(self) -> None:
        """Decrement the count of files, after a close or a failed open, and wake a removal that waits for it."""
        with self.changed:
            self.open_files -= 1
            self.changed.notify_all()

    def _open_once(self, alone: bool) -> None:
        with self._mutex:
            if not self._opened:
                if self.operations.open is not None:
                    self.operations.open(self.mdev)
                if not alone:
                    self._backend = self.group.check_usable()
                    self._backend.register_device(self.mdev, self.operations.dma_unmap)
            elif alone:
                raise fail(EINVAL, self.mdev.name)
            self._opened += 1

    def _close_once(self) -> None:
        with self._mutex:
            self._opened -= 1
            if not self._opened:
                if self.operations.release is not None:
                    self.operations.release(self.mdev)
                backend, self._backend = self._backend, None
                if backend is not None:
                    backend.unregister_device(self.mdev)
