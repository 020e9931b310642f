"""The guest maps and unmaps its memory, and the vendor driver pins it."""

from __future__ import annotations

import errno
import os

import pytest

from mdevref.kernel.memory import PAGE_SIZE
from mdevref.servers.vfio_user import device as vfio_user_device
from mdevref.servers.vfio_user import protocol as protocol
from mdevref.servers.vfio_user.protocol import Command
from mdevref.vfio import uapi
from mdevref.vfio.pinning import IOMMU_NOTIFY, Events, Pinning
from tests.machines import errno_of
from tests.servers.vfio_user import cards
from tests.servers.vfio_user.client import Client


def test_what_the_guest_maps_can_be_pinned() -> None:
    host, uuid = cards.card()
    client = Client(host, uuid)
    client.done(Command.VERSION, cards.version())
    guest = os.memfd_create("guest")
    os.ftruncate(guest, 4 * PAGE_SIZE)
    os.pwrite(guest, b"written by the guest", 2 * PAGE_SIZE)
    client.done(Command.DMA_MAP, cards.dma_map(0x4000_0000, 2 * PAGE_SIZE, offset=2 * PAGE_SIZE), [os.dup(guest)])
    mdev = next(each for each in host.core.devices.values() if each.name == uuid)
    pinning = Pinning(host.vfio)
    frames, pages = [0], [0x4000_0000 // PAGE_SIZE]
    pinning.register_notifier(mdev, IOMMU_NOTIFY, Events(), lambda _: pinning.unpin_pages(mdev, pages, 1))
    assert pinning.pin_pages(mdev, pages, 1, uapi.MapFlags.READ | uapi.MapFlags.WRITE, frames) == 1
    page = host.kernel.host_memory.page(frames[0])
    assert bytes(page[:20]) == b"written by the guest"
    page[:6] = b"vendor"
    assert os.pread(guest, 6, 2 * PAGE_SIZE) == b"vendor"
    del page
    # The vendor driver is notified before the mapping is removed, and unpins the page.
    client.done(Command.DMA_UNMAP, cards.dma_unmap(0x4000_0000, 2 * PAGE_SIZE))
    assert host.kernel.host_memory.pinned == 0
    assert errno_of(pinning.pin_pages, mdev, pages, 1, uapi.MapFlags.READ, frames) == errno.EINVAL
    client.session.close()
    os.close(guest)


def test_memory_that_is_mapped_cannot_shrink() -> None:
    client = Client(*cards.card())
    client.done(Command.VERSION, cards.version())
    guest = os.memfd_create("guest", os.MFD_ALLOW_SEALING | os.MFD_CLOEXEC)
    os.ftruncate(guest, PAGE_SIZE)
    client.done(Command.DMA_MAP, cards.dma_map(0x10_0000), [os.dup(guest)])
    assert errno_of(os.ftruncate, guest, 0) == errno.EPERM
    client.session.close()
    os.close(guest)


def test_a_mapping_without_memory_cannot_be_pinned() -> None:
    host, uuid = cards.card()
    client = Client(host, uuid)
    client.done(Command.VERSION, cards.version())
    client.done(Command.DMA_MAP, cards.dma_map(0x4000_0000))
    mdev = next(each for each in host.core.devices.values() if each.name == uuid)
    pinning = Pinning(host.vfio)
    pinning.register_notifier(mdev, IOMMU_NOTIFY, Events(), lambda _: None)
    assert errno_of(pinning.pin_pages, mdev, [0x4_0000], 1, uapi.MapFlags.READ, [0]) == errno.EFAULT
    client.done(Command.DMA_UNMAP, cards.dma_unmap(0x4000_0000))
    client.session.close()


@pytest.mark.parametrize(
    ("payload", "kinds", "code"),
    [
        (cards.dma_map(0x10_0000), ("memory",), errno.EEXIST),
        (cards.dma_map(0x10_0000), (), errno.EEXIST),
        (cards.dma_map(0x50_0000, flags=0), ("memory",), errno.EINVAL),
        (cards.dma_map(0x50_0000, size=0), ("memory",), errno.EINVAL),
        (cards.dma_map(0x50_0000, size=0), (), errno.EINVAL),
        (cards.dma_map(0x50_0001), ("memory",), errno.EINVAL),
        (cards.dma_map(0x50_0000, size=100), ("memory",), errno.EINVAL),
        (cards.dma_map(0x50_0000, offset=100), ("memory",), errno.EINVAL),
        (cards.dma_map(0x50_0000, size=1 << 40), ("memory",), errno.EINVAL),
        (cards.dma_map(0x50_0000, offset=(1 << 64) - 4096), ("memory",), errno.EINVAL),
        (cards.dma_map((1 << 64) - 4096, size=8192), (), errno.EINVAL),
        (cards.dma_map(0x50_0000), ("null",), errno.EINVAL),
        (cards.dma_map(0x50_0000), ("eventfd",), errno.EINVAL),
        (cards.dma_map(0x50_0000), ("memory", "memory"), errno.EINVAL),
        (cards.dma_map(0x50_0000)[:-8], ("memory",), errno.EINVAL),
    ],
)
def test_memory_that_cannot_be_mapped_is_refused(payload: bytes, kinds: tuple[str, ...], code: int) -> None:
    client = Client(*cards.card())
    client.done(Command.VERSION, cards.version())
    client.done(Command.DMA_MAP, cards.dma_map(0x10_0000), [cards.descriptor("memory")])
    files = cards.open_files()
    assert client.refused(Command.DMA_MAP, payload, [cards.descriptor(kind) for kind in kinds]) == code
    assert cards.open_files() == files
    client.session.close()


def test_there_are_as_many_mappings_as_was_told_and_no_more(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vfio_user_device, "MAX_MAPPINGS", 3)
    for number in range(3):
        client.done(Command.DMA_MAP, cards.dma_map(number * PAGE_SIZE))
    assert client.refused(Command.DMA_MAP, cards.dma_map(3 * PAGE_SIZE)) == errno.ENOSPC
    client.done(Command.DMA_UNMAP, cards.dma_unmap(0))
    client.done(Command.DMA_MAP, cards.dma_map(3 * PAGE_SIZE), [cards.descriptor("memory")])


def test_a_guest_that_maps_its_memory_again_and_again_does_not_run_out_of_room() -> None:
    client = Client(*cards.card())
    client.done(Command.VERSION, cards.version())
    memory, size = os.memfd_create("guest"), 1 << 43
    os.ftruncate(memory, size)
    for _ in range(20):  # in total more than the address space
        client.done(Command.DMA_MAP, cards.dma_map(0, size), [os.dup(memory)])
        client.done(Command.DMA_UNMAP, cards.dma_unmap(0, size))
    os.close(memory)
    client.session.close()


def test_a_mapping_is_taken_away_as_it_was_made_or_not_at_all(client: Client) -> None:
    client.done(Command.DMA_MAP, cards.dma_map(0x10_0000, 2 * PAGE_SIZE), [cards.descriptor("memory")])
    for address, size in ((0x10_0000, PAGE_SIZE), (0x10_1000, PAGE_SIZE), (0x20_0000, PAGE_SIZE), (0, 0)):
        assert client.refused(Command.DMA_UNMAP, cards.dma_unmap(address, size)) == errno.EINVAL
    unmapped = cards.dma_unmap(0x10_0000, 2 * PAGE_SIZE)
    assert client.done(Command.DMA_UNMAP, unmapped) == unmapped
    assert client.refused(Command.DMA_UNMAP, unmapped) == errno.EINVAL
