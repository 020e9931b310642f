"""What the steps ask of a target's translation interface: what vendor drivers call, and what they are told.

Pages of a user are known by their numbers in the addresses that devices use (IOVA >> 12), host pages by numbers of the
host's own. A vendor driver pins on behalf of a mediated device, which is known by its UUID. Every failure is an
:class:`OSError` with the errno that the implementation gave.
"""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence
from dataclasses import dataclass
from typing import Protocol

from mdevref.suite.interface.device import Memory


@dataclass(frozen=True, slots=True)
class Told:
    """A vendor driver was told that a mapping of ``size`` bytes at ``iova`` goes."""

    device: str
    iova: int
    size: int

    def __str__(self) -> str:
        return f"{self.size:#x} bytes at {self.iova:#x}"


class Translation(Protocol):
    """The entry points, with vendor drivers that do as a scenario tells them; they keep account of what they pin.

    Where a release has the functions of this interface in another form, they are meant: a notifier is what a vendor
    driver registers until 5.18, and an operation of the device's driver from 5.19 on.
    """

    def pin_pages(
        self,
        device: str | None,
        user_pfn: Sequence[int] | None,
        npage: int,
        prot: int,
        phys_pfn: MutableSequence[int] | None,
    ) -> int:
        """``phys_pfn`` is written in place; ``prot`` is 1 to read, 2 to write, or both. None: left out."""

    def unpin_pages(self, device: str | None, user_pfn: Sequence[int] | None, npage: int) -> int: ...
    def register_notifier(self, device: str | None, kind: int, events: int | None, notifier: str | None) -> int:
        """Register a notifier under a name of the scenario's; the bits of ``events`` that are left."""

    def unregister_notifier(self, device: str | None, kind: int, notifier: str | None) -> None: ...
    def listen(self, device: str) -> None:
        """Have the vendor driver of a device told of mappings that go, in the way of the release."""

    def wait_before_unpinning(self, times: int) -> None:
        """Vendor drivers keep their pages until they were told so many times; else they unpin them the first time."""

    def told(self) -> Sequence[Told]:
        """What vendor drivers were told, in order."""

    def read_page(self, pfn: int, count: int) -> bytes:
        """The first bytes of a host page."""

    def write_page(self, pfn: int, data: bytes) -> None: ...
    def pinned(self) -> int:
        """How many host pages are pinned, a page once for each mapping by which it is."""

    # What concerns users

    def locked_pages(self, memory: Memory) -> int:
        """How many pages are accounted to a process as locked."""

    def limit_locked_pages(self, memory: Memory, pages: int) -> None:
        """A process may lock so many pages, and is not privileged to lock more."""

    def let_lock(self, memory: Memory) -> None:
        """A process is privileged to lock any number of pages, whatever its limit."""

    def hand_over(self, memory: Memory, descriptor: int, receiver: Memory) -> int:
        """Give an open file to another process, as by SCM_RIGHTS; its descriptor there."""

    # What concerns containers

    def back_end_without_callbacks(self) -> int:
        """Have a back end that cannot pin; its number, for SET_IOMMU."""

    def back_end_that_refuses(self, device: str, errno: int) -> int:
        """Have a back end that refuses the group of a device with this errno; its number, for SET_IOMMU."""

    def limit_mappings(self, number: int) -> None:
        """Containers that get their back end from now on have room for so many mappings."""

    def put_behind_no_iommu(self, device: str) -> None:
        """Make the group of a device one of devices that no IOMMU translates for."""

    def put_in_group(self, device: str, group_of: str) -> None:
        """Have a device in the group of another one, too."""

    def put_stranger_in_group(self, device: str) -> None:
        """Have a device in the group of this one, too, whose driver is not VFIO's: the group is not viable."""
