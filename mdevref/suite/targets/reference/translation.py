"""The translation interface of the reference host: its entry points, with scripted vendor drivers."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, MutableSequence, Sequence
from errno import EFAULT
from functools import partial
from typing import cast

from mdevref.drivers.scripted import ScriptedDriver
from mdevref.host import Host
from mdevref.kernel.errors import fail
from mdevref.kernel.memory import PAGE_SHIFT, PAGE_SIZE, AddressSpace
from mdevref.kernel.process import CAPABILITIES, Process
from mdevref.mdev.objects import MdevDevice
from mdevref.suite.interface.device import Memory
from mdevref.suite.interface.translation import Told
from mdevref.suite.interface.unsupported import Unsupported
from mdevref.vfio.bare_backend import KIND, BareDriver
from mdevref.vfio.device import VfioDevice
from mdevref.vfio.pinning import IOMMU_NOTIFY, MAX_PAGES, Events
from mdevref.vfio.type1 import DmaUnmapped, Type1Driver

_LOCK = "CAP_IPC_LOCK"


class ReferenceTranslation:
    """The entry points of a host. ``processes`` are those whose memory a scenario may pass."""

    def __init__(self, host: Host, processes: Sequence[Process]) -> None:
        self._host = host
        self._processes = processes
        self._pinning = host.pinning(host.vfio)
        self._pins: Counter[tuple[str, int]] = Counter()  # the pins of the vendor drivers, by device and page
        self._told: list[Told] = []
        self._times: Counter[int] = Counter()
        self._patience = 1
        self._notifiers: dict[str, Callable[[DmaUnmapped], None]] = {}

    # The entry points

    def pin_pages(
        self,
        device: str | None,
        user_pfn: Sequence[int] | None,
        npage: int,
        prot: int,
        phys_pfn: MutableSequence[int] | None,
    ) -> int:
        count = self._pinning.pin_pages(self._mdev(device), user_pfn, npage, prot, phys_pfn)
        if device is not None and user_pfn is not None:
            self._pins.update((device, page) for page in user_pfn[: max(0, npage)])
        return count

    def unpin_pages(self, device: str | None, user_pfn: Sequence[int] | None, npage: int) -> int:
        count = self._pinning.unpin_pages(self._mdev(device), user_pfn, npage)
        if device is not None and user_pfn is not None:
            self._pins.subtract((device, page) for page in user_pfn[:count])
        return count

    def register_notifier(self, device: str | None, kind: int, events: int | None, notifier: str | None) -> int:
        mask = Events(events) if events is not None else None
        self._pinning.register_notifier(self._mdev(device), kind, mask, self._notifier(device, notifier))
        return mask.mask if mask is not None else 0

    def unregister_notifier(self, device: str | None, kind: int, notifier: str | None) -> None:
        self._pinning.unregister_notifier(self._mdev(device), kind, self._notifier(device, notifier))

    def _mdev(self, device: str | None) -> MdevDevice | None:
        return self._host.core.devices[device] if device is not None else None

    # The vendor drivers

    def listen(self, device: str) -> None:
        if not self._host.era.has_dma_unmap_operation:
            self.register_notifier(device, IOMMU_NOTIFY, Events().mask, f"notifier of {device}")
            return
        vendor = self._host.vendors.get("scripted")
        if not isinstance(vendor, ScriptedDriver):
            raise Unsupported("only the scripted vendor driver implements the dma_unmap operation")
        vendor.listeners[device] = partial(self._hear, device)

    def wait_before_unpinning(self, times: int) -> None:
        self._patience = times

    def told(self) -> Sequence[Told]:
        return tuple(self._told)

    def _notifier(self, device: str | None, name: str | None) -> Callable[[DmaUnmapped], None] | None:
        if name is None:
            return None
        if name not in self._notifiers:
            self._notifiers[name] = partial(self._hear, device or "")
        return self._notifiers[name]

    def _hear(self, device: str, event: DmaUnmapped) -> None:
        """Record a notification, and unpin the device's pages of the mapping if it was notified often enough."""
        self._told.append(Told(device, event.iova, event.size))
        self._times[event.iova] += 1
        if self._times[event.iova] < self._patience:
            return
        end = event.iova + event.size
        pages = [
            page
            for (owner, page), count in self._pins.items()
            if owner == device and event.iova <= page << PAGE_SHIFT < end
            for _ in range(count)
        ]
        for first in range(0, len(pages), MAX_PAGES):
            some = pages[first : first + MAX_PAGES]
            with contextlib.suppress(OSError):  # the notifier's caller cannot handle an error
                self.unpin_pages(device, some, len(some))

    def read_page(self, pfn: int, count: int) -> bytes:
        return bytes(self._page(pfn)[:count])

    def write_page(self, pfn: int, data: bytes) -> None:
        self._page(pfn)[: len(data)] = data

    def _page(self, pfn: int) -> memoryview:
        """Return the host page with this number. Fails with EFAULT if there is no such page."""
        try:
            return self._host.kernel.host_memory.page(pfn)
        except LookupError as error:
            raise fail(EFAULT, str(error)) from error

    def pinned(self) -> int:
        return self._host.kernel.host_memory.pinned

    # Users

    def locked_pages(self, memory: Memory) -> int:
        return cast(AddressSpace, memory).locked_pages

    def limit_locked_pages(self, memory: Memory, pages: int) -> None:
        process = self._process(memory)
        process.memory.memlock = pages * PAGE_SIZE
        process.capabilities -= {_LOCK}

    def let_lock(self, memory: Memory) -> None:
        self._process(memory).capabilities |= CAPABILITIES & {_LOCK}

    def hand_over(self, memory: Memory, descriptor: int, receiver: Memory) -> int:
        return self._process(memory).send(descriptor, self._process(receiver))

    def _process(self, memory: Memory) -> Process:
        return next(process for process in self._processes if process.memory is memory)

    # Containers

    def back_end_without_callbacks(self) -> int:
        self._host.load(BareDriver.name)
        return KIND

    def back_end_that_refuses(self, device: str, errno: int) -> int:
        self._host.load(BareDriver.name)
        for driver, _ in self._host.vfio.backends:
            if isinstance(driver, BareDriver):
                driver.refusals[self._device(device).group.iommu_group.number] = errno
        return KIND

    def limit_mappings(self, number: int) -> None:
        for driver, _ in self._host.vfio.backends:
            if isinstance(driver, Type1Driver):
                driver.entry_limit = number

    def put_behind_no_iommu(self, device: str) -> None:
        self._device(device).group.is_noiommu = True

    def put_in_group(self, device: str, group_of: str) -> None:
        self._device(group_of).group.devices[device] = self._device(device).mdev

    def put_stranger_in_group(self, device: str) -> None:
        self._device(device).group.is_viable = False

    def _device(self, name: str) -> VfioDevice:
        return self._host.vfio.devices.find(name)
