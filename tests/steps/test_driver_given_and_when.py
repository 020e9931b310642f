"""Preparing and acting steps of the driver interface report their failures."""

from __future__ import annotations

import pytest

from mdevref.suite.scenario.checks import Mismatch
from tests.steps.conftest import StageMaker

NO_STAGE = {
    'Given a registered physical device P with the types "a, a"': "registering P: EEXIST",
    'Given the bus driver "vfio_mdev" is registered': "registering the bus driver vfio_mdev: EBUSY",
    'Given the bus driver "vfio_mdev" is registered without "probe"': "vfio_mdev without probe: EBUSY",
    'Given the module "mtty" is loaded': "EEXIST",
    "Given a registered physical device P\nAnd create of P fails with EIO\nAnd a mediated device A of P": "of P: EIO",
}


@pytest.mark.parametrize("steps", NO_STAGE)
def test_a_stage_that_cannot_be_set_is_unsupported_and_not_failed(steps: str, stage: StageMaker) -> None:
    on = stage()
    on.play(steps)
    assert on.context.scenario.reason is not None
    assert NO_STAGE[steps] in on.context.scenario.reason


def test_from_6_1_on_there_is_no_bus_driver_to_unload(stage: StageMaker) -> None:
    on = stage("6.1")
    on.play("Given no bus driver is loaded")
    assert on.context.scenario.reason is None


def test_a_bus_driver_that_cannot_be_unloaded_sets_no_stage(stage: StageMaker) -> None:
    on = stage()
    on.play("Given a mediated device A\nAnd a user holds A open\nAnd no bus driver is loaded")
    assert "EAGAIN" in (on.context.scenario.reason or "")


def test_a_callback_that_nobody_reaches_is_a_mismatch_at_once(stage: StageMaker) -> None:
    on = stage()
    on.play("Given a registered physical device P\nAnd create of P blocks")
    with pytest.raises(Mismatch, match="a caller blocked in create of P; seen: none"):
        on.play(
            'When a writer starts to write "no UUID" to "create" of the type\nAnd a caller is blocked in create of P'
        )


def test_only_a_driver_that_was_refused_can_be_unregistered_as_such(stage: StageMaker) -> None:
    on = stage()
    with pytest.raises(Mismatch, match="ENOENT"):
        on.play('When the rejected bus driver "one" is unregistered')


def test_what_could_not_be_opened_is_not_closed(stage: StageMaker) -> None:
    on = stage()
    on.play("Given a registered physical device P\nAnd a mediated device A of the type\nAnd open of P fails with EBUSY")
    with pytest.raises(Mismatch, match="an open device file of A; seen: EBUSY"):
        on.play("When a device file of A is opened\nAnd the device file of A is closed")


def test_a_physical_device_without_a_bus_is_not_bound(stage: StageMaker) -> None:
    on = stage()
    with pytest.raises(Mismatch, match="ENODEV"):
        on.play('Given a physical device P\nWhen P is bound to the driver "cards"')


@pytest.mark.parametrize("era", ["4.13", "5.10", "6.1"])
def test_nothing_is_left_however_a_scenario_of_drivers_breaks_off(era: str, stage: StageMaker) -> None:
    on = stage(era)
    before = {path: on.machine.files.listdir(path) for path in ("bus", "class", "devices", "devices/virtual", "module")}
    on.play(
        """Given the module "makers" is loaded
        And a registered physical device P with the device attributes "serial"
        And a physical device Q bound to the driver "cards" on the bus "slots"
        And a child device "port0" of P that is not a mediated device
        And the bus driver "one" is registered
        And a mediated device A of the first type
        And create of P blocks
        And remove of P fails with EBUSY
        When Q is registered with the types "a"
        And a device file of A is opened
        And a writer starts to write "{uuid}" to "create" of the second type
        And a caller is blocked in create of P
        And unregistration of Q begins"""
    )
    on.world.clean_up()
    after = {path: on.machine.files.listdir(path) for path in before}
    after["class"] = sorted({*after["class"]} - {"mdev_bus"}) if "mdev_bus" not in before["class"] else after["class"]
    assert after == before
    assert on.machine.leftovers() == []
