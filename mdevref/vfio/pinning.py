"""What vendor drivers call to reach the memory of a device's user: the document's translation APIs (facts 4.1, 4.2).

Pages are known by the number of the page in the addresses that the device uses, its IOVAs: what the document calls a
user PFN. Host PFNs are the numbers of :class:`mdevref.kernel.memory.HostMemory`. The functions have this shape in every
era; from 6.0 on the kernel's take one range instead of an array, and unpinning tells no number.
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
MAX_PAGES: Final = PAGE_SIZE // 8  #: in one call: page numbers that fit in a page

IOMMU_NOTIFY: Final = 0  #: the kind of notifier that hears of mappings
DMA_UNMAP: Final = 1  #: its only event, as a bit


@dataclass(slots=True)
class Events:
    """What a notifier wants to hear of; registering takes away the bits that it knows."""

    mask: int = DMA_UNMAP


class Pinning:
    """The entry points of one machine's VFIO."""

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
        """Pin ``npage`` pages and put their host PFNs in ``phys_pfn``; the number of pages, all of them.

        ``prot`` is of ``IOMMU_READ`` and ``IOMMU_WRITE``. The checks, in this order: ``EINVAL`` for something missing
        or no page, ``E2BIG`` for more than ``MAX_PAGES``, ``ENODEV`` for a device that is bound to no VFIO driver (from
        5.19 on: ``EINVAL`` for one that is not open), ``EINVAL`` for one of several in a group (5.8 to 5.18) and
        without a container, ``EPERM`` for a noiommu group, ``EINVAL`` before SET_IOMMU, ``ENOTTY`` for a back end that
        cannot; then the back end's, such as :meth:`mdevref.vfio.type1.Type1.pin_pages`. On failure nothing stays
        pinned. A negative ``npage`` is none.
        """
        if device is None or user_pfn is None or phys_pfn is None or not npage:
            raise fail(EINVAL)
        is_lone = self._vfio.era.pins_for_lone_devices
        with self._backend(device, user_pfn, npage, is_lone=is_lone) as (group, backend):
            if backend.pin_pages is None:
                raise fail(ENOTTY)
            if len(phys_pfn) < npage:
                raise ValueError(f"{npage} pages but room for {len(phys_pfn)}")
            return backend.pin_pages(group.iommu_group, user_pfn, npage, prot, phys_pfn)

    def unpin_pages(self, device: MdevDevice | None, user_pfn: Sequence[int] | None, npage: int) -> int:
        """Take back one pin of each page, up to the first that is not mapped (any more); how many.

        The checks of :meth:`pin_pages`, then those of the back end.
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
        """Have ``notifier`` called when a mapping goes of which pages are pinned (until 5.18; fact N1).

        ``EINVAL`` for something missing or no event, ``ENODEV`` for a device that is bound to no VFIO driver,
        ``EINVAL`` for another kind, without container or before SET_IOMMU, ``ENOTTY`` for a back end that cannot,
        ``EINVAL`` for an event besides ``DMA_UNMAP``.
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
        """The checks of :meth:`register_notifier`; ``ENOENT`` if it is not registered."""
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
        """The back end to call, held in its container meanwhile. ``is_lone``: for a device alone in its group."""
        needs_open = self._vfio.era.pins_for_open_devices
        if needs_open and not self._vfio.devices.is_open(device):
            raise fail(EINVAL, device.name)
        if npage > MAX_PAGES:
            raise fail(E2BIG, str(npage))
        if len(user_pfn) < npage:
            raise ValueError(f"{npage} pages but {len(user_pfn)} page numbers")
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
                raise fail(EINVAL, device.name) from error  # whatever stands against it (fact N1)
            yield backend

    def _group(self, device: MdevDevice) -> Group:
        bound = self._vfio.devices.by_mdev.get(device)
        if bound is None:
            raise fail(ENODEV, device.name)
        return bound.group
