"""A back end without callbacks for vendor drivers: one cannot pin with it (fact 4.2, row 8).

It takes the place of the sPAPR module that the document names, which needs hardware of its own and also lacks them.
"""

from __future__ import annotations

from errno import EINVAL, ENOTTY
from typing import TYPE_CHECKING, Any

from mdevref.kernel.errors import fail
from mdevref.vfio.uapi import Extension

if TYPE_CHECKING:
    from mdevref.kernel.process import UserArgument
    from mdevref.vfio.device import VfioDevice
    from mdevref.vfio.groups import Group

KIND = Extension.SPAPR


class BareBackend:
    """It accepts every group and does nothing for it."""

    pin_pages: Any = None
    unpin_pages: Any = None
    register_notifier: Any = None
    unregister_notifier: Any = None

    def attach(self, group: Group) -> None: ...
    def detach(self, group: Group) -> None: ...
    def close(self) -> None: ...
    def register_device(self, device: VfioDevice) -> None: ...
    def unregister_device(self, device: VfioDevice) -> None: ...
    def ioctl(self, request: int, argument: UserArgument) -> int:
        """``ENOTTY``"""
        raise fail(ENOTTY, hex(request))


class BareDriver:
    """What the module registers: a back end of type :data:`KIND`."""

    name = "vfio_iommu_spapr_tce"

    def check_extension(self, extension: int) -> int:
        return int(extension == KIND)

    def open(self, kind: int) -> BareBackend:
        if kind != KIND:
            raise fail(EINVAL, str(kind))
        return BareBackend()
