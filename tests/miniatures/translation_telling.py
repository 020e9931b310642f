"""Hosts that notify vendor drivers of removed mappings wrongly: never, too late, too often, of wrong mappings."""

from __future__ import annotations

from errno import EBUSY
from functools import partial
from typing import Any

from mdevref.kernel.errors import fail
from mdevref.kernel.memory import PAGE_SHIFT, PAGE_SIZE, AddressSpace
from mdevref.vfio.pinning import DMA_UNMAP, Pinning
from mdevref.vfio.type1 import DmaUnmapped, Notifier, Type1
from tests.miniatures.registry import wrong as wrong_host

wrong = partial(wrong_host, interface="translation")


@wrong({"told.mapping": "seen: 1 at "})
class tells_of_pages(Type1):
    """The notification names the first pinned page instead of the mapping."""

    def _notify(self, event: DmaUnmapped) -> None:
        mapping = self.mappings.first(event.iova, event.iova + 1)
        assert mapping is not None
        super()._notify(DmaUnmapped(min(mapping.references()) << PAGE_SHIFT, PAGE_SIZE))


@wrong({"told.not": "expected no notification; seen: 0x2000 bytes at 0x10000, 0x2000 bytes at 0x12000"})
class tells_of_every_mapping(Type1):
    """Vendor drivers are also notified of mappings without pinned pages."""

    def _unmap_range(self, start: int, end: int, memory: AddressSpace) -> int:
        with self._lock:
            for mapping in self.mappings:
                if start <= mapping.start and mapping.end <= end and not mapping.has_pins:
                    self._notify(DmaUnmapped(mapping.start, mapping.size))
        return super()._unmap_range(start, end, memory)


@wrong({"told.waits": "expected 0 pages; seen: 2"})
class unmaps_before_it_tells(Type1):
    """Vendor drivers are notified only after the mapping was removed."""

    def _notify(self, event: DmaUnmapped) -> None:
        mapping = self.mappings.first(event.iova, event.iova + 1)
        assert mapping is not None
        self.mappings.remove(mapping)
        super()._notify(event)
        self.unmapped += mapping.size

    def _unmap_range(self, start: int, end: int, memory: AddressSpace) -> int:
        self.unmapped = 0
        return super()._unmap_range(start, end, memory) + self.unmapped


@wrong({"told.again": "expected 2 pages; seen: EBUSY"})
class tells_once(Type1):
    """Unmapping fails if a vendor driver does not unpin its pages."""

    def _notify(self, event: DmaUnmapped) -> None:
        super()._notify(event)
        mapping = self.mappings.first(event.iova, event.iova + 1)
        if mapping is not None and mapping.has_pins:
            raise fail(EBUSY)


@wrong({"told.every-driver": "vendor driver of B was notified"})
class tells_one_driver(Type1):
    """Only one of the vendor drivers in a container is notified."""

    def _notify(self, event: DmaUnmapped) -> None:
        notifiers = self._notifiers
        self._notifiers = notifiers[:1]
        try:
            super()._notify(event)
        finally:
            self._notifiers = notifiers


@wrong({"told.own-container": "expected 2 at 16; seen: 2 at 16, 2 at 16"})
class tells_all_containers(Type1):
    """The vendor drivers of all containers are notified."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._notifiers = self._kernel.__dict__.setdefault("notifiers of all", [])


@wrong({"notifier.registered": "expected 0; seen: 1"})
class leaves_the_events(Pinning):
    """Registration leaves the accepted events in the mask of the notifier."""

    def register_notifier(self, device: Any, kind: int, events: Any, notifier: Notifier | None) -> None:
        super().register_notifier(device, kind, events, notifier)
        events.mask |= DMA_UNMAP


@wrong({"notifier.refused": "expected EINVAL; seen: 0"})
class takes_events_that_there_are_not(Pinning):
    """Registration accepts unknown events."""

    def register_notifier(self, device: Any, kind: int, events: Any, notifier: Notifier | None) -> None:
        if events is not None and events.mask:
            events.mask = DMA_UNMAP
        super().register_notifier(device, kind, events, notifier)


@wrong({"notifier.gone-pinning": "expected EINVAL; seen: 1"})
class pins_without_a_notifier(Type1):
    """Pages can be pinned after the last notifier was unregistered."""

    def _unregister_notifier(self, notifier: Notifier) -> None:
        super()._unregister_notifier(notifier)
        if not self._notifiers:
            self._notifiers.append(lambda event: None)


@wrong({"notifier.gone": "Then the call fails with E"})
class keeps_notifiers(Type1):
    """Unregistering a notifier succeeds without effect."""

    def _unregister_notifier(self, notifier: Notifier) -> None:
        notifiers = list(self._notifiers)
        super()._unregister_notifier(notifier)
        self._notifiers: list[Notifier] = notifiers
