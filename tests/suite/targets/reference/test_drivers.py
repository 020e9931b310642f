"""The scripted drivers of the reference follow their script in every era, and leave nothing behind."""

from __future__ import annotations

from collections.abc import Iterator
from errno import EIO, ENODEV, ENOSYS

import pytest

from mdevref.suite.interface.drivers import BusDriver, Call, Ops, Placement
from mdevref.suite.targets.recording.machine import RecordedMachine
from mdevref.suite.targets.reference.drivers import ReferenceDrivers
from mdevref.suite.targets.reference.target import ReferenceMachine, ReferenceTarget

UUID = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001"
ERAS = ("4.13", "5.10", "6.1")


@pytest.fixture(params=ERAS)
def machine(request: pytest.FixtureRequest) -> Iterator[ReferenceMachine]:
    machine = ReferenceTarget(request.param).machine()
    yield machine
    machine.drivers().close()
    assert machine.leftovers() == []
    machine.close()


@pytest.fixture
def drivers(machine: ReferenceMachine) -> ReferenceDrivers:
    return machine.drivers()


@pytest.fixture
def parent(drivers: ReferenceDrivers) -> str:
    path = drivers.add_device("p", Placement(device_class="makers"))
    drivers.register_device(path, Ops())
    return path


def create(machine: ReferenceMachine, parent: str, type: str = "makers-1") -> None:
    machine.files.write(f"{parent}/mdev_supported_types/{type}/create", UUID.encode())


def test_callbacks_are_noted_with_what_they_were_given(machine: ReferenceMachine, parent: str) -> None:
    drivers = machine.drivers()
    create(machine, parent, "makers-2")
    file = drivers.open(UUID)
    assert file.read(3, 7) == b"\0\0\0"
    assert file.write(b"ab", 9) == 2
    assert file.ioctl(100) == 0
    assert file.mmap(4096, 8192)
    file.close()
    machine.files.write(f"{parent}/{UUID}/remove", b"1")
    assert drivers.calls() == (
        Call("create", parent, UUID, {"type": "makers-2"}),
        Call("open", parent, UUID),
        Call("read", parent, UUID, {"count": 3, "offset": 7}),
        Call("write", parent, UUID, {"data": b"ab", "offset": 9}),
        Call("ioctl", parent, UUID, {"request": 100}),
        Call("mmap", parent, UUID, {"count": 4096, "offset": 8192}),
        Call("release", parent, UUID),
        Call("remove", parent, UUID),
    )


def test_a_callback_fails_or_answers_as_it_was_told(machine: ReferenceMachine, parent: str) -> None:
    drivers = machine.drivers()
    drivers.answer(parent, "read", b"xy")
    drivers.fail(parent, "write", EIO)
    create(machine, parent)
    file = drivers.open(UUID)
    assert file.read(2, 0) == b"xy"
    with pytest.raises(OSError, match="Input/output"):
        file.write(b"a", 0)
    drivers.let_go()
    assert file.write(b"a", 0) == 1


def test_a_held_callback_is_known_to_be_held_and_goes_on(machine: ReferenceMachine, parent: str) -> None:
    drivers = machine.drivers()
    drivers.hold(parent, "create")
    assert not drivers.is_held(parent, "create")
    pending = machine.start(lambda: create(machine, parent))
    assert pending.is_blocked()
    assert drivers.is_held(parent, "create")
    drivers.release(parent, "create")
    pending.result()
    assert not drivers.is_held(parent, "create")


def test_instances_are_counted(machine: ReferenceMachine, parent: str) -> None:
    available = f"{parent}/mdev_supported_types/makers-1/available_instances"
    before = int(machine.files.read(available))
    create(machine, parent)
    assert int(machine.files.read(available)) == before - 1


def test_two_physical_devices_of_a_name_have_their_own_directories(drivers: ReferenceDrivers) -> None:
    paths = {drivers.add_device("same", Placement(bus=bus)) for bus in ("slots", "sockets")}
    assert len(paths) == 2


def test_a_physical_device_is_bound_from_the_start_or_later(
    machine: ReferenceMachine, drivers: ReferenceDrivers
) -> None:
    bound = drivers.add_device("a", Placement(driver="cards", bus="slots"))
    later = drivers.add_device("b", Placement(bus="sockets"))
    assert machine.files.readlink(f"{bound}/driver").endswith("bus/slots/drivers/cards")
    assert "driver" not in machine.files.listdir(later)
    drivers.bind_device(later, "plugs")
    assert machine.files.readlink(f"{later}/driver").endswith("bus/sockets/drivers/plugs")
    nowhere = drivers.add_device("c", Placement())
    with pytest.raises(OSError, match="No such device") as raised:
        drivers.bind_device(nowhere, "cards")
    assert raised.value.errno == ENODEV


def test_from_6_1_on_a_registration_takes_no_attributes_of_the_parent() -> None:
    drivers = ReferenceTarget("6.1").machine().drivers()
    path = drivers.add_device("p", Placement(device_class="makers"))
    with pytest.raises(OSError, match="not implemented") as raised:
        drivers.register_device(path, Ops(parent_attributes=("serial",)))
    assert raised.value.errno == ENOSYS


def test_a_bus_driver_of_a_module_is_shown_as_one(machine: ReferenceMachine, drivers: ReferenceDrivers) -> None:
    drivers.add_module("makers")
    drivers.register_driver(BusDriver("one", module="makers"))
    assert machine.files.readlink("bus/mdev/drivers/one/module").endswith("module/makers")


def test_the_kernel_log_begins_with_the_interface(machine: ReferenceMachine) -> None:
    drivers = machine.drivers()
    assert drivers.kernel_log() == []
    drivers.register_device(drivers.add_device("p", Placement(device_class="makers")), Ops())
    assert drivers.kernel_log() == ["makers p: MDEV: Registered"]


def test_closing_unregisters_what_is_left_and_takes_it_away(machine: ReferenceMachine) -> None:
    before = {path: machine.files.listdir(path) for path in ("bus", "devices", "devices/virtual", "module")}
    drivers = machine.drivers()
    drivers.add_module("makers")
    path = drivers.add_device("p", Placement(driver="cards", bus="slots"))
    drivers.add_child(path, "port0")
    drivers.register_device(path, Ops())
    drivers.register_driver(BusDriver("one", module="makers"))
    drivers.fail(path, "remove", EIO)
    machine.files.write(f"{path}/mdev_supported_types/cards-1/create", UUID.encode())
    drivers.close()
    assert {path: machine.files.listdir(path) for path in before} == before
    assert "one" not in machine.files.listdir("bus/mdev/drivers")
    assert machine.files.listdir("bus/mdev/devices") == []


def test_a_report_says_what_was_asked_of_the_drivers() -> None:
    machine = RecordedMachine(ReferenceTarget().machine())
    drivers = machine.drivers()
    assert machine.drivers() is drivers
    path = drivers.add_device("p", Placement(device_class="makers"))
    drivers.register_device(path, Ops())
    drivers.register_driver(BusDriver("one", frozenset({"probe"})))
    drivers.fail(path, "read", EIO)
    machine.files.write(f"{path}/mdev_supported_types/makers-1/create", UUID.encode())
    file = drivers.open(UUID)
    with pytest.raises(OSError, match="Input/output"):
        file.read(16, 4096)
    file.write(b"a", 16)
    file.ioctl(5)
    file.mmap(4096, 0)
    file.close()
    assert len(drivers.calls()) == 7
    with pytest.raises(OSError, match="Invalid"):
        drivers.register_device(None, Ops())
    told = [(entry.op, entry.path, entry.data, entry.result()) for entry in machine.log.entries]
    assert told == [
        ("add device", "p", "class makers", path),
        ("register device", path, "complete ops", "done"),
        ("register driver", "one without probe", None, "done"),
        ("fail", path, "read, EIO", "done"),
        ("write", f"{path}/mdev_supported_types/makers-1/create", UUID.encode(), "36"),
        ("open device", UUID, None, "done"),
        ("read device", UUID, "16 bytes at 4096", "EIO"),
        ("write device", UUID, '"a" at 16', "1"),
        ("ioctl device", UUID, "5", "0"),
        ("mmap device", UUID, "4096 bytes at 0", "done"),
        ("close device", UUID, None, "done"),
        ("register device", "nothing", "complete ops", "EINVAL"),
    ]
