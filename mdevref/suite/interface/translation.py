"""The translation interface of a target: the functions that vendor drivers call, and the notifications that they get.

User pages are identified by their page number in the device's address space (IOVA >> 12), host pages by their page
frame number. A vendor driver pins pages for a mediated device, which is identified by its UUID. Every failed call
raises :class:`OSError` with the errno that the implementation returned.
"""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence
from dataclasses import dataclass
from typing import Protocol

from mdevref.suite.interface.device import Memory


@dataclass(frozen=True, slots=True)
class Told:
    """A notification to a vendor driver that a mapping of ``size`` bytes at ``iova`` is being removed."""

    device: str
    iova: int
    size: int

    def __str__(self) -> str:
        return f"{self.size:#x} bytes at {self.iova:#x}"


class Translation(Protocol):
    """The entry points, with scripted vendor drivers that keep account of the pages that they pin.

    Releases that offer these functions in another form are called by that form: a notifier is registered by the vendor
    driver until 5.18, and is an operation of the device's driver from 5.19 on.
    """

    def pin_pages(
        self,
        device: str | None,
        user_pfn: Sequence[int] | None,
        npage: int,
        prot: int,
        phys_pfn: MutableSequence[int] | None,
    ) -> int:
        """Pin ``npage`` pages, write their host page numbers to ``phys_pfn``, and return the number of pinned pages.

        ``prot`` is 1 to read, 2 to write, or 3 for both. None omits an argument.
        """

    def unpin_pages(self, device: str | None, user_pfn: Sequence[int] | None, npage: int) -> int: ...
    def register_notifier(self, device: str | None, kind: int, events: int | None, notifier: str | None) -> int:
        """Register a notifier under a name that the scenario chose, and return the remaining bits of ``events``."""

    def unregister_notifier(self, device: str | None, kind: int, notifier: str | None) -> None: ...
    def listen(self, device: str) -> None:
        """Have the vendor driver of a device notified of the removal of mappings, by the means of the release."""

    def wait_before_unpinning(self, times: int) -> None:
        """Make vendor drivers unpin their pages on notification number ``times``; by default on the first one."""

    def told(self) -> Sequence[Told]:
        """Return the notifications to vendor drivers, in order."""

    def read_page(self, pfn: int, count: int) -> bytes:
        """Return the first ``count`` bytes of a host page."""

    def write_page(self, pfn: int, data: bytes) -> None: ...
    def pinned(self) -> int:
        """Return the number of pinned host pages; a page counts once for each mapping that pins it."""

    # Users

    def locked_pages(self, memory: Memory) -> int:
        """Return the number of pages that are accounted to a process as locked."""

    def limit_locked_pages(self, memory: Memory, pages: int) -> None:
        """Limit a process to ``pages`` locked pages, and drop its privilege to exceed the limit."""

    def let_lock(self, memory: Memory) -> None:
        """Give a process the privilege to lock more pages than its limit."""

    def hand_over(self, memory: Memory, descriptor: int, receiver: Memory) -> int:
        """Pass an open file to another process, as SCM_RIGHTS does, and return its descriptor there."""

    # Containers

    def back_end_without_callbacks(self) -> int:
        """Register a back end that cannot pin pages, and return its number for SET_IOMMU."""

    def back_end_that_refuses(self, device: str, errno: int) -> int:
        """Register a back end that refuses the group of a device with this errno; return its number for SET_IOMMU."""

    def limit_mappings(self, number: int) -> None:
        """Limit each container whose back end is set after this call to ``number`` mappings."""

    def put_behind_no_iommu(self, device: str) -> None:
        """Turn the group of a device into a no-IOMMU group."""

    def put_in_group(self, device: str, group_of: str) -> None:
        """Add a device to the group of another device."""

    def put_stranger_in_group(self, device: str) -> None:
        """Add a device with a driver other than VFIO's to this device's group, which is then not viable."""
