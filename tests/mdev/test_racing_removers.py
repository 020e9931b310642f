"""Concurrent removes and removes of unfinished devices: one writer wins, and every writer returns."""

from __future__ import annotations

import threading
from errno import EAGAIN, EBUSY, ENODEV
from typing import Any

import pytest

from mdevref.host import Host
from mdevref.mdev.core import Core
from mdevref.mdev.eras import ERAS
from tests.machines import GATED, NEW, SCRIPTED, create, errno_of, remove, scripted, uuid
from tests.mdev.racing import SlowFirst, outcome
from tests.mdev.stage import Pause, Stage, core_that, pausing_before

ALL = list(ERAS)


# Removing an unfinished device


def test_until_4_17_removing_an_unfinished_device_is_enodev_and_remove_comes_back() -> None:
    pause = Pause()
    stage = Stage("4.13", core=pausing_before("link_to_type", pause))
    stage.register()
    creator = stage.host.start(lambda: stage.write_create(uuid(1)))
    assert pause.entered.wait(10)
    assert errno_of(remove, stage.host, uuid(1)) == ENODEV
    assert stage.sysfs.exists(f"bus/mdev/devices/{uuid(1)}/remove")
    pause.released.set()
    assert creator.result() == 36
    assert remove(stage.host, uuid(1)) == 1


@pytest.mark.parametrize("era", GATED)
def test_later_it_is_eagain_and_remove_is_gone_until_the_parent_goes(era: str) -> None:
    pause = Pause()
    stage = Stage(era, core=pausing_before("activate", pause))
    parent = stage.register()
    creator = stage.host.start(lambda: stage.write_create(uuid(1)))
    assert pause.entered.wait(10)
    assert errno_of(remove, stage.host, uuid(1)) == EAGAIN
    pause.released.set()
    assert creator.result() == 36
    assert not stage.sysfs.exists(f"bus/mdev/devices/{uuid(1)}/remove")
    stage.unregister(parent)
    assert stage.host.leftovers() == []


@pytest.mark.parametrize("era", NEW)
def test_from_6_1_on_remove_can_be_written_while_the_vendors_probe_runs(era: str) -> None:
    slow = SlowFirst(era)
    assert errno_of(remove, slow.stage.host, uuid(1)) == EAGAIN
    slow.pause.released.set()
    assert slow.first.result() == 36


# Removers


class Removers:
    """Several writers to ``remove`` of one device, all inside the store before any of them continues."""

    def __init__(self, era: str, count: int, **refusal: int) -> None:
        barrier = threading.Barrier(count)

        def together(core: Core, data: bytes) -> bool:
            barrier.wait(10)
            return True

        self.host = Host(era, core=core_that(wants_removal=together))
        if self.host.era.has_bus_driver:
            self.host.load("vfio_mdev")
        self.vendor = scripted(self.host)
        create(self.host, 1, SCRIPTED)
        self.vendor.hold("remove")
        self.writers = [self.host.start(lambda: remove(self.host, uuid(1))) for _ in range(count)]
        self.vendor.await_held("remove")


@pytest.mark.parametrize("era", ALL)
def test_of_several_removers_one_removes_and_the_others_succeed_after_it(era: str) -> None:
    removers = Removers(era, 6)
    assert all(writer.is_blocked() for writer in removers.writers)
    removers.vendor.release("remove")
    assert [outcome(writer) for writer in removers.writers] == [1] * 6
    assert removers.vendor.calls() == (("create", uuid(1)), ("remove", uuid(1)))
    assert removers.host.leftovers() == []


def test_a_losers_success_proves_nothing_where_the_vendor_may_refuse() -> None:
    removers = Removers("4.13", 4)
    removers.vendor.refuse_remove(EBUSY)
    removers.vendor.release("remove")
    outcomes = [outcome(writer) for writer in removers.writers]
    assert sorted(map(str, outcomes)) == [str(-EBUSY), "1", "1", "1"]
    assert removers.host.sysfs.listdir("bus/mdev/devices") == [uuid(1)]


@pytest.mark.parametrize(("era", "errno"), [("4.13", ENODEV), ("5.10", EAGAIN), ("6.1", EAGAIN)])
def test_who_writes_to_remove_the_moment_it_appears_is_answered(era: str, errno: int) -> None:
    stage = Stage(era)
    stage.register()
    tree: Any = stage.host.kernel.tree
    insert = tree.insert
    answers: list[int | None] = []

    def insert_and_write(node: Any) -> None:
        insert(node)
        if node.name != "remove":
            return
        tree.insert = insert
        answers.append(errno_of(stage.sysfs.write, f"devices/virtual/test/parent/{uuid(1)}/remove", b"1"))

    tree.insert = insert_and_write
    assert stage.write_create(uuid(1)) == 36
    assert answers == [errno]


@pytest.mark.parametrize("era", ALL)
def test_removers_that_are_overtaken_by_the_parents_end_are_answered(era: str) -> None:
    pause, first = Pause(), threading.Event()

    def wait_if_second(core: Core, data: bytes) -> bool:
        if first.is_set():
            pause.here()
        first.set()
        return True

    stage = Stage(era, core=core_that(wants_removal=wait_if_second))
    parent = stage.register()
    stage.write_create(uuid(1))
    first.set()
    slow = stage.host.start(lambda: remove(stage.host, uuid(1)))
    assert pause.entered.wait(10)
    first.clear()
    quick = stage.host.start(lambda: remove(stage.host, uuid(1)))
    assert quick.is_blocked(), "it waits until the other has got to the point where one of them wins"
    stage.unregister(parent)
    pause.released.set()
    assert (outcome(quick), outcome(slow)) == (-ENODEV, 1)
    assert stage.host.leftovers() == []
