"""Hosts that pin or unpin wrong pages, return wrong numbers or errnos, or leave pages pinned."""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence
from contextlib import contextmanager
from dataclasses import replace
from errno import E2BIG, EINVAL, ENODEV
from functools import partial
from typing import Any

from mdevref.kernel.errors import fail
from mdevref.kernel.iommu import IommuGroup
from mdevref.mdev.eras import Era
from mdevref.mdev.objects import MdevDevice
from mdevref.suite.targets.reference.process import ReferenceProcess
from mdevref.vfio.backends import DmaUnmapOperation
from mdevref.vfio.mappings import Mapping
from mdevref.vfio.pinning import MAX_PAGES, Pinning
from mdevref.vfio.type1 import Type1
from tests.miniatures.registry import wrong as wrong_host

wrong = partial(wrong_host, interface="translation")


@wrong({"pin.host-pages": "expected 'hello'; seen: "})
class gives_the_next_page(Type1):
    """Pinning returns the host page that follows the right one."""

    def pin_pages(
        self, group: IommuGroup, user_pfn: Sequence[int], npage: int, prot: int, phys_pfn: MutableSequence[int]
    ) -> int:
        count = super().pin_pages(group, user_pfn, npage, prot, phys_pfn)
        for position in range(count):
            phys_pfn[position] += 1
        return count


@wrong({"pin.shared": "expected 'hello'; seen: "})
class gives_copies(Type1):
    """A pinned page is a copy of the user's page and does not follow later changes."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._copies: dict[int, int] = {}

    def pin_pages(
        self, group: IommuGroup, user_pfn: Sequence[int], npage: int, prot: int, phys_pfn: MutableSequence[int]
    ) -> int:
        count = super().pin_pages(group, user_pfn, npage, prot, phys_pfn)
        host = self._kernel.host_memory
        for position in range(count):
            frame = phys_pfn[position]
            if frame not in self._copies:
                self._copies[frame] = host.allocate(bytearray(host.page(frame)))
            phys_pfn[position] = self._copies[frame]
        return count


@wrong({"pin.order": "expected 'two'; seen: "})
class gives_pages_in_ascending_order(Type1):
    """Host pages are returned in the order of their numbers."""

    def pin_pages(
        self, group: IommuGroup, user_pfn: Sequence[int], npage: int, prot: int, phys_pfn: MutableSequence[int]
    ) -> int:
        count = super().pin_pages(group, user_pfn, npage, prot, phys_pfn)
        phys_pfn[:count] = sorted(phys_pfn[:count])
        return count


@wrong({"pin.again": "expected [1048576, 1048578]; seen: 1048581, 1048583"})
class gives_another_page_the_second_time(Mapping):
    """Pinning a page again returns a new host page."""

    def pin(self, page: int) -> int:
        known = page in self._frames
        frame = super().pin(page)
        return self.memory.host_memory.allocate(4096) if known else frame


@wrong({"pin.count": "Then the call returns "})
class counts_one_less(Type1):
    """Pinning returns the index of the last page instead of the number of pages."""

    def pin_pages(
        self, group: IommuGroup, user_pfn: Sequence[int], npage: int, prot: int, phys_pfn: MutableSequence[int]
    ) -> int:
        return max(0, super().pin_pages(group, user_pfn, npage, prot, phys_pfn) - 1)


@wrong({"pin.mappings": "expected 3; seen: EINVAL"})
class pins_of_one_mapping(Type1):
    """Pinning fails if the pages of a call belong to several mappings."""

    def _pin_one_by_one(self, pages: Sequence[int], prot: int, phys_pfn: MutableSequence[int]) -> None:
        if len({self.mappings.of_page(page) for page in pages} - {None}) > 1:
            phys_pfn[0] = 0
            raise fail(EINVAL)
        super()._pin_one_by_one(pages, prot, phys_pfn)


@wrong({"pin.stays": "expected [1048576]; seen: 0", "pin.process-gone": "expected 1; seen: ENODEV"})
class looks_at_the_memory_again(Mapping):
    """A page that is already pinned is looked up in the memory of its process again."""

    def pin(self, page: int) -> int:
        if self.memory.is_gone:
            raise fail(ENODEV)
        self.memory.fault(self._address(page), is_write=False)
        return super().pin(page)


@wrong({"pin.less-access": "expected 1; seen: EPERM"})
class wants_the_access_of_the_mapping(Type1):
    """A page can be pinned only for exactly the access that its mapping allows."""

    def _pin_at_once(self, pages: Sequence[int], prot: int, phys_pfn: MutableSequence[int]) -> bool:
        return False

    def _pin_one_by_one(self, pages: Sequence[int], prot: int, phys_pfn: MutableSequence[int]) -> None:
        mappings = [self.mappings.of_page(page) for page in pages]
        wanted = -1 if any(mapping is not None and mapping.prot != prot for mapping in mappings) else prot
        super()._pin_one_by_one(pages, wanted, phys_pfn)


@wrong({"pin.callbacks": "expected success; seen: ENOTTY"})
class cannot_unpin(Type1):
    """The back end type 1 has no callback that unpins pages."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.unpin_pages = None  # type: ignore[assignment,method-assign]  # this is the fault


# -- What is refused


@wrong({"pin.negative": "expected 0; seen: EINVAL"})
class refuses_negative_counts(Pinning):
    """Pinning a negative number of pages fails."""

    def pin_pages(self, device: Any, user_pfn: Any, npage: int, prot: int, phys_pfn: Any) -> int:
        return super().pin_pages(device, user_pfn, max(0, npage), prot, phys_pfn)


@wrong({"pin.arguments": "expected E2BIG", "unpin.arguments": "expected E2BIG; seen: 513"})
class takes_any_number_of_pages(Pinning):
    """Pinning accepts more page numbers than the limit of one call."""

    @contextmanager
    def _backend(self, device: Any, user_pfn: Sequence[int], npage: int, **options: bool) -> Any:
        with super()._backend(device, user_pfn, min(npage, MAX_PAGES), **options) as found:
            yield found


class _OneError(Pinning):
    """Answers every failed call with EINVAL."""

    def pin_pages(self, *arguments: Any) -> int:
        return int(_einval(super().pin_pages, *arguments))

    def unpin_pages(self, *arguments: Any) -> int:
        return int(_einval(super().unpin_pages, *arguments))

    def register_notifier(self, *arguments: Any) -> None:
        _einval(super().register_notifier, *arguments)


def _einval(call: Any, *arguments: Any) -> Any:
    try:
        return call(*arguments)
    except OSError as error:
        raise fail(E2BIG if error.errno == E2BIG else EINVAL) from error


@wrong(
    {
        "pin.state": "seen: EINVAL",
        "pin.callbacks-missing": "expected ENOTTY; seen: EINVAL",
        "pin.page": "seen: EINVAL",
        "unpin.state": "seen: EINVAL",
        "notifier.state": "seen: EINVAL",
    }
)
class has_one_error_for_all(_OneError):
    """Every failed call fails with ``EINVAL``."""


@wrong({"pin.state-later": "seen: EINVAL", "pin.callbacks-missing": "expected ENOTTY; seen: EINVAL"}, era="6.1")
class has_one_error_for_all_later(_OneError):
    """Every failed call fails with ``EINVAL``, from 5.19 on."""


@wrong({"pin.lone-device": "expected EINVAL; seen: 1"}, era="5.10")
def pins_for_one_of_many(era: Era) -> Era:
    """Pages can be pinned for a device that shares its IOMMU group with other devices."""
    return replace(era, pins_for_lone_devices=False)


@wrong({"pin.no-operation": "expected EINVAL; seen: 1"}, era="6.1")
class pins_for_drivers_that_cannot_be_told(Type1):
    """Pages can be pinned for a driver without a callback for removed mappings."""

    def register_device(self, device: MdevDevice, dma_unmap: DmaUnmapOperation | None) -> None:
        super().register_device(device, dma_unmap or (lambda mdev, iova, size: None))


@wrong({"pin.no-mapping": "expected EINVAL; seen: 4"})
class pins_up_to_the_first_that_fails(Type1):
    """If a page cannot be pinned, the call pins the pages before it and returns their number."""

    def pin_pages(
        self, group: IommuGroup, user_pfn: Sequence[int], npage: int, prot: int, phys_pfn: MutableSequence[int]
    ) -> int:
        for count in range(npage, 1, -1):
            try:
                return super().pin_pages(group, user_pfn, count, prot, phys_pfn)
            except OSError as error:
                if error.errno != EINVAL:
                    raise
        return super().pin_pages(group, user_pfn, min(npage, 1), prot, phys_pfn)


@wrong({"pin.access": "expected EPERM; seen: 1"})
class ignores_access(Type1):
    """A page is pinned even if its mapping does not allow the access."""

    def pin_pages(
        self, group: IommuGroup, user_pfn: Sequence[int], npage: int, prot: int, phys_pfn: MutableSequence[int]
    ) -> int:
        return super().pin_pages(group, user_pfn, npage, 0, phys_pfn)


@wrong({"pin.memory-gone": "expected EFAULT; seen: 1"})
class keeps_memory_that_was_given_up(ReferenceProcess):
    """Memory that a process has unmapped can still be pinned."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.memory.unmap = lambda address: None  # type: ignore[method-assign]  # this is the fault
