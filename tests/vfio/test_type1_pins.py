"""Pages pinned through type1: their memory, its limit, and pins that outlive a process or container."""

from __future__ import annotations

from errno import EFAULT, EINVAL, ENODEV, ENOMEM, EPERM

import pytest

from mdevref.mdev.eras import ERAS
from tests.machines import errno_of
from tests.vfio.users import PAGE, User, host_of, user_of

ALL = list(ERAS)


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


def test_forgotten_pins_stay_when_a_container_goes(user: User) -> None:
    user.hear(lambda event: pytest.fail("notified of an unmap"))
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
