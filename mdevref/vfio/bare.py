"""A back end without callbacks for vendor drivers: one cannot pin with it (fact 4.2, row 8).

It takes the place of the sPAPR module that the document names, which needs hardware of its own and also lacks them.
"""

from __future__ import annotations

from collections.abc import Mapping
from errno import EINVAL, ENOTTY
from typing import TYPE_CHECKING, Any

from mdevref.kernel.errors import fail
from mdevref.vfio.uapi import Extension

if TYPE_CHECKING:
    from mdevref.kernel.open_files import UserArgument
    from mdevref.vfio.device import VfioDevice
    from mdevref.vfio.groups import Group

KIND = Extension.SPAPR


class BareBackend:
    """It does nothing for its groups, and accepts them all but those that it is told to refuse."""

    pin_pages: Any = None
    unpin_pages: Any = None
    register_notifier: Any = None
    unregister_notifier: Any = None

    def __init__(self, refusals: Mapping[str, int]) -> None:
        """``refusals``: the errno for a group, by its name."""
        self._refusals = refusals

    def attach(self, group: Group) -> None:
        """The errno with which it is to refuse that group."""
        if errno := self._refusals.get(group.name):
            raise fail(errno, group.name)

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

    def __init__(self) -> None:
        self.refusals: dict[str, int] = {}  #: of all its back ends: the errno for a group, by its name

    def check_extension(self, extension: int) -> int:
        return int(extension == KIND)

    def open(self, kind: int) -> BareBackend:
        if kind != KIND:
            raise fail(EINVAL, str(kind))
        return BareBackend(self.refusals)
