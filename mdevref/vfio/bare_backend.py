"""A back end without callbacks for vendor drivers, with which no driver can pin pages (fact 4.2, row 8).

It replaces the sPAPR module that the document names, which also lacks the callbacks but needs POWER hardware.
"""

from __future__ import annotations

from collections.abc import Mapping
from errno import EINVAL, ENOTTY
from typing import Any

from mdevref.kernel.errors import fail
from mdevref.kernel.iommu import IommuGroup
from mdevref.kernel.open_files import UserArgument
from mdevref.mdev.objects import MdevDevice
from mdevref.vfio.backends import DmaUnmapOperation
from mdevref.vfio.uapi import Extension

KIND = Extension.SPAPR


class BareBackend:
    """A back end that accepts every group except those in ``refusals``, and translates nothing."""

    pin_pages: Any = None
    unpin_pages: Any = None
    register_notifier: Any = None
    unregister_notifier: Any = None

    def __init__(self, refusals: Mapping[int, int]) -> None:
        """``refusals`` maps the number of an IOMMU group to the errno with which attaching it fails."""
        self._refusals = refusals

    def attach(self, group: IommuGroup) -> None:
        """Attach a group, or raise the errno that ``refusals`` lists for it."""
        if errno := self._refusals.get(group.number):
            raise fail(errno, str(group.number))

    def detach(self, group: IommuGroup) -> None: ...
    def close(self) -> None: ...
    def register_device(self, device: MdevDevice, dma_unmap: DmaUnmapOperation | None) -> None: ...
    def unregister_device(self, device: MdevDevice) -> None: ...
    def ioctl(self, request: int, argument: UserArgument) -> int:
        """Fail with ``ENOTTY``."""
        raise fail(ENOTTY, hex(request))


class BareDriver:
    """The driver that the module registers: its back ends have the type :data:`KIND`."""

    name = "vfio_iommu_spapr_tce"

    def __init__(self) -> None:
        self.refusals: dict[int, int] = {}  #: for all its back ends: errno by number of an IOMMU group

    def check_extension(self, extension: int) -> int:
        return int(extension == KIND)

    def open(self, kind: int) -> BareBackend:
        if kind != KIND:
            raise fail(EINVAL, str(kind))
        return BareBackend(self.refusals)
