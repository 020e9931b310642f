"""The type1 back end of a container: it maps IOVAs to process memory and pins pages of it (facts 4.2 to 4.5).

Mediated devices do no DMA of their own, so a mapping alone pins nothing. Pages are pinned and accounted when a vendor
driver requests them (fact V9).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, MutableSequence, Sequence
from dataclasses import dataclass
from errno import EACCES, EBUSY, EINVAL, ENOENT, ENOMEM, ENOTTY, EPERM
from typing import ClassVar, Final

from mdevref.kernel.core import Kernel
from mdevref.kernel.errors import KernelBug, fail
from mdevref.kernel.iommu import IommuGroup
from mdevref.kernel.memory import PAGE_SHIFT, AddressSpace
from mdevref.kernel.open_files import UserArgument
from mdevref.kernel.waiting import Mutex
from mdevref.mdev.eras import Era
from mdevref.mdev.objects import MdevDevice
from mdevref.vfio import uapi
from mdevref.vfio.arguments import give, take
from mdevref.vfio.backends import DmaUnmapOperation
from mdevref.vfio.iommu_info import give_info
from mdevref.vfio.mappings import ADDRESSES, Mapping, Mappings, check_range
from mdevref.vfio.uapi import DmaMap, DmaUnmap, Extension, MapFlags, UnmapFlags

ENTRY_LIMIT: Final = 65535  #: maximum number of mappings of one container, if the era limits it
REPEATS: Final = 10  #: how often vendors are notified again of a mapping whose pages remain pinned
KINDS: Final = frozenset({Extension.TYPE1, Extension.TYPE1V2, Extension.TYPE1_NESTING})
_VADDR: Final = 4  #: the MAP_DMA flag that changes the virtual address of a mapping
_PROTECTIONS: Final = int(MapFlags.READ | MapFlags.WRITE)  # an int, since the inverse of an IntFlag has only named bits
_PAGES: Final = ADDRESSES >> PAGE_SHIFT


@dataclass(frozen=True, slots=True)
class DmaUnmapped:
    """The event for vendors: the mapping of ``size`` bytes at ``iova`` is removed, and they must unpin its pages."""

    iova: int
    size: int


Notifier = Callable[[DmaUnmapped], object]


class Type1Driver:
    """The driver of the module ``vfio_iommu_type1``, with back ends of three kinds."""

    name = "vfio_iommu_type1"

    def __init__(self, kernel: Kernel, era: Era, back_end: type[Type1] | None = None) -> None:
        self.entry_limit = ENTRY_LIMIT  #: maximum number of mappings, for back ends opened from now on
        self._kernel = kernel
        self._era = era
        self._back_end = back_end or Type1

    def check_extension(self, extension: int) -> int:
        """Return 1 if the driver has the extension, else 0."""
        return int(extension in KINDS or (extension == Extension.UNMAP_ALL and self._era.can_unmap_all))

    def open(self, kind: int) -> Type1:
        """Return a new back end. ``EINVAL`` if the kind is unknown."""
        if kind not in KINDS:
            raise fail(EINVAL, str(kind))
        return self._back_end(self._kernel, self._era, Extension(kind), self.entry_limit)


class Type1:
    """The back end of one container. User space selects its ``kind``: v1, v2, or nesting, an extension of v2."""

    mapping: ClassVar[type[Mapping]] = Mapping

    def __init__(self, kernel: Kernel, era: Era, kind: Extension, entry_limit: int = ENTRY_LIMIT) -> None:
        self.kind = kind
        self.mappings = Mappings(entry_limit if era.limits_mappings else None)
        self._kernel = kernel
        self._era = era
        self._lock = threading.Lock()
        self._telling = Mutex(kernel.waits, "vendor drivers that are notified of an unmapping")  # taken before _lock
        self._notifiers: list[Notifier] = []
        self._devices: dict[MdevDevice, DmaUnmapOperation] = {}
        has_notifiers = not era.has_dma_unmap_operation
        self.register_notifier = self._register_notifier if has_notifiers else None
        self.unregister_notifier = self._unregister_notifier if has_notifiers else None

    # The container's groups and devices

    def attach(self, group: IommuGroup) -> None:
        """Accept every group, because mediated devices are not behind an IOMMU."""

    def detach(self, group: IommuGroup) -> None:
        """Do nothing: mappings belong to the container, not to its groups."""

    def close(self) -> None:
        """Drop all mappings. Pages that vendors did not unpin remain pinned for ever (fact V10)."""
        with self._lock:
            for mapping in self.mappings.clear():
                if mapping.has_pins:
                    pages = len(mapping.references())
                    self._kernel.log.append(f"WARNING: {pages} pages at iova {mapping.start:#x} were never unpinned")

    def register_device(self, device: MdevDevice, dma_unmap: DmaUnmapOperation | None) -> None:
        """Register an opened device. ``dma_unmap``, if not None, is notified of removed mappings (fact N6)."""
        if dma_unmap is not None:
            with self._lock:
                self._devices[device] = dma_unmap

    def unregister_device(self, device: MdevDevice) -> None:
        """Unregister a device, after waiting for running notifications; it receives no further ones."""
        with self._telling, self._lock:
            self._devices.pop(device, None)

    # For user space

    def ioctl(self, request: int, argument: UserArgument) -> int:
        """Handle a container request. ``ENOTTY`` if it is unknown."""
        match request:
            case uapi.IOMMU_MAP_DMA:
                self._map(take(argument, DmaMap), argument)
            case uapi.IOMMU_UNMAP_DMA:
                wanted = take(argument, DmaUnmap)
                wanted.size = self._unmap(wanted, argument.process.memory)
                give(argument, wanted)
            case uapi.IOMMU_GET_INFO:
                give_info(argument, self._era.iommu_info_size, self.mappings.available)
            case _:
                raise fail(ENOTTY, hex(request))
        return 0

    def _map(self, wanted: DmaMap, argument: UserArgument) -> None:
        """Add a mapping. It pins no page and does not access the memory, which may be mapped later."""
        changes_address = self._era.can_unmap_all and wanted.flags == _VADDR
        if wanted.flags & ~_PROTECTIONS and not changes_address:
            raise fail(EINVAL, repr(wanted))
        with self._lock:
            if not wanted.flags:
                raise fail(EINVAL, repr(wanted))
            check_range(wanted.iova, wanted.size)
            check_range(wanted.vaddr, wanted.size)
            end = wanted.iova + wanted.size
            if changes_address:  # valid only for a mapping without address, which cannot exist here
                raise fail(EINVAL if self.mappings.first(wanted.iova, end) is not None else ENOENT, repr(wanted))
            remembers = self._era.remembers_lock_capability
            self.mappings.add(
                self.mapping(wanted.iova, end, wanted.vaddr, wanted.flags, argument.process, remembers=remembers)
            )

    def _unmap(self, wanted: DmaUnmap, memory: AddressSpace) -> int:
        """Remove mappings and return the number of bytes unmapped."""
        known = int(UnmapFlags.ALL | UnmapFlags.VADDR) if self._era.can_unmap_all else 0
        if wanted.flags & ~known:
            raise fail(EINVAL, repr(wanted))
        if wanted.flags & UnmapFlags.VADDR:  # not allowed in containers in which vendor drivers may pin
            raise fail(EBUSY, repr(wanted))
        if not wanted.flags & UnmapFlags.ALL:
            check_range(wanted.iova, wanted.size)
            return self._unmap_range(wanted.iova, wanted.iova + wanted.size, memory)
        if wanted.iova or wanted.size:
            raise fail(EINVAL, repr(wanted))
        return self._unmap_range(0, ADDRESSES, memory)

    def _unmap_range(self, start: int, end: int, memory: AddressSpace) -> int:
        unmapped = repeats = 0
        told: Mapping | None = None
        with self._lock:
            while True:
                if self.kind != Extension.TYPE1:
                    self.mappings.check_whole(start, end)
                mapping = self.mappings.first(start, end)
                if mapping is None or mapping.start < start:  # v1 removes whole mappings that begin in the range
                    return unmapped
                if self._era.unmaps_only_own and mapping.memory is not memory:
                    return unmapped
                if not mapping.has_pins:
                    self.mappings.remove(mapping)
                    unmapped += mapping.size
                    continue
                repeats = repeats + 1 if mapping is told else 0
                if repeats > REPEATS:
                    raise KernelBug(f"pages at iova {mapping.start:#x} remain pinned while their mapping is removed")
                told = mapping
                self._notify(DmaUnmapped(mapping.start, mapping.size))

    def _notify(self, event: DmaUnmapped) -> None:
        """Notify the vendors and wait for them. The lock is released: they unpin in the callback (facts N2, N5)."""
        self._lock.release()
        try:
            with self._telling:
                for notifier in list(self._notifiers):
                    notifier(event)
                for device, dma_unmap in list(self._devices.items()):
                    dma_unmap(device, event.iova, event.size)
        finally:
            self._lock.acquire()

    # For vendor drivers, through mdevref.vfio.pinning

    def pin_pages(
        self, group: IommuGroup, user_pfn: Sequence[int], npage: int, prot: int, phys_pfn: MutableSequence[int]
    ) -> int:
        """Pin ``npage`` pages by IOVA page number, store their frames in ``phys_pfn`` and return the number of pages.

        ``EACCES`` for v1. ``EINVAL`` if no vendor is registered for unmap events, or a page is not mapped. ``EPERM`` if
        the mapping lacks a protection in ``prot``. Otherwise the errno of :meth:`mdevref.vfio.mappings.Mapping.pin`. On
        failure no page remains pinned, and the entries of ``phys_pfn`` up to the failed page are 0 (fact V2).
        """
        if self.kind == Extension.TYPE1:
            raise fail(EACCES)
        pages = user_pfn[: max(0, npage)]
        with self._lock:
            if not (self._devices if self._era.has_dma_unmap_operation else self._notifiers):
                raise fail(EINVAL)
            if pages and not self._pin_at_once(pages, prot, phys_pfn):
                self._pin_one_by_one(pages, prot, phys_pfn)
        return len(pages)

    def unpin_pages(self, user_pfn: Sequence[int], npage: int) -> int:
        """Drop a reference to each page up to the first page that is not mapped, and return the number of pages.

        ``EACCES`` for v1, ``EINVAL`` if the number is 0 (fact V7).
        """
        if self.kind == Extension.TYPE1:
            raise fail(EACCES)
        pages = user_pfn[: max(0, npage)]
        with self._lock:
            done = self._unpin_at_once(pages) or self._unpin_one_by_one(pages)
        if not done:
            raise fail(EINVAL)
        return done

    def _register_notifier(self, notifier: Notifier) -> None:
        with self._lock:
            self._notifiers.append(notifier)

    def _unregister_notifier(self, notifier: Notifier) -> None:
        """Unregister a notifier as :meth:`unregister_device` does. ``ENOENT`` if it is not registered."""
        with self._telling, self._lock:
            if notifier not in self._notifiers:
                raise fail(ENOENT)
            self._notifiers.remove(notifier)

    def _pin_at_once(self, pages: Sequence[int], prot: int, phys_pfn: MutableSequence[int]) -> bool:
        """Pin pages of one mapping of which none is pinned, the common case. Return False and do nothing otherwise."""
        first, last = min(pages), max(pages)
        mapping = self.mappings.of_pages(first, last)
        if mapping is None or prot & ~mapping.prot:
            return False
        found = mapping.pin_many(pages, first, last)
        if found is None:
            return False
        _put(phys_pfn, found)
        return True

    def _pin_one_by_one(self, pages: Sequence[int], prot: int, phys_pfn: MutableSequence[int]) -> None:
        for position, number in enumerate(pages):
            page = number % _PAGES  # the kernel forms the IOVA in 64 bits
            try:
                mapping = self.mappings.of_page(page)
                if mapping is None:
                    raise fail(EINVAL, hex(page << PAGE_SHIFT))
                if prot & ~mapping.prot:
                    raise fail(EPERM, hex(page << PAGE_SHIFT))
                phys_pfn[position] = mapping.pin(page)
            except OSError as error:
                if error.errno == ENOMEM:
                    self._kernel.log.append("WARNING: pinning exceeds a process's limit of locked memory")
                self._unpin_one_by_one(pages[:position])
                _put(phys_pfn, [0] * (position + 1))
                raise

    def _unpin_at_once(self, pages: Sequence[int]) -> int:
        """Unpin pages of one mapping and return their number. Return 0 and do nothing if they have several mappings."""
        mapping = self.mappings.of_pages(min(pages), max(pages)) if pages else None
        if mapping is None:
            return 0
        mapping.unpin_many(pages)
        return len(pages)

    def _unpin_one_by_one(self, pages: Sequence[int]) -> int:
        for position, number in enumerate(pages):
            page = number % _PAGES
            mapping = self.mappings.of_page(page)
            if mapping is None:
                return position
            mapping.unpin(page)
        return len(pages)


def _put(frames: MutableSequence[int], found: Sequence[int]) -> None:
    """Store ``found`` at the beginning of ``frames``, which may be a list or another array."""
    if isinstance(frames, list):
        frames[: len(found)] = found
    else:
        for position, frame in enumerate(found):
            frames[position] = frame
