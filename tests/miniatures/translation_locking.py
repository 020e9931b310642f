"""Hosts that account, limit or release locked memory wrongly."""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence
from dataclasses import replace
from errno import ENOMEM
from functools import partial

from mdevref.kernel.errors import fail
from mdevref.mdev.eras import Era
from mdevref.vfio.mappings import Mapping
from mdevref.vfio.type1 import Type1
from tests.miniatures.registry import wrong as wrong_host

wrong = partial(wrong_host, interface="translation")


@wrong({"lock.counted": "expected 3 pages; seen: 0"})
class locks_nothing(Mapping):
    """Pinned pages are not accounted to any process."""

    def _account(self, count: int) -> None:
        """Nothing is accounted."""

    def _give_back(self, frames: list[int]) -> None:
        self.memory.host_memory.put(frames)


@wrong({"pin.limit": "expected ENOMEM; seen: 3"})
class has_no_limit(Mapping):
    """Locked memory is accounted but not limited."""

    def _account(self, count: int) -> None:
        self.memory.lock_pages(count, ignores_limit=True)


@wrong({"lock.failed": "expected 1 page; seen: 4"})
class keeps_failed_pages_locked(Type1):
    """The pages of a failed call stay accounted."""

    def _pin_one_by_one(self, pages: Sequence[int], prot: int, phys_pfn: MutableSequence[int]) -> None:
        mapping = self.mappings.of_page(pages[0])
        before = mapping.memory.locked_pages if mapping is not None else 0
        try:
            super()._pin_one_by_one(pages, prot, phys_pfn)
        except OSError:
            if mapping is not None:
                mapping.memory.lock_pages(len(pages) - before, ignores_limit=True)
            raise


@wrong({"lock.again": "expected 2; seen: ENOMEM"})
class refuses_at_the_limit(Mapping):
    """When the limit of locked memory is reached, even pages that are already pinned cannot be pinned again."""

    def pin(self, page: int) -> int:
        limit = self.memory.memlock
        if limit is not None and self.memory.locked_pages >= limit >> 12:
            raise fail(ENOMEM)
        return super().pin(page)


@wrong({"lock.privileged": "expected 4; seen: ENOMEM"})
class limits_everybody(Mapping):
    """The limit of locked memory applies to privileged processes too."""

    def _account(self, count: int) -> None:
        self.memory.lock_pages(count)


def _is_privileged(mapping: Mapping) -> bool:
    return "CAP_IPC_LOCK" in mapping.process.capabilities


@wrong({"lock.privileged-accounting": "expected 4 pages; seen: 0"})
class accounts_nothing_to_the_privileged(Mapping):
    """Pinned pages of a process with the capability CAP_IPC_LOCK are not accounted."""

    def _account(self, count: int) -> None:
        if not _is_privileged(self):
            super()._account(count)

    def _give_back(self, frames: list[int]) -> None:
        self.memory.host_memory.put(frames)
        if not _is_privileged(self):
            self.memory.unlock_pages(len(frames))


@wrong({"lock.remembered": "ENOMEM"}, era="5.10")
def asks_when_it_pins(era: Era) -> Era:
    """The privileges of a process are checked when its pages are pinned, as in early releases."""
    return replace(era, remembers_lock_capability=False)
