"""Several at once: who wins, who waits, who is told what. Threads meet at barriers; nothing sleeps."""

from __future__ import annotations

import threading
from errno import EAGAIN, EBUSY, EEXIST, ENODEV
from typing import Any

import pytest

from mdevref.host import Host
from mdevref.kernel.waiting import Started
from mdevref.mdev.core import Core
from mdevref.mdev.eras import ERAS
from mdevref.mdev.objects import MdevDevice, MdevType
from tests.machines import GATED, MTTY, NEW, OLD, SCRIPTED, create, errno_of, machine, remove, scripted, uuid
from tests.mdev.stage import Pause, Stage, core_that, pausing_before

ALL = list(ERAS)
MDPY = "class/mdev_bus/mdpy/mdev_supported_types/mdpy-hd"


def outcome(started: Started) -> object:
    """The value of an operation, or its errno as a negative number."""
    try:
        return started.result()
    except OSError as error:
        return -(error.errno or 0)


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


class SlowFirst:
    """A vendor's create that stops for the first device, until it is let go on."""

    def __init__(self, era: str) -> None:
        self.pause = Pause()
        self.stage = Stage(era)
        callbacks: dict[str, Any] = (
            {"create": self.create} if era in OLD else {"probe": lambda mdev: self.create(mdev.type, mdev)}
        )
        self.parent = self.stage.register(**callbacks)
        self.first = self.stage.host.start(lambda: self.stage.write_create(uuid(1)))
        assert self.pause.entered.wait(10)

    def create(self, mtype: MdevType, mdev: MdevDevice) -> None:
        self.stage.create(mtype, mdev)
        if mdev.name == uuid(1):
            self.pause.here()


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
        # The first releases let the creator wait for the remover, and then there is no duplicate any more.
        assert creator.is_blocked()
        vendor.release("remove")
        assert outcome(creator) == 36
    else:
        assert outcome(creator) == -EEXIST
        vendor.release("remove")
        assert remover.result() == 1
        create(host, 1, SCRIPTED)
    assert remover.result() == 1


# Removing what is not finished


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
    """Several writers of one device's ``remove``, all inside the store before any of them goes on."""

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


# A device in use


@pytest.mark.parametrize("era", ALL)
def test_a_removal_waits_for_the_device_to_be_closed(era: str) -> None:
    host = machine(era, "mtty")
    create(host, 1)
    first, second = host.open_device(uuid(1)), host.open_device(uuid(1))
    remover = host.start(lambda: remove(host, uuid(1)))
    assert remover.is_blocked()
    first.close()
    assert remover.is_blocked()
    second.close()
    assert remover.result() == 1
    assert host.leftovers() == []


@pytest.mark.parametrize(
    ("era", "left"),
    [
        ("4.13", ["iommu_group"]),
        ("5.10", ["iommu_group"]),
        ("6.1", ["iommu_group", "vfio-dev"]),
        ("6.12", ["iommu_group"]),
    ],
)
def test_while_it_waits_links_and_files_are_gone_and_the_directory_is_not(era: str, left: list[str]) -> None:
    host = machine(era, "mtty")
    create(host, 1)
    device = host.open_device(uuid(1))
    remover = host.start(lambda: remove(host, uuid(1)))
    assert remover.is_blocked()
    assert host.sysfs.listdir("bus/mdev/devices") == []
    assert host.sysfs.listdir(f"{MTTY}/devices") == []
    assert host.sysfs.listdir(f"devices/virtual/mtty/mtty/{uuid(1)}") == left
    assert host.sysfs.listdir("kernel/iommu_groups") == ["0"]
    device.close()
    remover.result()


@pytest.mark.parametrize("era", GATED)
def test_while_it_waits_its_uuid_is_taken_and_others_can_be_made(era: str) -> None:
    host = machine(era, "mtty")
    create(host, 1)
    device = host.open_device(uuid(1))
    remover = host.start(lambda: remove(host, uuid(1)))
    assert remover.is_blocked()
    assert errno_of(create, host, 1) == EEXIST
    create(host, 2)
    assert host.sysfs.readlink(f"bus/mdev/devices/{uuid(2)}/iommu_group").endswith("/1")
    device.close()
    assert remover.result() == 1
    create(host, 1)


def test_until_4_17_it_keeps_the_parents_mutex_while_it_waits() -> None:
    host = machine("4.13", "mtty", "mdpy")
    create(host, 1)
    device = host.open_device(uuid(1))
    remover = host.start(lambda: remove(host, uuid(1)))
    assert remover.is_blocked()
    assert host.sysfs.read(f"{MTTY}/available_instances") == b"12\n", "mtty does not look whether a device is in use"
    other = host.start(lambda: create(host, 2))
    assert other.is_blocked()
    create(host, 3, MDPY)
    device.close()
    assert remover.result() == 1
    other.result()


@pytest.mark.parametrize("era", ALL)
def test_unbinding_waits_for_the_device_to_be_closed_too(era: str) -> None:
    host = machine(era, "mtty")
    create(host, 1)
    device = host.open_device(uuid(1))
    driver = "vfio_mdev" if era in OLD else "mtty"
    unbinder = host.start(lambda: host.sysfs.write(f"bus/mdev/drivers/{driver}/unbind", uuid(1).encode()))
    assert unbinder.is_blocked()
    device.close()
    assert unbinder.result() == 36


# Unregistering


@pytest.mark.parametrize("era", OLD)
def test_until_5_12_unloading_the_vendor_waits_for_a_device_in_use(era: str) -> None:
    host = machine(era, "mtty")
    create(host, 1)
    device = host.open_device(uuid(1))
    unloader = host.start(lambda: host.unload("mtty"))
    assert unloader.is_blocked()
    assert host.sysfs.listdir("bus/mdev/devices") == []
    assert host.sysfs.exists(f"devices/virtual/mtty/mtty/{uuid(1)}")
    device.close()
    unloader.result()
    assert not host.sysfs.exists("devices/virtual/mtty")
    assert host.leftovers() == []


@pytest.mark.parametrize(("era", "module"), [(era, "vfio_mdev") for era in OLD] + [(era, "mtty") for era in NEW])
def test_a_module_whose_driver_has_an_open_device_is_not_unloaded(era: str, module: str) -> None:
    host = machine(era, "mtty")
    create(host, 1)
    device = host.open_device(uuid(1))
    assert errno_of(host.unload, module) == EAGAIN
    device.close()
    host.unload(module)


@pytest.mark.parametrize("era", GATED)
def test_once_a_parent_leaves_creates_and_removes_are_enodev(era: str) -> None:
    host = machine(era)
    vendor = scripted(host)
    for number in (1, 2):
        create(host, number, SCRIPTED)
    creates, second = f"devices/virtual/scripted/scripted/{uuid(2)}", "devices/virtual/scripted/scripted"
    vendor.hold("remove")
    unloader = host.start(lambda: host.unload("scripted"))
    vendor.await_held("remove")
    types = f"{second}/mdev_supported_types/scripted-plain"
    assert errno_of(host.sysfs.write, f"{types}/create", uuid(3).encode()) == ENODEV
    # The remover of a device whose turn has not come fails, and the file does not come back (fact D6).
    assert errno_of(host.sysfs.write, f"{creates}/remove", b"1") == ENODEV
    assert not host.sysfs.exists(f"{creates}/remove")
    vendor.release("remove")
    unloader.result()
    assert host.leftovers() == []


@pytest.mark.parametrize("era", GATED)
def test_unregistering_waits_for_a_create_that_is_under_way_and_removes_its_device(era: str) -> None:
    slow = SlowFirst(era)
    leaver = slow.stage.host.start(lambda: slow.stage.unregister(slow.parent))
    assert leaver.is_blocked()
    assert errno_of(slow.stage.write_create, uuid(2)) == ENODEV
    slow.pause.released.set()
    assert slow.first.result() == 36
    leaver.result()
    assert slow.stage.host.leftovers() == []
    assert slow.stage.calls == [f"create {uuid(1)} test-a", f"remove {uuid(1)}"]


def test_until_5_1_unregistering_keeps_other_parents_from_registering() -> None:
    host = machine("4.13", "mtty")
    create(host, 1)
    device = host.open_device(uuid(1))
    unloader = host.start(lambda: host.unload("mtty"))
    assert unloader.is_blocked()
    loader = host.start(lambda: host.load("mdpy"))
    assert loader.is_blocked()
    device.close()
    unloader.result()
    loader.result()


def test_from_5_2_on_it_does_not() -> None:
    host = machine("5.10", "mtty")
    create(host, 1)
    device = host.open_device(uuid(1))
    unloader = host.start(lambda: host.unload("mtty"))
    assert unloader.is_blocked()
    host.load("mdpy")
    device.close()
    unloader.result()


def test_until_5_1_a_device_that_somebody_else_removes_ends_the_tour_of_an_unregistering_parent() -> None:
    stage = Stage("4.13")
    pause = Pause()

    def slow(mdev: MdevDevice) -> None:
        if mdev.name == uuid(1):
            pause.here()

    parent = stage.register(remove=slow)
    stage.write_create(uuid(1))
    stage.write_create(uuid(2))
    remover = stage.host.start(lambda: remove(stage.host, uuid(1)))
    assert pause.entered.wait(10)
    stage.unregister(parent)
    pause.released.set()
    assert remover.result() == 1
    assert stage.sysfs.listdir("bus/mdev/devices") == [uuid(2)], "left behind, as in those releases"


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
