"""VFIO's side of one bound mediated device: its vendor's callbacks, and who has it open (facts 3.1, D8)."""

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
    """The vendor's device callbacks; each may be None. Parent ops are such.

    ``read`` takes the device, the number of bytes and the file offset and gives the bytes; ``write`` the device, the
    bytes and the offset and gives their number; ``ioctl`` the device, the request and a
    :class:`~mdevref.kernel.open_files.UserArgument`, and gives the result; ``mmap`` the device, the length and the
    offset, and gives something with a buffer. ``dma_unmap`` is told of an unmapping, from 6.0 on (fact N6).
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
    """A mediated device as VFIO knows it, from its driver's probe to its driver's remove.

    ``open_files`` counts its files, those about to be opened included: a removal waits for them. ``changed`` guards
    it, and is notified when a file goes. An open file keeps ``owner``, the module of the device's driver, and
    ``module``, VFIO's own, in the kernel.
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
        self._backend: Backend | None = None  # that was told of the first opening
        self._mutex = Mutex(waits, f"others who open or close device {mdev.name}")

    def open(self, *, alone: bool = False) -> None:
        """Call the vendor's open, for each file or for the first one only.

        The group is ready for use, or else the device is opened ``alone``: ``EINVAL`` if it is open already.
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
        """The end of one file: the vendor's release, for each or for the last one only."""
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
        """One file less, or it was not opened after all. A removal that waits for the last one goes on."""
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
