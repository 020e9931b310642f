"""The entry points of the translation: the order of their checks in each era, and their side effects."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from errno import E2BIG, EBUSY, EINVAL, ENODEV, ENOENT, ENOTTY, EPERM
from typing import Any

import pytest

from mdevref.mdev.eras import ERAS
from mdevref.vfio import uapi
from mdevref.vfio.bare_backend import KIND
from mdevref.vfio.pinning import DMA_UNMAP, IOMMU_NOTIFY, MAX_PAGES, Events
from mdevref.vfio.uapi import Extension
from tests.machines import errno_of
from tests.vfio.users import PAGE, User, host_of, user_of

ALL = list(ERAS)
NOTIFYING = [name for name, era in ERAS.items() if not era.has_dma_unmap_operation]
TELLING = [name for name, era in ERAS.items() if era.has_dma_unmap_operation]


def ready(era: str, **options: Any) -> User:
    """Map 600 pages and register a listener for unmaps."""
    user = user_of(host_of(era), **options)
    user.hear(lambda event: None)
    user.map(0, user.process.memory.map(600 * PAGE).address, 600 * PAGE)
    return user


@pytest.mark.parametrize("era", ALL)
def test_arguments_are_looked_at_first(era: str) -> None:
    user = user_of(host_of(era), is_open=era in TELLING)
    pin, unpin = user.pinning.pin_pages, user.pinning.unpin_pages
    pages, frames = list(range(MAX_PAGES + 1)), [0] * (MAX_PAGES + 1)
    assert errno_of(pin, None, pages, 1, 3, frames) == EINVAL
    assert errno_of(pin, user.mdev, None, 1, 3, frames) == EINVAL
    assert errno_of(pin, user.mdev, pages, 1, 3, None) == EINVAL
    assert errno_of(pin, user.mdev, pages, 0, 3, frames) == EINVAL
    assert errno_of(pin, user.mdev, pages, MAX_PAGES + 1, 3, frames) == E2BIG
    assert errno_of(unpin, None, pages, 1) == EINVAL
    assert errno_of(unpin, user.mdev, None, 1) == EINVAL
    assert errno_of(unpin, user.mdev, pages, 0) == EINVAL
    assert errno_of(unpin, user.mdev, pages, MAX_PAGES + 1) == E2BIG


@pytest.mark.parametrize("era", ALL)
def test_a_call_has_as_many_pages_as_fit_in_one(era: str) -> None:
    user = ready(era)
    assert len(user.pin(*range(MAX_PAGES))) == MAX_PAGES
    assert user.unpin(*range(MAX_PAGES)) == MAX_PAGES


@pytest.mark.parametrize("era", ALL)
def test_no_pages_at_all_by_a_negative_count(era: str) -> None:
    user = ready(era)
    frames = [7]
    assert user.pinning.pin_pages(user.mdev, [0], -1, 3, frames) == 0
    assert frames == [7]


@pytest.mark.parametrize("era", ALL)
def test_arrays_of_other_kinds(era: str) -> None:
    user = ready(era)
    pages, frames = array("Q", [4, 5, 1, 1]), array("Q", bytes(8 * 5))
    assert user.pinning.pin_pages(user.mdev, pages, 4, 3, frames) == 4
    assert list(frames) == [*user.pin(4, 5, 1, 1), 0]
    with pytest.raises(ValueError, match="room"):
        user.pinning.pin_pages(user.mdev, pages, 4, 3, [0])
    with pytest.raises(ValueError, match="page numbers"):
        user.pinning.unpin_pages(user.mdev, pages, 5)


@pytest.mark.parametrize("era", NOTIFYING)
def test_states_of_a_device_in_their_order(era: str) -> None:
    """Pinning and unpinning check alike. Registering a notifier maps all container errors to one errno."""
    user = user_of(host_of(era), kind=None)
    mdev, host = user.mdev, user.host

    def errnos(events: int = DMA_UNMAP) -> tuple[int | None, ...]:
        return (
            errno_of(user.pin, 0),
            errno_of(user.unpin, 0),
            errno_of(user.pinning.register_notifier, mdev, IOMMU_NOTIFY, Events(events), print),
            errno_of(user.pinning.unregister_notifier, mdev, IOMMU_NOTIFY, print),
        )

    assert errnos() == (EINVAL, EINVAL, EINVAL, EINVAL)  # before SET_IOMMU
    group = host.vfio.devices.find(user.name).group
    group.is_noiommu = True
    assert errnos() == (EPERM, EPERM, EINVAL, EINVAL)
    group.is_noiommu = False
    user.process.ioctl(user.container, uapi.SET_IOMMU, KIND)
    assert errnos() == (ENOTTY, ENOTTY, ENOTTY, ENOTTY)
    user.process.ioctl(user.group, uapi.GROUP_UNSET_CONTAINER)
    assert errnos() == (EINVAL, EINVAL, EINVAL, EINVAL)  # without container
    user.process.exit()
    host.sysfs.write("bus/mdev/drivers/vfio_mdev/unbind", user.name.encode())
    assert errnos() == (ENODEV, ENODEV, ENODEV, ENODEV)


@pytest.mark.parametrize("era", TELLING)
def test_a_device_that_is_not_open_has_no_memory(era: str) -> None:
    user = ready(era, is_open=False)
    assert errno_of(user.pin, 0) == EINVAL
    assert errno_of(user.pinning.pin_pages, user.mdev, [0] * 999, 999, 3, [0] * 999) == EINVAL
    device = user.process.ioctl(user.group, uapi.GROUP_GET_DEVICE_FD, uapi.device_name(user.name))
    user.pin(0)
    user.unpin(0)
    user.process.close(device)
    assert errno_of(user.unpin, 0) == EINVAL


@pytest.mark.parametrize("era", TELLING)
def test_without_the_operation_nothing_can_be_pinned(era: str) -> None:
    host = host_of(era)
    vendor = host.vendors["scripted"]
    vendor._operations = type(vendor._operations)(open=vendor.open_device, release=vendor.close_device)
    user = user_of(host)
    user.map(0, user.process.memory.map(PAGE).address, PAGE)
    assert errno_of(user.pin, 0) == EINVAL
    events = Events()
    assert errno_of(user.pinning.register_notifier, user.mdev, IOMMU_NOTIFY, events, print) == ENOTTY


@pytest.mark.parametrize("era", NOTIFYING)
def test_without_a_notifier_nothing_can_be_pinned_but_unpinned(era: str) -> None:
    user = ready(era)
    heard: list[Any] = []
    user.pin(0)
    with pytest.raises(OSError, match="No such file"):
        user.pinning.unregister_notifier(user.mdev, IOMMU_NOTIFY, heard.append)
    user.pinning.register_notifier(user.mdev, IOMMU_NOTIFY, Events(), heard.append)
    assert user.unpin(0) == 1


def test_notifiers_come_and_go() -> None:
    user = user_of(host_of("5.10"))
    user.map(0, user.process.memory.map(PAGE).address, PAGE)
    heard: list[Any] = []

    def notifier(event: Any) -> None:
        heard.append(event)
        user.unpin(0)

    events = Events()
    user.pinning.register_notifier(user.mdev, IOMMU_NOTIFY, events, notifier)
    assert events.mask == 0
    user.pin(0)
    user.pinning.unregister_notifier(user.mdev, IOMMU_NOTIFY, notifier)
    assert errno_of(user.pin, 0) == EINVAL
    assert errno_of(user.pinning.unregister_notifier, user.mdev, IOMMU_NOTIFY, notifier) == ENOENT
    assert user.unpin(0) == 1
    user.unmap(0, PAGE)
    assert not heard


@pytest.mark.parametrize(
    ("kind", "events", "notifier", "errno"),
    [
        (IOMMU_NOTIFY, None, print, EINVAL),
        (IOMMU_NOTIFY, Events(0), print, EINVAL),
        (IOMMU_NOTIFY, Events(), None, EINVAL),
        (IOMMU_NOTIFY + 1, Events(), print, EINVAL),
        (IOMMU_NOTIFY, Events(DMA_UNMAP | 2), print, EINVAL),
    ],
)
def test_what_no_notifier_is(kind: int, events: Events | None, notifier: Callable[..., Any], errno: int) -> None:
    user = user_of(host_of("5.10"))
    assert errno_of(user.pinning.register_notifier, user.mdev, kind, events, notifier) == errno
    assert errno_of(user.pinning.register_notifier, None, IOMMU_NOTIFY, Events(), print) == EINVAL
    assert errno_of(user.pinning.unregister_notifier, user.mdev, IOMMU_NOTIFY, None) == EINVAL
    assert errno_of(user.pin, 0) == EINVAL


@pytest.mark.parametrize("era", NOTIFYING)
def test_a_pin_in_the_middle_keeps_the_group_in_its_container(era: str) -> None:
    """The test observes this in a notifier, which is called while the group has no other user."""
    user = user_of(host_of(era), is_open=False)
    user.map(0, user.process.memory.map(PAGE).address, PAGE)
    backend = user.host.vfio.devices.find(user.name).group.check_usable()
    original = backend.pin_pages
    seen: list[int | None] = []

    def pin_pages(*arguments: Any) -> int:
        seen.append(errno_of(user.process.ioctl, user.group, uapi.GROUP_UNSET_CONTAINER))
        assert original is not None
        return original(*arguments)

    backend.pin_pages = pin_pages  # type: ignore[misc]  # in the middle of a pin
    user.hear(lambda event: None)
    user.pin(0)
    assert seen == [EBUSY]
    user.unpin(0)
    assert user.process.ioctl(user.group, uapi.GROUP_UNSET_CONTAINER) == 0


@pytest.mark.parametrize("era", ALL)
def test_unpinning_stops_at_the_first_page_that_is_not_mapped(era: str) -> None:
    user = ready(era)
    user.pin(0, 1)
    assert user.unpin(0, 5, 9999, 1) == 2
    assert user.host.kernel.host_memory.pinned == 1
    assert errno_of(user.unpin, 9999, 1) == EINVAL
    assert user.unpin(1) == 1


@pytest.mark.parametrize("era", ALL)
def test_extensions_of_the_back_ends(era: str) -> None:
    user = user_of(host_of(era), kind=None)
    ask = [user.process.ioctl(user.container, uapi.CHECK_EXTENSION, number) for number in range(13)]
    has = {Extension.TYPE1, Extension.TYPE1V2, Extension.TYPE1_NESTING, KIND}
    assert {number for number, answer in enumerate(ask) if answer} == has | (
        {Extension.UNMAP_ALL} if ERAS[era].can_unmap_all else set()
    )
