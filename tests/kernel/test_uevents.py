"""Uevents: sequence numbers, order, subscribers, and events requested by user space."""

from __future__ import annotations

from errno import EINVAL

import pytest

from tests.machines import MTTY, create, errno_of, events, machine, uuid

DEVPATH = f"/devices/virtual/mtty/mtty/{uuid(1)}"
FILE = f"bus/mdev/devices/{uuid(1)}/uevent"
ARGUMENT = "01234567-89ab-cdef-0123-456789abcdef"


def test_numbers_go_up_by_one_whether_anybody_listens_or_not() -> None:
    host = machine("5.10", "mtty")
    before = host.kernel.uevents.seqnum
    subscription = host.subscribe()
    create(host, 1)
    numbers = [event.seqnum for event in subscription.events]
    assert numbers == list(range(before + 1, before + 1 + len(numbers)))
    subscription.close()
    create(host, 2)
    assert len(subscription.events) == len(numbers)
    assert host.kernel.uevents.seqnum == before + 2 * len(numbers)


def test_each_subscriber_gets_the_events_since_it_came() -> None:
    host = machine("5.10", "mtty")
    first = host.subscribe()
    create(host, 1)
    second = host.subscribe()
    create(host, 2)
    assert [event.devpath.rpartition("/")[2] for event in first.events if event.action == "bind"] == [uuid(1), uuid(2)]
    assert list(second.events) == list(first.events)[-len(second.events) :]


def test_the_environment_begins_with_action_and_path_and_ends_with_the_number() -> None:
    host = machine("5.10", "mtty")
    subscription = host.subscribe()
    create(host, 1)
    bind = subscription.events[-1]
    assert list(bind.environment.items()) == [
        ("ACTION", "bind"),
        ("DEVPATH", DEVPATH),
        ("SUBSYSTEM", "mdev"),
        ("DRIVER", "vfio_mdev"),
        ("SEQNUM", str(bind.seqnum)),
    ]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("change", f"change@{DEVPATH} SYNTH_UUID=0 DRIVER=vfio_mdev"),
        ("change\n", f"change@{DEVPATH} SYNTH_UUID=0 DRIVER=vfio_mdev"),
        ("add", f"add@{DEVPATH} SYNTH_UUID=0 DRIVER=vfio_mdev"),
        (f"change {ARGUMENT}", f"change@{DEVPATH} SYNTH_UUID={ARGUMENT} DRIVER=vfio_mdev"),
        (
            f"change {ARGUMENT} A=1 B=two",
            f"change@{DEVPATH} SYNTH_UUID={ARGUMENT} SYNTH_ARG_A=1 SYNTH_ARG_B=two DRIVER=vfio_mdev",
        ),
    ],
)
def test_writing_an_action_to_uevent_makes_that_event(written: str, told: str) -> None:
    host = machine("5.10", "mtty")
    create(host, 1)
    assert events(host, host.sysfs.write, FILE, written.encode()) == [told]
    assert host.sysfs.write(FILE, written.encode()) == len(written)


@pytest.mark.parametrize(
    "written", ["nonsense", "change x", f"change {ARGUMENT} A", f"change {ARGUMENT} A=-", "Change"]
)
def test_nonsense_written_to_uevent_makes_none_and_fails_where_the_release_fails_it(written: str) -> None:
    for era, fails in (("4.13", False), ("5.10", True)):
        host = machine(era, "mtty")
        create(host, 1)
        assert events(host, host.sysfs.write, FILE, written.encode()) == []
        if fails:
            assert errno_of(host.sysfs.write, FILE, written.encode()) == EINVAL
        else:
            assert host.sysfs.write(FILE, written.encode()) == len(written)
        assert host.log[-1].endswith("failed to send synthetic uevent")


@pytest.mark.parametrize(
    ("path", "devpath"),
    [
        ("bus/mdev/uevent", "/bus/mdev"),
        ("bus/mdev/drivers/vfio_mdev/uevent", "/bus/mdev/drivers/vfio_mdev"),
        ("module/mtty/uevent", "/module/mtty"),
        ("class/mdev_bus/mtty/uevent", "/devices/virtual/mtty/mtty"),
    ],
)
def test_buses_drivers_modules_and_parents_can_be_asked_for_events_too(path: str, devpath: str) -> None:
    host = machine("5.10", "mtty")
    assert events(host, host.sysfs.write, path, b"change") == [f"change@{devpath} SYNTH_UUID=0"]


def test_a_release_without_bind_events_has_none_to_ask_for() -> None:
    host = machine("4.13", "mtty")
    create(host, 1)
    assert events(host, host.sysfs.write, FILE, b"bind") == []


def test_the_uevent_file_says_which_driver_is_bound() -> None:
    host = machine("4.13", "mtty")
    create(host, 1)
    assert host.sysfs.read(FILE) == b"DRIVER=vfio_mdev\n"
    host.sysfs.write("bus/mdev/drivers/vfio_mdev/unbind", uuid(1).encode())
    assert host.sysfs.read(FILE) == b""


def test_no_event_tells_that_instances_changed() -> None:
    host = machine("5.10", "mtty")
    told = events(host, lambda: create(host, 1, MTTY))
    assert not [line for line in told if "mdev_supported_types" in line]
