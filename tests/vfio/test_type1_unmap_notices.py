"""Before it removes a mapping with pinned pages, type1 notifies the vendor driver and waits."""

from __future__ import annotations

import threading

import pytest

from mdevref.kernel.errors import KernelBug
from mdevref.kernel.waiting import DEADLINE
from mdevref.vfio.pinning import IOMMU_NOTIFY
from mdevref.vfio.type1 import REPEATS, DmaUnmapped
from tests.vfio.users import PAGE, User


def test_unmapping_tells_of_each_mapping_with_pins_and_waits(user: User) -> None:
    area = user.process.memory.map(4 * PAGE)
    heard: list[DmaUnmapped] = []

    def unpin(event: DmaUnmapped) -> None:
        heard.append(event)
        assert threading.current_thread() is threading.main_thread()
        assert user.unpin(*range(event.iova // PAGE, (event.iova + event.size) // PAGE))

    user.hear(unpin)
    user.map(0, area.address, 2 * PAGE)
    user.map(2 * PAGE, area.address, PAGE)
    user.map(3 * PAGE, area.address, PAGE)
    user.pin(1, 3)
    assert user.unmap(0, 4 * PAGE) == 4 * PAGE
    assert heard == [DmaUnmapped(0, 2 * PAGE), DmaUnmapped(3 * PAGE, PAGE)]
    assert user.host.kernel.host_memory.pinned == 0


def test_whoever_stops_listening_is_told_of_nothing_after_that(user: User) -> None:
    """As in the kernel, closing waits for the chain of notifiers, or for the list of devices (facts N5, N6)."""
    begun, may_end = threading.Event(), threading.Event()
    happened: list[str] = []

    def unpin(event: DmaUnmapped) -> None:
        begun.set()
        assert may_end.wait(DEADLINE)
        user.unpin(0)
        happened.append("told")

    def stop() -> None:
        if user.host.era.has_dma_unmap_operation:
            user.process.close(user.device)
        else:
            user.pinning.unregister_notifier(user.mdev, IOMMU_NOTIFY, unpin)
        happened.append("stopped")

    user.hear(unpin)
    user.map(0, user.process.memory.map(PAGE).address, PAGE)
    user.pin(0)
    unmapping = user.host.start(lambda: user.unmap(0, PAGE))
    try:
        assert begun.wait(DEADLINE)
        stopping = user.host.start(stop)
        assert stopping.is_blocked()
    finally:
        may_end.set()
    stopping.result()
    assert unmapping.result() == PAGE
    assert happened == ["told", "stopped"]


def test_a_vendor_that_never_unpins_stops_the_kernel(user: User) -> None:
    heard: list[DmaUnmapped] = []
    user.hear(heard.append)
    user.map(0, user.process.memory.map(PAGE).address, PAGE)
    user.pin(0)
    with pytest.raises(KernelBug):
        user.unmap(0, PAGE)
    assert len(heard) == 1 + REPEATS


def test_a_vendor_may_take_a_few_calls_to_unpin(user: User) -> None:
    heard: list[DmaUnmapped] = []

    def unpin_at_last(event: DmaUnmapped) -> None:
        heard.append(event)
        if len(heard) > REPEATS:
            user.unpin(0)

    user.hear(unpin_at_last)
    user.map(0, user.process.memory.map(PAGE).address, PAGE)
    user.pin(0)
    assert user.unmap(0, PAGE) == PAGE
