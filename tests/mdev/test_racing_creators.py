"""Concurrent creates: the winner, the waiters, and when a UUID is in use. Threads meet at barriers; none sleeps."""

from __future__ import annotations

import threading
from errno import EEXIST

import pytest

from mdevref.mdev.eras import ERAS
from tests.machines import MTTY, SCRIPTED, create, machine, remove, scripted, uuid
from tests.mdev.racing import MDPY, SlowFirst, outcome

ALL = list(ERAS)


# Creators


@pytest.mark.parametrize("era", ALL)
def test_of_creators_that_race_for_a_uuid_across_parents_and_types_one_wins(era: str) -> None:
    host = machine(era, "mtty", "mdpy", "mbochs")
    types = [MTTY, MTTY.replace("mtty-2", "mtty-1"), MDPY, "class/mdev_bus/mbochs/mdev_supported_types/mbochs-small"]
    for number in range(20):
        barrier = threading.Barrier(2 * len(types))

        def run(path: str, number: int = number, barrier: threading.Barrier = barrier) -> int:
            barrier.wait(10)
            return host.sysfs.write(f"{path}/create", uuid(number).encode())

        started = [host.start(lambda path=path: run(path)) for path in types * 2]  # type: ignore[misc]  # mypy cannot infer it
        outcomes = [outcome(one) for one in started]
        assert sorted(map(str, outcomes)) == sorted(["36", *[str(-EEXIST)] * (2 * len(types) - 1)])
        remove(host, uuid(number))
        assert host.leftovers() == []


@pytest.mark.parametrize("era", ALL)
def test_a_slow_create_holds_up_other_writers_only_where_a_parent_has_one_mutex(era: str) -> None:
    slow = SlowFirst(era)
    second = slow.stage.host.start(lambda: slow.stage.write_create(uuid(2), "b"))
    assert second.is_blocked() == ERAS[era].serialises_per_parent
    slow.pause.released.set()
    assert (slow.first.result(), second.result()) == (36, 36)


@pytest.mark.parametrize("era", ALL)
def test_a_slow_create_does_not_hold_up_another_parent(era: str) -> None:
    slow = SlowFirst(era)
    slow.stage.host.load("mtty")
    create(slow.stage.host, 2)
    slow.pause.released.set()
    assert slow.first.result() == 36


@pytest.mark.parametrize("era", ALL)
def test_the_uuid_of_a_device_that_is_being_made_is_taken(era: str) -> None:
    slow = SlowFirst(era)
    second = slow.stage.host.start(lambda: slow.stage.write_create(uuid(1), "b"))
    if ERAS[era].serialises_per_parent:
        assert second.is_blocked()
        slow.pause.released.set()
    assert outcome(second) == -EEXIST
    slow.pause.released.set()
    assert slow.first.result() == 36


@pytest.mark.parametrize("era", ALL)
def test_the_uuid_of_a_device_that_is_being_removed_is_taken_until_the_end(era: str) -> None:
    host = machine(era)
    vendor = scripted(host)
    create(host, 1, SCRIPTED)
    vendor.hold("remove")
    remover = host.start(lambda: remove(host, uuid(1)))
    vendor.await_held("remove")
    creator = host.start(lambda: host.sysfs.write(f"{SCRIPTED}/create", uuid(1).encode()))
    if ERAS[era].serialises_per_parent:
        # In the first releases the creator waits for the remover; after that the UUID is free.
        assert creator.is_blocked()
        vendor.release("remove")
        assert outcome(creator) == 36
    else:
        assert outcome(creator) == -EEXIST
        vendor.release("remove")
        assert remover.result() == 1
        create(host, 1, SCRIPTED)
    assert remover.result() == 1


# Unregistering


def test_until_4_17_another_parent_may_take_the_uuid_while_a_removal_waits() -> None:
    host = machine("4.13", "mtty", "mdpy")
    create(host, 1)
    device = host.open_device(uuid(1))
    remover = host.start(lambda: remove(host, uuid(1)))
    assert remover.is_blocked()
    create(host, 1, MDPY)
    device.close()
    assert remover.result() == 1
    assert host.sysfs.readlink(f"bus/mdev/devices/{uuid(1)}").endswith(f"/mdpy/{uuid(1)}")
    assert host.sysfs.listdir("kernel/iommu_groups") == ["1"]
    host.open_device(uuid(1)).close()
    assert remove(host, uuid(1)) == 1
    assert host.leftovers() == []
