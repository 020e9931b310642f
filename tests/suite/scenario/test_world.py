"""The world of a scenario: when its stage is set, and in which order it is cleaned up."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from random import Random

import pytest

from mdevref.suite.scenario.undo import Undo, quietly
from mdevref.suite.scenario.world import World
from mdevref.suite.targets.reference.target import ReferenceTarget


@pytest.fixture
def world() -> World:
    target = ReferenceTarget("4.13")
    return World(target, target.machine(), rng=Random(1), watches=True)


def fails() -> object:
    raise OSError("made up")


def test_the_stage_is_set_once(world: World) -> None:
    world.outcomes.attempt(lambda: "before")
    world.begin()
    world.outcomes.attempt(lambda: "after")
    world.begin()
    assert [outcome.value for outcome in world.outcomes.since_begin] == ["after"]
    assert world.changes.found() == []


def test_whatever_may_keep_an_operation_waiting_is_let_go_before_its_end_is_waited_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []

    def note(part: object, name: str) -> Callable[[], None]:
        return lambda: order.append(f"{type(part).__name__}.{name}")

    vendor = world.vendor.load()
    for part, name in [
        (world.modules, "load_all_again"),
        (world.undo, "run"),
        (world.attributes, "close"),
        (world.writers, "finish_all"),
        (world.access.handles, "let_go"),
        (world.drivers, "let_go"),
        (world.drivers.interface, "close"),
        (world.vendor, "let_go"),
        (world.vendor, "unload"),
    ]:
        monkeypatch.setattr(part, name, note(part, name))
    vendor.refuse_remove(16)  # EBUSY; until 5.1 the device stays
    world.types.chosen = [next(type for type in world.tree.types() if type.parent.name == vendor.parent)]
    world.devices.create("A", world.types.named())
    world.devices.hold("A")
    world.clean_up()
    assert order == [
        "ScriptedVendor.let_go",
        "Stage.let_go",
        "Handles.let_go",
        "Writers.finish_all",
        "Attributes.close",
        "Undo.run",
        "Modules.load_all_again",
        "ScriptedVendor.unload",
        "ReferenceDrivers.close",
    ]


def test_what_is_undone_is_undone_last_first_and_whatever_fails() -> None:
    undo = Undo()
    done: list[int] = []
    for number in range(2):
        undo.at_the_end(partial(done.append, number))
        undo.at_the_end(fails)
    undo.run()
    assert done == [1, 0]
    with pytest.raises(ZeroDivisionError):
        quietly(lambda: 1 / 0)  # an error of the suite itself


def test_a_container_has_its_back_end_until_it_is_another(world: World) -> None:
    world.devices.create("A", world.types.named())
    for _ in range(2):
        world.access.groups.enter("A")
        for _ in range(2):  # the second time there is nothing to do: VFIO would refuse it
            world.access.containers.set_back_end("the container")
        world.access.groups.leave("A")
        world.access.handles.close("the container")
    world.clean_up()
    assert world.machine.leftovers() == []
