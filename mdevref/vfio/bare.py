"""A back end without callbacks for vendor drivers: one cannot pin with it (fact 4.2, row 8).

It takes the place of the sPAPR module that the document names, which needs hardware of its own and also lacks them.
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
    """It does nothing for its groups, and accepts them all but those that it is told to refuse."""

    pin_pages: Any = None
    unpin_pages: Any = None
    register_notifier: Any = None
    unregister_notifier: Any = None

    def __init__(self, refusals: Mapping[int, int]) -> None:
        """``refusals``: the errno for an IOMMU group, by its number."""
        self._refusals = refusals

    def attach(self, group: IommuGroup) -> None:
        """The errno with which it is to refuse that group."""
        if errno := self._refusals.get(group.number):
            raise fail(errno, str(group.number))

    def detach(self, group: IommuGroup) -> None: ...
    def close(self) -> None: ...
    def register_device(self, device: MdevDevice, dma_unmap: DmaUnmapOperation | None) -> None: ...
    def unregister_device(self, device: MdevDevice) -> None: ...
    def ioctl(self, request: int, argument: UserArgument) -> int:
        """``ENOTTY``"""
        raise fail(ENOTTY, hex(request))


class BareDriver:
    """What the module registers: a back end of type :data:`KIND`."""

    name = "vfio_iommu_spapr_tce"

    def __init__(self) -> None:
        self.refusals: dict[int, int] = {}  #: of all its back ends: the errno for an IOMMU group, by its number

    def check_extension(self, extension: int) -> int:
        return int(extension == KIND)

    def open(self, kind: int) -> BareBackend:
        if kind != KIND:
            raise fail(EINVAL, str(kind))
        return BareBackend(self.refusals)
