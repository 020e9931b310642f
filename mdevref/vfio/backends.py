"""Back ends of containers: the interface between VFIO and the back end that SET_IOMMU selects.

Some methods are called with locks of the container and its groups held, as documented. These methods must not call a
vendor or VFIO. Ioctls, pins and notifiers are called without locks.
"""

from __future__ import annotations

from collections.abc import Callable, MutableSequence, Sequence
from typing import Any, Protocol, TypeAlias

from mdevref.kernel.iommu import IommuGroup
from mdevref.kernel.open_files import UserArgument
from mdevref.mdev.objects import MdevDevice

#: The vendor's operation for an unmapping. It receives the device, and the IOVA and size in bytes of the mapping.
DmaUnmapOperation: TypeAlias = Callable[[MdevDevice, int, int], object]


class Backend(Protocol):
    """The translation of one container, from SET_IOMMU until its last group leaves.

    ``pin_pages`` receives the group, user PFNs, their number, the protection and the sequence for host PFNs.
    ``unpin_pages`` receives user PFNs and their number. Each callback may be None; its callers then fail with
    ``ENOTTY`` (facts 4.2, N1).
    """

    def attach(self, group: IommuGroup) -> None:
        """Attach a group, or raise the errno with which it is rejected. Called with locks held."""

    def detach(self, group: IommuGroup) -> None:
        """Detach a group. Called with locks held."""

    def close(self) -> None:
        """Drop all mappings after the last group has left. Called with locks held."""

    def ioctl(self, request: int, argument: UserArgument) -> int:
        """Handle a container request that VFIO does not handle itself. ``ENOTTY`` if it is unknown."""

    def register_device(self, device: MdevDevice, dma_unmap: DmaUnmapOperation | None) -> None:
        """Register a device of the container at its first open (6.0 and later).

        ``dma_unmap`` is None if the vendor has no operation for unmappings.
        """

    def unregister_device(self, device: MdevDevice) -> None:
        """Unregister a device of the container at its last close (6.0 and later)."""

    @property
    def pin_pages(self) -> Callable[[IommuGroup, Sequence[int], int, int, MutableSequence[int]], int] | None: ...
    @property
    def unpin_pages(self) -> Callable[[Sequence[int], int], int] | None: ...
    @property
    def register_notifier(self) -> Callable[..., Any] | None: ...
    @property
    def unregister_notifier(self) -> Callable[..., Any] | None: ...


class BackendDriver(Protocol):
    """The driver that the module of a back end registers."""

    @property
    def name(self) -> str: ...
    def check_extension(self, extension: int) -> int:
        """Return a positive number if the driver has the extension, else 0.

        This answers CHECK_EXTENSION. SET_IOMMU uses the first driver that supports the IOMMU type.
        """

    def open(self, kind: int) -> Backend:
        """Return a new back end of the type passed to SET_IOMMU. After an ``OSError`` VFIO tries the next driver."""
