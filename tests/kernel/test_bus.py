"""Buses and drivers: manual binding, binding at registration, and the visible effects."""

from __future__ import annotations

from dataclasses import dataclass, field
from errno import EBUSY, EINVAL, EIO, ENODEV, ENOENT, EPERM

import pytest

from mdevref.kernel.bus import Bus
from mdevref.kernel.core import Kernel
from mdevref.kernel.device import Device, Driver
from mdevref.mdev.eras import ERAS
from tests.machines import errno_of


@dataclass
class Callbacks:
    """Driver callbacks that record their calls. ``refusal`` is an errno with which probe fails."""

    calls: list[str] = field(default_factory=list)
    refusal: int = 0

    def probe(self, device: Device) -> None:
        self.calls.append(f"probe {device.name}")
        if self.refusal:
            raise OSError(self.refusal, "refused")

    def remove(self, device: Device) -> None:
        self.calls.append(f"remove {device.name}")


class Fixture:
    """A bus ``test`` with two devices."""

    def __init__(self) -> None:
        self.kernel = Kernel(ERAS["5.10"].kernel)
        self.core = self.kernel.driver_core
        self.sysfs = self.kernel.sysfs
        self.bus = Bus(self.core, "test")
        self.one, self.two = (Device(name, bus=self.bus) for name in ("one", "two"))
        self.core.add_device(self.one)
        self.core.add_device(self.two)

    def driver(self, name: str = "driver", refusal: int = 0) -> tuple[Driver, Callbacks]:
        callbacks = Callbacks(refusal=refusal)
        return Driver(name, callbacks=callbacks), callbacks


@pytest.fixture
def fixture() -> Fixture:
    return Fixture()


def test_registering_a_driver_probes_every_device_that_has_none(fixture: Fixture) -> None:
    driver, callbacks = fixture.driver()
    fixture.bus.add_driver(driver)
    assert callbacks.calls == ["probe one", "probe two"]
    assert fixture.sysfs.readlink("bus/test/drivers/driver/one") == "../../../../devices/one"
    assert fixture.sysfs.readlink("devices/one/driver") == "../../bus/test/drivers/driver"


def test_a_new_device_tries_drivers_in_the_order_they_registered_until_one_takes_it(fixture: Fixture) -> None:
    refusing, first = fixture.driver("refusing", refusal=EIO)
    taking, second = fixture.driver("taking")
    later, third = fixture.driver("later")
    for driver in (refusing, taking, later):
        fixture.bus.add_driver(driver)
    device = Device("three", bus=fixture.bus)
    fixture.core.add_device(device)
    assert (first.calls[-1], second.calls[-1], third.calls) == ("probe three", "probe three", [])
    assert device.driver is taking
    assert "refusing: probe of three failed with error -5" in fixture.kernel.log


def test_a_failed_probe_leaves_no_trace_of_the_driver(fixture: Fixture) -> None:
    driver, _ = fixture.driver(refusal=EPERM)
    fixture.bus.add_driver(driver)
    assert fixture.one.driver is None
    assert not fixture.sysfs.exists("devices/one/driver")
    assert fixture.sysfs.listdir("bus/test/drivers/driver") == ["bind", "uevent", "unbind"]


def test_unregistering_a_driver_unbinds_its_devices_which_stay(fixture: Fixture) -> None:
    driver, callbacks = fixture.driver()
    fixture.bus.add_driver(driver)
    fixture.bus.remove_driver(driver)
    assert callbacks.calls[2:] == ["remove one", "remove two"]
    assert fixture.sysfs.listdir("bus/test/devices") == ["one", "two"]
    assert fixture.sysfs.listdir("bus/test/drivers") == []


def test_a_second_driver_of_a_name_is_refused_and_one_without_a_name_too(fixture: Fixture) -> None:
    fixture.bus.add_driver(fixture.driver()[0])
    second, callbacks = fixture.driver()
    assert errno_of(fixture.bus.add_driver, second) == EBUSY
    assert errno_of(fixture.bus.add_driver, fixture.driver("")[0]) == EINVAL
    assert callbacks.calls == []
    assert fixture.sysfs.listdir("bus/test/drivers") == ["driver"]


def test_unregistering_what_is_not_registered_is_only_logged(fixture: Fixture) -> None:
    fixture.bus.add_driver(fixture.driver()[0])
    fixture.bus.remove_driver(fixture.driver()[0])
    assert fixture.sysfs.listdir("bus/test/drivers") == ["driver"]
    assert fixture.kernel.log[-1] == "Unexpected driver unregister: driver"


@pytest.mark.parametrize("written", [b"one", b"one\n", b"one\0x"])
def test_unbind_and_bind_take_a_name_with_or_without_one_newline(fixture: Fixture, written: bytes) -> None:
    driver, callbacks = fixture.driver()
    fixture.bus.add_driver(driver)
    directory = "bus/test/drivers/driver"
    assert fixture.sysfs.write(f"{directory}/unbind", written) == len(written)
    assert fixture.one.driver is None
    assert fixture.sysfs.write(f"{directory}/bind", written) == len(written)
    assert fixture.one.driver is driver
    assert callbacks.calls[2:] == ["remove one", "probe one"]


@pytest.mark.parametrize("name", [b"none", b"One", b"one\n\n", b" one"])
def test_a_name_that_is_no_device_is_enodev(fixture: Fixture, name: bytes) -> None:
    fixture.bus.add_driver(fixture.driver()[0])
    for path in ("drivers/driver/bind", "drivers/driver/unbind", "drivers_probe"):
        assert errno_of(fixture.sysfs.write, f"bus/test/{path}", name) == ENODEV


def test_bind_of_a_bound_device_and_unbind_from_another_driver_are_enodev(fixture: Fixture) -> None:
    fixture.bus.add_driver(fixture.driver("first")[0])
    fixture.bus.add_driver(fixture.driver("second")[0])
    for name in ("first", "second"):
        assert errno_of(fixture.sysfs.write, f"bus/test/drivers/{name}/bind", b"one") == ENODEV
    assert errno_of(fixture.sysfs.write, "bus/test/drivers/second/unbind", b"one") == ENODEV


def test_a_bind_whose_probe_fails_is_enodev_whatever_the_probe_said(fixture: Fixture) -> None:
    driver, callbacks = fixture.driver(refusal=EPERM)
    fixture.bus.add_driver(driver)
    assert errno_of(fixture.sysfs.write, "bus/test/drivers/driver/bind", b"one") == ENODEV
    assert callbacks.calls[-1] == "probe one"


def test_binding_by_code_gives_the_probes_own_errno(fixture: Fixture) -> None:
    refusing, _ = fixture.driver("refusing", refusal=EPERM)
    fixture.bus.add_driver(refusing)
    assert errno_of(fixture.bus.bind, fixture.one, refusing) == EPERM
    taking, _ = fixture.driver("taking")
    fixture.bus.add_driver(taking)
    assert errno_of(fixture.bus.bind, fixture.one, refusing) == EBUSY
    assert fixture.one.driver is taking


def test_a_driver_that_is_not_registered_is_bound_to_nothing(fixture: Fixture) -> None:
    driver, callbacks = fixture.driver()
    assert errno_of(fixture.bus.bind, fixture.one, driver) == ENOENT
    assert fixture.one.driver is None
    assert callbacks.calls == []


@pytest.mark.parametrize(("written", "is_on"), [(b"0", False), (b"0\n", False), (b"1", True), (b"off", True)])
def test_autoprobe_is_off_only_after_a_0(fixture: Fixture, written: bytes, is_on: bool) -> None:
    fixture.sysfs.write("bus/test/drivers_autoprobe", written)
    assert fixture.sysfs.read("bus/test/drivers_autoprobe") == (b"1\n" if is_on else b"0\n")
    driver, callbacks = fixture.driver()
    fixture.bus.add_driver(driver)
    fixture.core.add_device(Device("three", bus=fixture.bus))
    assert callbacks.calls == (["probe one", "probe two", "probe three"] if is_on else [])


def test_drivers_probe_binds_what_autoprobe_did_not_and_leaves_the_bound_alone(fixture: Fixture) -> None:
    fixture.sysfs.write("bus/test/drivers_autoprobe", b"0")
    driver, callbacks = fixture.driver()
    fixture.bus.add_driver(driver)
    for _ in range(2):
        assert fixture.sysfs.write("bus/test/drivers_probe", b"one\n") == 4
    assert callbacks.calls == ["probe one"]


def test_a_device_whose_bus_link_is_taken_is_not_added_at_all(fixture: Fixture) -> None:
    parent = Device("parent")
    fixture.core.add_device(parent)
    twin = Device("one", parent=parent, bus=fixture.bus)
    with pytest.raises(FileExistsError):
        fixture.core.add_device(twin)
    assert "one" not in fixture.sysfs.listdir("devices/parent")
    assert fixture.bus.devices["one"] is fixture.one
    assert parent.children == {}


def test_a_device_string_is_the_drivers_name_else_the_buss_else_the_classs_else_empty(fixture: Fixture) -> None:
    assert fixture.one.driver_string == "test"
    fixture.bus.add_driver(fixture.driver()[0])
    assert fixture.one.driver_string == "driver"
    assert Device("x", cls=fixture.core.add_class("klass")).driver_string == "klass"
    assert Device("x").driver_string == ""


def test_a_slash_in_a_name_becomes_an_exclamation_mark(fixture: Fixture) -> None:
    device = Device("a/b")
    fixture.core.add_device(device)
    assert "a!b" in fixture.sysfs.listdir("devices")


def test_the_directory_that_keeps_a_class_together_comes_with_the_first_device_and_goes_with_the_last(
    fixture: Fixture,
) -> None:
    cls = fixture.core.add_class("klass")
    devices = [Device(name, cls=cls, number=(10, number)) for number, name in enumerate("ab")]
    assert fixture.sysfs.listdir("devices/virtual") == []
    for device in devices:
        fixture.core.add_device(device)
    assert fixture.sysfs.readlink("class/klass/a") == "../../devices/virtual/klass/a"
    assert fixture.sysfs.read("class/klass/b/dev") == b"10:1\n"
    fixture.core.delete_device(devices[0])
    assert fixture.sysfs.listdir("devices/virtual/klass") == ["b"]
    fixture.core.delete_device(devices[1])
    assert fixture.sysfs.listdir("devices/virtual") == []


@pytest.mark.parametrize(("name", "other"), [("control", b"on"), ("async", b"enabled")])
def test_a_power_switch_keeps_what_it_is_set_to_and_takes_nothing_else(
    fixture: Fixture, name: str, other: bytes
) -> None:
    path = f"devices/one/power/{name}"
    before = fixture.sysfs.read(path)
    fixture.sysfs.write(path, other + b"\n")
    assert fixture.sysfs.read(path) == other + b"\n"
    assert errno_of(fixture.sysfs.write, path, b"perhaps") == EINVAL
    fixture.sysfs.write(path, before)
    assert fixture.sysfs.read(path) == before


def test_there_is_no_autosuspend(fixture: Fixture) -> None:
    path = "devices/one/power/autosuspend_delay_ms"
    assert errno_of(fixture.sysfs.read, path) == EIO
    assert errno_of(fixture.sysfs.write, path, b"1") == EIO
