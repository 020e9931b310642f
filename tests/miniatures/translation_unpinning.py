"""Hosts that leave pages pinned when pinning fails, or that unpin wrongly."""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence
from errno import EFAULT, EINVAL
from functools import partial

from mdevref.kernel.errors import fail
from mdevref.vfio.mappings import Mapping
from mdevref.vfio.type1 import Type1
from tests.miniatures.registry import wrong as wrong_host

wrong = partial(wrong_host, interface="translation")


@wrong({"pin.all-or-nothing": "expected 1 page; seen: 2"})
class leaves_what_it_pinned(Type1):
    """If a page cannot be pinned, the pages before it stay pinned."""

    def _pin_one_by_one(self, pages: Sequence[int], prot: int, phys_pfn: MutableSequence[int]) -> None:
        unpin, self._unpin_one_by_one = self._unpin_one_by_one, len  # type: ignore[assignment,method-assign]  # for once
        try:
            super()._pin_one_by_one(pages, prot, phys_pfn)
        finally:
            self._unpin_one_by_one = unpin  # type: ignore[method-assign]


@wrong({"pin.failed-array": "seen: 24301, 24301, 24301, 24301, 24301"})
class writes_nothing_when_it_fails(Type1):
    """If a page cannot be pinned, the array of host pages stays unchanged."""

    def _pin_one_by_one(self, pages: Sequence[int], prot: int, phys_pfn: MutableSequence[int]) -> None:
        found = list(phys_pfn)
        super()._pin_one_by_one(pages, prot, found)
        phys_pfn[:] = found


@wrong({"unpin.releases": "expected 2 pages; seen: 3"})
class unpins_one_page_a_call(Type1):
    """Only the first page of a call is unpinned."""

    def unpin_pages(self, user_pfn: Sequence[int], npage: int) -> int:
        super().unpin_pages(user_pfn, min(1, npage))
        return npage


@wrong({"unpin.references": "expected 1 page; seen: 0"})
class forgets_how_often(Mapping):
    """A single unpin call releases a page that was pinned several times."""

    def unpin(self, page: int) -> None:
        self._more.pop(page, None)
        super().unpin(page)


@wrong({"unpin.count": "Then the call returns "})
class counts_what_was_pinned(Type1):
    """Unpinning returns the number of pages that were pinned."""

    def unpin_pages(self, user_pfn: Sequence[int], npage: int) -> int:
        before = self._references()
        super().unpin_pages(user_pfn, npage)
        return before - self._references()

    def _references(self) -> int:
        return sum(sum(mapping.references().values()) for mapping in self.mappings)


@wrong({"unpin.nothing": "expected EINVAL; seen: 0"})
class unpins_nothing_without_an_error(Type1):
    """Unpinning returns 0 if the first page is not mapped."""

    def unpin_pages(self, user_pfn: Sequence[int], npage: int) -> int:
        try:
            return super().unpin_pages(user_pfn, npage)
        except OSError as error:
            if error.errno != EINVAL:
                raise
            return 0


@wrong({"unpin.gone": "expected success; seen: EFAULT"})
class needs_the_process_to_unpin(Mapping):
    """Pages of an exited process cannot be unpinned."""

    def unpin(self, page: int) -> None:
        if self.memory.is_gone:
            raise fail(EFAULT)
        super().unpin(page)

    def unpin_many(self, pages: Sequence[int]) -> None:
        for page in pages:
            self.unpin(page)
