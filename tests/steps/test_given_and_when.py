"""Steps that cannot set the stage skip the scenario with a reason; steps that act report their failures."""

from __future__ import annotations

from errno import EBUSY, EIO
from types import SimpleNamespace

import pytest

from mdevref.suite.scenario.checks import Mismatch
from tests.steps.conftest import StageMaker

NOTHING_LOADED = {
    "Given a parent": "there is no parent with a type",
    "Given a parent whose vendor driver can be unloaded": "there is no parent with a type",
    "Given a type with an instance available": "no type has 1 or more instances",
    "Given a type with at least four instances available": "no type has 4 or more instances",
    "Given the type with the fewest instances available": "no type reports",
    "Given two types with an instance available": "no parent has two types",
    "Given two types of different parents": "no type has 1 or more",
    'Given a type that has "name"': "there is no parent with a type",
    "Given a mediated device A": "no type has 1 or more instances",
}


@pytest.mark.parametrize("step", NOTHING_LOADED)
def test_without_vendor_drivers_a_scenario_is_unsupported(step: str, stage: StageMaker) -> None:
    on = stage()
    for module in list(on.machine.vendor_drivers()):
        on.machine.unload(module)
    on.play(step)
    assert NOTHING_LOADED[step] in (on.context.scenario.reason or "")
    assert on.world.unsupported == on.context.scenario.reason


ONE_PARENT = {
    "Given two types of different parents": "of another parent",
    "Given a type with an instance available\nAnd a type of another parent": "of another parent",
    "Given a parent\nAnd a mediated device A of another parent": "of another parent",
}


@pytest.mark.parametrize("steps", ONE_PARENT)
def test_with_one_parent_a_scenario_of_two_is_unsupported(steps: str, stage: StageMaker) -> None:
    on = stage()
    on.machine.unload("mtty")
    on.play(steps)
    assert ONE_PARENT[steps] in (on.context.scenario.reason or "")


def test_an_attribute_that_no_type_has_is_unsupported(stage: StageMaker) -> None:
    on = stage()
    on.play('Given a type that has "colour"')
    assert on.context.scenario.reason == "no type has colour"


def test_a_number_of_instances_that_is_none_is_unsupported(stage: StageMaker) -> None:
    on = stage()
    on.play("Given a type with an instance available")
    on.spoil(read=lambda path: b"some\n")
    on.play('Given "available_instances" of the type is noted')
    assert "no number of instances" in (on.context.scenario.reason or "")


def test_a_scripted_vendor_driver_that_the_class_does_not_list_is_unsupported(stage: StageMaker) -> None:
    on = stage()
    on.machine.scripted_vendor = lambda without=(): SimpleNamespace(parent="nobody", types=["x"])  # type: ignore[method-assign]  # loads nothing
    on.play("Given the scripted vendor driver")
    assert on.context.scenario.reason == "the class lists no parent nobody"


def test_a_writer_that_never_reaches_the_vendor_driver_is_a_mismatch_at_once(stage: StageMaker) -> None:
    on = stage()
    on.play(
        """
        Given the scripted vendor driver
        And create of the vendor driver blocks
        When a writer starts to write "no UUID" to "create" of the type
        """
    )
    with pytest.raises(Mismatch, match="the writer to be blocked in the vendor driver"):
        on.play("When the writer is blocked in the vendor driver")


def test_vendor_drivers_that_stay_loaded_are_unsupported(stage: StageMaker) -> None:
    on = stage()
    on.machine.vendor_drivers = dict  # type: ignore[method-assign]  # a host of which nothing can be unloaded
    on.play("Given a parent whose vendor driver can be unloaded")
    assert "no vendor driver" in (on.context.scenario.reason or "")


def test_a_device_that_cannot_be_made_is_unsupported_and_not_failed(stage: StageMaker) -> None:
    on = stage()
    on.play(
        """
        Given the scripted vendor driver
        And create of the vendor driver fails with ENOSPC
        And a mediated device A
        """
    )
    assert on.context.scenario.reason == "the preparation failed: creating a device of scripted-plain: ENOSPC"


def test_an_error_while_the_stage_is_set_names_errno_and_path(stage: StageMaker) -> None:
    on = stage()
    on.play('Given a mediated device A\nAnd "no file" of A is open for writing')
    assert "the preparation failed: E" in (on.context.scenario.reason or "")


def test_a_removal_that_does_not_wait_sets_no_stage(stage: StageMaker) -> None:
    on = stage()
    on.world.devices.hold = lambda device: None  # type: ignore[method-assign]  # holds nothing
    on.play("Given a mediated device A\nAnd the removal of A is blocked by its user")
    assert "does not block" in (on.context.scenario.reason or "")


@pytest.mark.parametrize(
    ("before", "step", "seen"),
    [
        ("Given the scripted vendor driver\nAnd create of the vendor driver fails with EPERM",
         "When a mediated device A of the type is created", "EPERM"),
        ("Given the scripted vendor driver\nAnd a mediated device A\nAnd remove of the vendor driver fails with EIO",
         "When A is removed", "EBUSY"),
        ("Given a mediated device A\nAnd A is unbound", 'When a user opens the mediated device "{A}"', "E"),
        ("Given a parent whose vendor driver can be unloaded\nAnd a mediated device A",
         'When "x" is written to "bind" of the IOMMU group of B', ""),
    ],
)  # fmt: skip
def test_an_action_that_must_succeed_says_why_it_did_not(before: str, step: str, seen: str, stage: StageMaker) -> None:
    on = stage()
    on.play(before)
    if not seen:
        with pytest.raises(KeyError):  # no step has created this device: the scenario is wrong, not the implementation
            on.play(step)
        return
    with pytest.raises(Mismatch) as raised:
        on.play(step)
    assert seen in raised.value.seen


def test_an_operation_that_does_not_end_is_a_mismatch(stage: StageMaker) -> None:
    on = stage()

    class Endless:
        def is_blocked(self) -> bool:
            return True

        def result(self) -> object:
            raise TimeoutError("still there")

    on.machine.start = lambda operation: Endless()  # type: ignore[method-assign,assignment,return-value]  # never ends
    on.play('Given a mediated device A\nWhen a writer starts to write "1" to "remove" of A\nThen the writer is blocked')
    with pytest.raises(Mismatch, match="still blocked"):
        on.play("Then the writer returns successfully")


def test_a_write_that_waits_for_the_scenario_itself_is_a_mismatch_and_no_end(stage: StageMaker) -> None:
    on = stage()
    on.play("Given a mediated device A\nAnd a user holds A open")
    with pytest.raises(Mismatch, match="the write not to block"):
        on.play("When A is removed")
    on.world.clean_up()
    assert on.machine.leftovers() == []


def test_what_was_unloaded_is_loaded_again_at_the_end(stage: StageMaker) -> None:
    on = stage()
    on.play(
        """
        Given a type with an instance available
        And automatic binding of new devices is disabled
        And the bus driver "vfio_mdev" is not loaded
        When every vendor driver is unloaded
        """
    )
    on.world.clean_up()
    assert sorted(on.machine.vendor_drivers()) == ["mdpy", "mtty"]
    assert "vfio_mdev" in on.machine.files.listdir("bus/mdev/drivers")
    assert on.machine.files.read("bus/mdev/drivers_autoprobe") == b"1\n"


def test_drivers_stay_loaded_where_others_have_devices(stage: StageMaker) -> None:
    on = stage()
    foreign = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001"
    create = "class/mdev_bus/mtty/mdev_supported_types/mtty-1/create"
    on.machine.files.write(create, foreign.encode())
    on.play("Given a parent whose vendor driver can be unloaded\nWhen the vendor driver of the parent is unloaded")
    assert foreign in (on.context.scenario.reason or "")
    assert sorted(on.machine.vendor_drivers()) == ["mdpy", "mtty"]


def test_a_device_of_others_is_not_removed_at_the_end(stage: StageMaker) -> None:
    on = stage()
    foreign = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001"
    create = "class/mdev_bus/mtty/mdev_supported_types/mtty-1/create"
    on.machine.files.write(create, foreign.encode())
    on.play(
        f"""
        Given a type with an instance available
        When "{foreign}" is written to "create" of the type
        And a writer starts to write "{foreign}" to "create" of the type
        Then the writer returns with EEXIST
        When four writers concurrently write "{foreign}" to "create" of the type
        """
    )
    on.world.clean_up()
    assert on.machine.files.listdir("bus/mdev/devices") == [foreign]


@pytest.mark.parametrize("era", ["4.13", "5.10", "6.1"])
def test_nothing_is_left_however_a_scenario_breaks_off(era: str, stage: StageMaker) -> None:
    on = stage(era)
    on.play(
        """
        Given two types of different parents
        And a mediated device A of the first type
        And a mediated device B of the second type
        And "create" of the type is open for writing
        And the removal of A is blocked by its user
        When "{uuid}" is written to "create" of the second type
        """
    )
    on.world.clean_up()
    assert on.machine.leftovers() == []


@pytest.mark.parametrize("callback", ["create", "remove"])
@pytest.mark.parametrize("era", ["4.13", "5.10", "6.1"])
def test_a_vendor_driver_that_stands_still_goes_on_at_the_end(era: str, callback: str, stage: StageMaker) -> None:
    on = stage(era)
    on.play("Given the scripted vendor driver\nAnd a mediated device A")
    write = {"create": '"{uuid}" to "create" of the type', "remove": '"1" to "remove" of A'}[callback]
    on.play(f"Given {callback} of the vendor driver blocks\nWhen a writer starts to write {write}")
    on.play("When the writer is blocked in the vendor driver")
    on.world.clean_up()
    assert on.machine.leftovers() == []


def test_a_device_that_its_vendor_driver_keeps_goes_with_the_driver(stage: StageMaker) -> None:
    on = stage("4.13")
    on.play(
        """
        Given the scripted vendor driver
        And a mediated device A
        And remove of the vendor driver fails with EBUSY
        """
    )
    on.world.clean_up()
    assert on.machine.leftovers() == []


def test_cleaning_up_goes_on_after_an_error(stage: StageMaker) -> None:
    on = stage()
    on.play("Given a mediated device A\nAnd a mediated device B")

    def write(path: str, data: bytes) -> int:
        if on.world.devices["A"].uuid in path:
            raise OSError(EBUSY, "made up")
        return on.machine.files.write(path, data)

    on.spoil(write=write)
    on.world.clean_up()
    assert on.machine.files.listdir("bus/mdev/devices") == [on.world.devices["A"].uuid]
    on.spoil()


def test_an_errno_is_named_and_a_broken_type_does_not_stop_choosing(stage: StageMaker) -> None:
    on = stage()

    def read(path: str) -> bytes:
        if path.endswith("available_instances"):
            raise OSError(EIO, "made up")
        return on.machine.files.read(path)

    on.spoil(read=read)
    on.play("Given a type with at least four instances available")
    assert on.world.types.named().id == "mdpy-hd"
    on.play("Given the type with the fewest instances available")
    assert "no type reports" in (on.context.scenario.reason or "")
    on.spoil()
