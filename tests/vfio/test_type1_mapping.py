"""Mapping and unmapping: valid and invalid arguments, and the effect of each call."""

from __future__ import annotations

from errno import EACCES, EBUSY, EEXIST, EINVAL, ENOENT, ENOSPC

import pytest

from mdevref.mdev.eras import ERAS
from mdevref.vfio import uapi
from mdevref.vfio.uapi import DmaMap, DmaUnmap, Extension, UnmapFlags
from tests.machines import errno_of
from tests.vfio.backends import TOP, backend
from tests.vfio.users import PAGE, User, host_of, user_of

ALL = list(ERAS)
BUDGETED = [name for name, era in ERAS.items() if era.limits_mappings]


@pytest.mark.parametrize("era", ALL)
def test_addresses_that_change_are_none_of_mediated_devices(era: str) -> None:
    user = user_of(host_of(era))
    knows_it = ERAS[era].can_unmap_all
    assert errno_of(user.map, 0x10000, 0x10000, PAGE, 4) == (ENOENT if knows_it else EINVAL)
    user.map(0x10000, 0x10000, PAGE)
    assert errno_of(user.map, 0x10000, 0x10000, PAGE, 4) == EINVAL
    assert errno_of(user.map, 0x10000, 0x10000, PAGE, 7) == EINVAL
    assert errno_of(user.unmap, 0x10000, PAGE, 4) == (EBUSY if knows_it else EINVAL)


@pytest.mark.parametrize(
    ("changes", "errno"),
    [
        ({"argsz": 31}, EINVAL),
        ({"flags": 67}, EINVAL),
        ({"flags": 0}, EINVAL),
        ({"size": 0}, EINVAL),
        ({"size": PAGE + 1}, EINVAL),
        ({"iova": 1}, EINVAL),
        ({"vaddr": 1}, EINVAL),
        ({"iova": TOP - PAGE}, EINVAL),
        ({"vaddr": TOP - PAGE}, EINVAL),
        ({"iova": 0x11000}, EEXIST),
        ({"iova": 0xF000}, EEXIST),
        ({"iova": 0x11000, "size": 1}, EINVAL),
    ],
)
def test_what_cannot_be_mapped(user: User, changes: dict[str, int], errno: int) -> None:
    user.map(0x10000, 0x10000, 2 * PAGE)
    fields = {"argsz": 32, "flags": 3, "iova": 0x20000, "vaddr": 0x20000, "size": 2 * PAGE, **changes}
    assert errno_of(user.process.ioctl, user.container, uapi.IOMMU_MAP_DMA, DmaMap(**fields).pack()) == errno
    assert len(backend(user).mappings) == 1


def test_the_last_page_of_all_can_be_mapped(user: User) -> None:
    user.map(TOP - PAGE, 0x10000, PAGE)
    assert user.unmap(TOP - PAGE, PAGE) == PAGE


@pytest.mark.parametrize("era", BUDGETED)
def test_mappings_have_a_budget(era: str) -> None:
    user = user_of(host_of(era))
    backend(user).mappings.limit = 2
    user.map(0, 0x10000, PAGE)
    user.map(PAGE, 0x10000, PAGE)
    assert errno_of(user.map, 0, 0x10000, PAGE) == EEXIST
    assert errno_of(user.map, 2 * PAGE, 0x10000, PAGE) == ENOSPC
    user.unmap(0, PAGE)
    user.map(2 * PAGE, 0x10000, PAGE)


@pytest.mark.parametrize(
    ("iova", "size"), [(1, PAGE), (0, 0), (0, 1), (TOP - PAGE, 2 * PAGE), (0x11000, PAGE), (0xF000, 2 * PAGE)]
)
def test_what_cannot_be_unmapped(user: User, iova: int, size: int) -> None:
    user.map(0x10000, 0x10000, 2 * PAGE)
    argument = DmaUnmap(argsz=24, iova=iova, size=size).pack()
    before = bytes(argument)
    assert errno_of(user.process.ioctl, user.container, uapi.IOMMU_UNMAP_DMA, argument) == EINVAL
    assert bytes(argument) == before
    assert len(backend(user).mappings) == 1


def test_unmapping_takes_whole_mappings_and_tells_how_many_bytes(user: User) -> None:
    for page in (0, 1, 3, 8):
        user.map(page * PAGE, 0x10000, PAGE)
    assert user.unmap(4 * PAGE, 4 * PAGE) == 0
    assert user.unmap(0, 8 * PAGE) == 3 * PAGE
    assert user.unmap(0, 16 * PAGE) == PAGE


def test_v1_takes_every_mapping_that_begins_in_the_range() -> None:
    user = user_of(host_of("5.10"), kind=Extension.TYPE1)
    user.map(0, 0x10000, 4 * PAGE)
    user.map(4 * PAGE, 0x10000, 4 * PAGE)
    assert user.unmap(PAGE, 2 * PAGE) == 0
    assert user.unmap(0, 5 * PAGE) == 8 * PAGE
    user.map(0, 0x10000, PAGE)
    assert errno_of(user.pin, 0) == EACCES
    assert errno_of(user.unpin, 0) == EACCES


def test_nesting_is_v2() -> None:
    user = user_of(host_of("5.10"), kind=Extension.TYPE1_NESTING)
    user.map(0, user.process.memory.map(2 * PAGE).address, 2 * PAGE)
    assert errno_of(user.unmap, 0, PAGE) == EINVAL
    user.hear(lambda event: None)
    user.unpin(*[0] * len(user.pin(0)))


@pytest.mark.parametrize("era", ALL)
def test_everything_can_be_unmapped_at_once_where_the_era_has_that(era: str) -> None:
    user = user_of(host_of(era))
    user.map(0, 0x10000, PAGE)
    user.map(TOP - PAGE, 0x10000, PAGE)
    has_it = ERAS[era].can_unmap_all
    assert user.process.ioctl(user.container, uapi.CHECK_EXTENSION, Extension.UNMAP_ALL) == has_it
    if has_it:
        assert errno_of(user.unmap, 0, PAGE, UnmapFlags.ALL) == EINVAL
        assert errno_of(user.unmap, PAGE, 0, UnmapFlags.ALL) == EINVAL
        assert user.unmap(0, 0, UnmapFlags.ALL) == 2 * PAGE
    else:
        assert errno_of(user.unmap, 0, 0, UnmapFlags.ALL) == EINVAL
    assert errno_of(user.unmap, 0, PAGE, 8) == EINVAL


def test_another_process_can_unmap_only_where_the_era_lets_it(user: User) -> None:
    """The expected results were recorded on 5.10 and 6.1."""
    other = user.host.process()
    for page in range(3):
        user.map(page * PAGE, 0x10000, PAGE, process=other if page == 1 else None)
    if user.host.era.unmaps_only_own:
        assert user.unmap(0, 3 * PAGE) == PAGE
        assert user.unmap(PAGE, 2 * PAGE) == 0
        assert len(backend(user).mappings) == 2
    else:
        assert user.unmap(0, 3 * PAGE) == 3 * PAGE
