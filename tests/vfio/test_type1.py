"""type1 behind a container: mapping, unmapping, and what vendors hear of it."""

from __future__ import annotations

import struct
import threading
from errno import EACCES, EBUSY, EEXIST, EFAULT, EINVAL, ENODEV, ENOENT, ENOMEM, ENOSPC, ENOTTY, EPERM

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdevref.kernel.core import Kernel
from mdevref.kernel.errors import KernelBug
from mdevref.kernel.process import Process, UserArgument
from mdevref.kernel.waiting import DEADLINE
from mdevref.mdev.eras import ERAS
from mdevref.vfio import uapi
from mdevref.vfio.pinning import IOMMU_NOTIFY
from mdevref.vfio.type1 import REPEATS, DmaUnmapped, Type1
from mdevref.vfio.uapi import DmaMap, DmaUnmap, Extension, IommuInfo, UnmapFlags
from tests.machines import errno_of
from tests.vfio.users import PAGE, User, host_of, user_of

ALL = list(ERAS)
BUDGETED = [name for name, era in ERAS.items() if era.limits_mappings]
TOP = 1 << 64
MINIMUM = {
    uapi.IOMMU_GET_INFO: IommuInfo.minimum,
    uapi.IOMMU_MAP_DMA: DmaMap.minimum,
    uapi.IOMMU_UNMAP_DMA: DmaUnmap.minimum,
}


@pytest.fixture(params=ALL)
def user(request: pytest.FixtureRequest) -> User:
    return user_of(host_of(request.param))


def backend(user: User) -> Type1:
    found = user.host.vfio.find(user.name).group.check_usable()
    assert isinstance(found, Type1)
    return found


def info(user: User, room: int) -> bytes:
    """What comes back of an argument of so many bytes that says so."""
    argument = bytearray(struct.pack("=I", room).ljust(room, b"\0"))
    assert user.process.ioctl(user.container, uapi.IOMMU_GET_INFO, argument) == 0
    return bytes(argument)


def test_information_tells_the_sizes_of_pages_from_the_smallest_on(user: User) -> None:
    found = IommuInfo.read(info(user, 16))
    assert found.flags & 1
    assert found.iova_pgsizes == TOP - PAGE
    assert errno_of(user.process.ioctl, user.container, uapi.IOMMU_GET_INFO, IommuInfo(argsz=15).pack()) == EINVAL
    assert errno_of(user.process.ioctl, user.container, uapi.IOMMU_GET_INFO, bytearray(15)) == EFAULT
    assert errno_of(user.process.ioctl, user.container, 0x3B00, bytearray(64)) == ENOTTY


def test_information_of_the_documents_time_has_no_capabilities() -> None:
    user = user_of(host_of("4.13"))
    assert info(user, 96) == struct.pack("=IIQ", 96, 1, TOP - PAGE).ljust(96, b"\0")


@pytest.mark.parametrize(("era", "size"), [("5.10", 68), ("6.1", 68), ("6.12", 72)])
def test_information_is_as_recorded(era: str, size: int) -> None:
    """From a guest of each kernel, with mtty in a container of either version."""
    user = user_of(host_of(era))
    for room in (16, 20, 24):
        assert info(user, room) == struct.pack("=IIQ", size, 3, TOP - PAGE).ljust(room, b"\0")
    assert info(user, 96)[16:size].hex() == (
        "1800000000000000"
        "0200010038000000" "0000000000000000" "0010000000000000" "0000001000000000"
        "0300010000000000" "ffff0000" + "00" * (size - 68)
    )  # fmt: skip
    user.map(0, 0x10000, PAGE)
    assert info(user, 96)[64:68] == struct.pack("=I", 65534)


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
    """As recorded of 5.10 and of 6.1."""
    other = user.host.process()
    for page in range(3):
        user.map(page * PAGE, 0x10000, PAGE, process=other if page == 1 else None)
    if user.host.era.unmaps_only_own:
        assert user.unmap(0, 3 * PAGE) == PAGE
        assert user.unmap(PAGE, 2 * PAGE) == 0
        assert len(backend(user).mappings) == 2
    else:
        assert user.unmap(0, 3 * PAGE) == 3 * PAGE


def test_mapping_pins_nothing_and_needs_no_memory(user: User) -> None:
    user.hear(lambda event: None)
    user.map(0, 0x10000, PAGE)
    assert user.host.kernel.host_memory.pinned == 0
    assert errno_of(user.pin, 0) == EFAULT
    area = user.process.memory.map(PAGE, address=0x10000)
    frame = user.pin(0)[0]
    area.buffer[:3] = b"abc"
    assert bytes(user.host.kernel.host_memory.page(frame)[:3]) == b"abc"
    user.unpin(0)


def test_a_mapping_that_can_only_be_read_is_pinned_so(user: User) -> None:
    user.hear(lambda event: None)
    area = user.process.memory.map(PAGE, writable=False)
    user.map(0, area.address, PAGE, flags=1)
    user.map(PAGE, area.address, PAGE, flags=3)
    assert user.pin(0, prot=1) == user.pin(0, prot=0)
    assert errno_of(user.pin, 0) == EPERM
    assert errno_of(user.pin, PAGE // PAGE, prot=1) == EFAULT
    user.unpin(0, 0)


@pytest.mark.parametrize("era", ALL)
@pytest.mark.parametrize("capable_when_mapping", [False, True])
@pytest.mark.parametrize("capable_when_pinning", [False, True])
def test_the_limit_of_locked_memory(era: str, capable_when_mapping: bool, capable_when_pinning: bool) -> None:
    user = user_of(host_of(era), memlock=2 * PAGE)
    user.hear(lambda event: None)
    capable = {True: frozenset({"CAP_IPC_LOCK"}), False: frozenset[str]()}
    area = user.process.memory.map(4 * PAGE)
    user.process.capabilities = capable[capable_when_mapping]
    user.map(0, area.address, 4 * PAGE)
    user.process.capabilities = capable[capable_when_pinning]
    is_exempt = capable_when_mapping if ERAS[era].remembers_lock_capability else capable_when_pinning
    if is_exempt:
        user.pin(0, 1, 2, 3)
        assert user.process.memory.locked_pages == 4
        return
    frames = [9] * 4
    assert errno_of(user.pinning.pin_pages, user.mdev, [0, 1, 2, 3], 4, 3, frames) == ENOMEM
    assert frames == [0, 0, 0, 9]
    assert user.process.memory.locked_pages == 0
    assert "limit of locked memory" in user.host.log[-1]
    user.pin(0, 1)
    user.pin(1, 0)
    assert user.process.memory.locked_pages == 2
    user.process.memory.memlock = 3 * PAGE
    user.pin(3)


def test_pages_of_a_process_that_is_gone(user: User) -> None:
    user.hear(lambda event: None)
    other = user.host.process()
    area = other.memory.map(2 * PAGE)
    user.map(0, area.address, 2 * PAGE, process=other)
    frame = user.pin(0)[0]
    area.buffer[0] = 7
    other.exit()
    assert errno_of(user.pin, 1) == ENODEV
    assert user.pin(0) == [frame]
    assert user.host.kernel.host_memory.page(frame)[0] == 7
    assert user.unpin(0, 0) == 2
    assert user.host.kernel.host_memory.pinned == 0


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
    """As in the kernel, where closing waits for the chain of notifiers, or for the list of devices (facts N5, N6)."""
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


def test_forgotten_pins_stay_when_a_container_goes(user: User) -> None:
    user.hear(lambda event: pytest.fail("told of an unmap"))
    area = user.process.memory.map(2 * PAGE)
    user.map(0, area.address, 2 * PAGE)
    frame = user.pin(0, 1)[0]
    area.buffer[0] = 5
    user.process.exit()
    assert user.host.kernel.host_memory.pinned == 2
    assert user.host.kernel.host_memory.page(frame)[0] == 5
    assert any("never unpinned" in line for line in user.host.log)


def test_two_containers_have_nothing_in_common() -> None:
    host = host_of("5.10")
    users = [user_of(host, number) for number in (1, 2)]
    for number, user in enumerate(users):
        user.hear(lambda event: pytest.fail("no pins"))
        area = user.process.memory.map(PAGE)
        area.buffer[0] = number + 1
        user.map(0, area.address, PAGE)
    frames = [user.pin(0)[0] for user in users]
    assert [host.kernel.host_memory.page(frame)[0] for frame in frames] == [1, 2]
    assert users[0].unpin(0) == 1
    assert users[0].unmap(0, PAGE) == PAGE
    assert errno_of(users[0].pin, 0) == EINVAL
    assert users[1].pin(0) == frames[1:]


_WORDS = st.sampled_from([0, 1, 2, 3, 4, 16, 24, 32, PAGE, 2 * PAGE, 0x10000, TOP - PAGE, TOP - 1]) | st.integers(
    0, TOP - 1
)


@settings(max_examples=300, derandomize=True, database=None, deadline=None)
@given(
    request=st.sampled_from([uapi.IOMMU_GET_INFO, uapi.IOMMU_MAP_DMA, uapi.IOMMU_UNMAP_DMA]),
    head=st.tuples(st.integers(0, 64), st.integers(0, 8)),
    words=st.tuples(_WORDS, _WORDS, _WORDS),
    length=st.integers(0, 40),
    era=st.sampled_from(ALL),
)
def test_no_argument_makes_more_of_it_than_an_error_of_the_tables(
    request: int, head: tuple[int, int], words: tuple[int, int, int], length: int, era: str
) -> None:
    kernel = Kernel(ERAS[era].kernel)
    process = Process(kernel)
    type1 = Type1(kernel, ERAS[era], Extension.TYPE1V2)
    argument = bytearray(struct.pack("=II3Q", *head, *words).ljust(40, b"\0")[:length])
    for _ in range(2):
        try:
            assert type1.ioctl(request, UserArgument(process, argument)) == 0
        except OSError as error:
            seen = error.errno
            assert seen in (EINVAL, EFAULT, EEXIST, ENOENT, EBUSY)
            if request != uapi.IOMMU_GET_INFO or length >= 96:  # more than the minimum comes back of that one
                assert (seen == EFAULT) == (length < MINIMUM[request])
    assert len(type1.mappings) <= 1
    assert kernel.host_memory.pinned == 0
