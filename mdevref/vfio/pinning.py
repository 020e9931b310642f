"""The document's translation APIs, with which vendor drivers access the memory of a device's user (facts 4.1, 4.2).

The page number of an IOVA identifies a page; the document calls it a user PFN. Host PFNs are the frame numbers of
:class:`mdevref.kernel.memory.HostMemory`. The functions have the same signatures in every era. From 6.0 on, the
kernel's functions take one range instead of an array, and unpinning returns no count.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableSequence, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from errno import E2BIG, EINVAL, ENODEV, ENOTTY
from typing import Final

from mdevref.kernel.errors import fail
from mdevref.kernel.memory import PAGE_SIZE
from mdevref.mdev.objects import MdevDevice
from mdevref.vfio.backends import Backend
from mdevref.vfio.core import Vfio
from mdevref.vfio.groups import Group
from mdevref.vfio.type1 import Notifier

IOMMU_READ: Final = 1
IOMMU_WRITE: Final = 2
MAX_PAGES: Final = PAGE_SIZE // 8  #: maximum for one call: the page numbers that fit in one page

IOMMU_NOTIFY: Final = 0  #: the kind of notifier for mapping events
DMA_UNMAP: Final = 1  #: its only event, as a bit


@dataclass(slots=True)
class Events:
    """The mask of events for which a notifier is registered. Registration clears the bits that it recognises."""

    mask: int = DMA_UNMAP


class Pinning:
    """The entry points of VFIO on one machine."""

    def __init__(self, vfio: Vfio) -> None:
        self._vfio = vfio

    def pin_pages(
        self,
        device: MdevDevice | None,
        user_pfn: Sequence[int] | None,
        npage: int,
        prot: int,
        phys_pfn: MutableSequence[int] | None,
    ) -> int:
        """Pin ``npage`` pages, store their host PFNs in ``phys_pfn`` and return the number of pages, which is all.

        ``prot`` combines ``IOMMU_READ`` and ``IOMMU_WRITE``. On failure no page remains pinned. A negative ``npage``
        pins no page. The checks are, in this order:

        * ``EINVAL`` if an argument is missing or ``npage`` is 0;
        * from 5.19 on, ``EINVAL`` if the device is not open;
        * ``E2BIG`` if ``npage`` exceeds ``MAX_PAGES``;
        * ``ENODEV`` if the device is not bound to a VFIO driver;
        * from 5.8 to 5.18, ``EINVAL`` if its group has several devices;
        * ``EINVAL`` without a container, ``EPERM`` for a noiommu group, ``EINVAL`` before SET_IOMMU;
        * ``ENOTTY`` if the back end cannot pin;
        * the checks of the back end, such as :meth:`mdevref.vfio.type1.Type1.pin_pages`.
        """
        if device is None or user_pfn is None or phys_pfn is None or not npage:
            raise fail(EINVAL)
        is_lone = self._vfio.era.pins_for_lone_devices
        with self._backend(device, user_pfn, npage, is_lone=is_lone) as (group, backend):
            if backend.pin_pages is None:
                raise fail(ENOTTY)
            if len(phys_pfn) < npage:
                raise ValueError(f"phys_pfn has room for {len(phys_pfn)} pages, not for {npage}")
            return backend.pin_pages(group.iommu_group, user_pfn, npage, prot, phys_pfn)

    def unpin_pages(self, device: MdevDevice | None, user_pfn: Sequence[int] | None, npage: int) -> int:
        """Drop one pin of each page up to the first page that is not mapped, and return the number of pages.

        The checks are those of :meth:`pin_pages`, except that of the number of devices in the group, and then those of
        the back end.
        """
        if device is None or user_pfn is None or not npage:
            raise fail(EINVAL)
        with self._backend(device, user_pfn, npage) as (_, backend):
            if backend.unpin_pages is None:
                raise fail(ENOTTY)
            return backend.unpin_pages(user_pfn, npage)

    def register_notifier(
        self, device: MdevDevice | None, kind: int, events: Events | None, notifier: Notifier | None
    ) -> None:
        """Register ``notifier``, which is called when a mapping with pinned pages is removed (until 5.18; fact N1).

        The checks are, in this order: ``EINVAL`` if an argument or the event mask is missing; ``ENODEV`` if the device
        is not bound to a VFIO driver; ``EINVAL`` if ``kind`` is not ``IOMMU_NOTIFY``; ``EINVAL`` without container or
        before SET_IOMMU; ``ENOTTY`` if the back end has no notifiers; ``EINVAL`` for any event except ``DMA_UNMAP``.
        """
        if device is None or notifier is None or events is None or not events.mask:
            raise fail(EINVAL)
        with self._notifying(device, kind) as backend:
            if backend.register_notifier is None:
                raise fail(ENOTTY)
            events.mask &= ~DMA_UNMAP
            if events.mask:
                raise fail(EINVAL)
            backend.register_notifier(notifier)

    def unregister_notifier(self, device: MdevDevice | None, kind: int, notifier: Notifier | None) -> None:
        """Unregister ``notifier``. Errors as for :meth:`register_notifier`; ``ENOENT`` if it is not registered."""
        if device is None or notifier is None:
            raise fail(EINVAL)
        with self._notifying(device, kind) as backend:
            if backend.unregister_notifier is None:
                raise fail(ENOTTY)
            backend.unregister_notifier(notifier)

    @contextmanager
    def _backend(
        self, device: MdevDevice, user_pfn: Sequence[int], npage: int, *, is_lone: bool = False
    ) -> Iterator[tuple[Group, Backend]]:
        """Yield group and back end and keep the group in its container within the block.

        If ``is_lone`` is set, ``EINVAL`` unless the device is alone in its group.
        """
        needs_open = self._vfio.era.pins_for_open_devices
        if needs_open and not self._vfio.devices.is_open(device):
            raise fail(EINVAL, device.name)
        if npage > MAX_PAGES:
            raise fail(E2BIG, str(npage))
        if len(user_pfn) < npage:
            raise ValueError(f"user_pfn has {len(user_pfn)} page numbers, not {npage}")
        group = self._group(device)
        if is_lone and len(group.devices) > 1:
            raise fail(EINVAL, device.name)
        with group.borrowed() as backend:
            yield group, backend

    @contextmanager
    def _notifying(self, device: MdevDevice, kind: int) -> Iterator[Backend]:
        group = self._group(device)
        if kind != IOMMU_NOTIFY:
            raise fail(EINVAL, str(kind))
        with ExitStack() as stack:
            try:
                backend = stack.enter_context(group.borrowed())
            except OSError as error:
                raise fail(EINVAL, device.name) from error  # whatever the reason (fact N1)
            yield backend

    def _group(self, device: MdevDevice) -> Group:
        bound = self._vfio.devices.by_mdev.get(device)
        if bound is None:
            raise fail(ENODEV, device.name)
        return bound.group
