"""The meaning of the terms in scenarios on the driver interface."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mdevref.suite.interface.drivers import BusDriver, Drivers, Ops, Placement
from mdevref.suite.scenario.stage import KINDS, Stage


def meant(kind: str, text: str) -> object:
    meaning = KINDS[kind]
    assert re.fullmatch(meaning.pattern, text)
    return meaning(text)


@pytest.mark.parametrize(
    ("text", "ops"),
    [
        ("without ops", None),
        ('without "create"', Ops(without=frozenset({"create"}))),
        ('without "open, release"', Ops(without=frozenset({"open", "release"}))),
        ("with no types", Ops(types=())),
        ('with the types "a, b"', Ops(types=("a", "b"))),
        ('with the types ""', Ops(types=(None,))),
        ('with the types "a, "', Ops(types=("a", None))),
        ('with the types "a" and no type attributes', Ops(types=("a",), type_attributes=())),
        ('with the type attributes "speed"', Ops(type_attributes=(*Ops().type_attributes, "speed"))),
        (
            'with the type attribute "speed" without callbacks',
            Ops(type_attributes=(*Ops().type_attributes, "speed"), mute=frozenset({"speed"})),
        ),
        (
            'with the parent attributes "serial, maker/model" and the types "a"',
            Ops(types=("a",), parent_attributes=("serial", "maker/model")),
        ),
        ('with the device attribute "serial"', Ops(device_attributes=("serial",))),
    ],
)
def test_ops_are_what_the_words_say(text: str, ops: Ops | None) -> None:
    assert meant("Ops", text) == ops


@pytest.mark.parametrize("text", ["", "with", "with types", 'with the colours "red"', "with no ops", "without"])
def test_other_words_are_no_ops(text: str) -> None:
    assert not re.fullmatch(KINDS["Ops"].pattern, text)


@pytest.mark.parametrize(
    ("text", "placement"),
    [
        ('bound to the driver "cards" on the bus "slots"', Placement(driver="cards", bus="slots")),
        ('on the bus "slots"', Placement(bus="slots")),
        ('of the class "toys"', Placement(device_class="toys")),
        ("without a bus or a class", Placement()),
    ],
)
def test_a_placement_is_what_the_words_say(text: str, placement: Placement) -> None:
    assert meant("Where", text) == placement


@pytest.mark.parametrize(
    ("thing", "text"),
    [
        (Ops(), "complete ops"),
        (Ops(types=("a", None), without=frozenset({"open"})), "ops with types: a, (no name); without: open"),
        (Ops(types=()), "ops with types: none"),
        (Placement(), "no bus and no class"),
        (Placement(driver="cards", bus="slots"), "driver cards, bus slots"),
        (BusDriver(None), "(no name)"),
        (BusDriver("one", frozenset({"remove", "probe"}), "makers"), "one without probe, remove of module makers"),
    ],
)
def test_a_report_names_them_in_words(thing: object, text: str) -> None:
    assert str(thing) == text


def test_letting_go_closes_what_is_open_and_goes_on_after_an_error() -> None:
    done: list[str] = []

    def fail() -> None:
        raise OSError("gone")

    interface: Any = SimpleNamespace(let_go=lambda: done.append("released"))
    stage = Stage(cast(Drivers, interface))
    broken: Any = SimpleNamespace(close=fail)
    sound: Any = SimpleNamespace(close=lambda: done.append("closed"))
    stage.opened["a"] = [broken, sound]
    stage.let_go()
    assert done == ["released", "closed"]
