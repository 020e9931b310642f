"""Back ends of containers: what SET_IOMMU chooses among, and what VFIO asks of the one that it chose.

A back end is called with locks of its container and groups held where that is said. There it must call no vendor, nor
come back to VFIO. Its ioctls, pins and notifiers are called without any lock.
"""

from __future__ import annotations

from collections.abc import Callable, MutableSequence, Sequence
from typing import Any, Protocol, TypeAlias

from mdevref.kernel.iommu import IommuGroup
from mdevref.kernel.open_files import UserArgument
from mdevref.mdev.objects import MdevDevice

#: The vendor's operation for an unmapping: the device, the IOVA and the size of the mapping that goes.
DmaUnmapOperation: TypeAlias = Callable[[MdevDevice, int, int], object]


class Backend(Protocol):
    """The translation of one container, from SET_IOMMU until its last group leaves.

    ``pin_pages`` takes the group, user PFNs, their number, the protection and the sequence for physical PFNs;
    ``unpin_pages`` user PFNs and their number; the rest is between the entry points and the back end. Each of the
    callbacks may be None: whoever calls it gets ``ENOTTY`` (facts 4.2, N1).
    """

    def attach(self, group: IommuGroup) -> None:
        """A group joins; raises the errno with which it may not. Called with locks held."""

    def detach(self, group: IommuGroup) -> None:
        """A group leaves. Called with locks held."""

    def close(self) -> None:
        """The last group has left: mappings are lost. Called with locks held."""

    def ioctl(self, request: int, argument: UserArgument) -> int:
        """Every request of the container that VFIO does not answer itself. ``ENOTTY`` for one that is not known."""

    def register_device(self, device: MdevDevice, dma_unmap: DmaUnmapOperation | None) -> None:
        """A device of the container was opened, and was closed before (from 6.0 on). Its vendor may have no operation
        for unmappings."""

    def unregister_device(self, device: MdevDevice) -> None:
        """A device of the container was closed for the last time (from 6.0 on)."""

    @property
    def pin_pages(self) -> Callable[[IommuGroup, Sequence[int], int, int, MutableSequence[int]], int] | None: ...
    @property
    def unpin_pages(self) -> Callable[[Sequence[int], int], int] | None: ...
    @property
    def register_notifier(self) -> Callable[..., Any] | None: ...
    @property
    def unregister_notifier(self) -> Callable[..., Any] | None: ...


class BackendDriver(Protocol):
    """What the module of a back end registers."""

    @property
    def name(self) -> str: ...
    def check_extension(self, extension: int) -> int:
        """CHECK_EXTENSION: positive if it has that extension, else 0. SET_IOMMU takes the first driver that has."""

    def open(self, kind: int) -> Backend:
        """SET_IOMMU of that type: a new translation. An ``OSError`` lets VFIO ask the next driver."""
