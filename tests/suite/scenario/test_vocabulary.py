"""The words of the steps: notation, kinds of parameters, what becomes of errors, what counts as a change."""

from __future__ import annotations

import os
from errno import EBUSY, EEXIST, ENOENT
from types import SimpleNamespace
from typing import Any

import behave
import pytest
from behave.step_registry import registry
from hypothesis import given as holds_for
from hypothesis import strategies as st

from mdevref.suite.interface.selection import Parent, Type, follow
from mdevref.suite.interface.unsupported import Unsupported
from mdevref.suite.scenario import snapshot
from mdevref.suite.scenario.checks import Mismatch, check, name_of
from mdevref.suite.scenario.definitions import given, then, when
from mdevref.suite.scenario.kinds import KINDS
from mdevref.suite.scenario.outcomes import Outcome
from mdevref.suite.spec import notation

NAMES = {"uuid": "abc", "UUID": "ABC", "A": "def"}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("", ""),
        ("mtty", "mtty"),
        ("{uuid}", "abc"),
        ("{UUID}\\n", "ABC\n"),
        ("{{uuid}}", "{abc}"),
        ("{A}{B}", "def{B}"),
        ("\\x20\\x00\\xff", " \0\xff"),
        ("\\\\n\\t\\r", "\\n\t\r"),
        ("{nobody}", "{nobody}"),
    ],
)
def test_a_text_means(written: str, meant: str) -> None:
    assert notation.resolve(written, NAMES.get) == meant


@pytest.mark.parametrize("written", ["\\q", "\\X20", "\\x2", "a\\"])
def test_what_is_no_escape_is_refused_or_stays(written: str) -> None:
    if written.endswith("\\"):
        assert notation.resolve(written, NAMES.get) == written
    else:
        with pytest.raises(ValueError, match="is no escape"):
            notation.resolve(written, NAMES.get)


@holds_for(st.binary())
def test_what_is_shown_means_what_was_seen(seen: bytes) -> None:
    shown = notation.shown(seen)
    assert shown.isascii()
    assert shown.isprintable()
    assert notation.data(notation.resolve(shown[1:-1], lambda _: None)) == seen


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("Errno", "EEXIST", EEXIST),
        ("Mode", "0200", 0o200),
        ("Count", "three", 3),
        ("Number", "37", 37),
        ("Flags", "O_WRONLY, O_CREAT", os.O_WRONLY | os.O_CREAT),
        ("List", "add, bind", ["add", "bind"]),
        ("Place", "the driver of A", "the driver of A"),
    ],
)
def test_a_parameter_becomes(kind: str, text: str, value: object) -> None:
    assert KINDS[kind](text) == value


def test_an_errno_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no errno EDUPLICATE"):
        KINDS["Errno"]("EDUPLICATE")


def test_kinds_have_no_groups_of_their_own() -> None:
    import re

    assert [name for name, kind in KINDS.items() if re.compile(kind.pattern).groups] == []


@pytest.fixture
def call() -> Any:
    """Define a step by one of the decorators and call it as behave does; gives (world, reason of the skip)."""

    def run(define: Any, function: Any) -> tuple[Any, str | None]:
        registry.clear()
        assert define("a step of this test")(function) is function
        kind = next(kind for kind, matchers in registry.steps.items() if matchers)
        skipped: list[str] = []
        world = SimpleNamespace(unsupported=None, begun=0)
        world.begin = lambda: setattr(world, "begun", world.begun + 1)
        context = SimpleNamespace(world=world, scenario=SimpleNamespace(skip=skipped.append))
        try:
            registry.steps[kind][0].func(context)
        finally:
            registry.clear()
        return world, skipped[0] if skipped else None

    return run


def raising(error: Exception) -> Any:
    def step(world: Any) -> None:
        raise error

    return step


@pytest.mark.parametrize("define", [given, when, then])
def test_unsupported_skips_the_scenario_wherever_it_comes_from(define: Any, call: Any) -> None:
    world, reason = call(define, raising(Unsupported("no uevents here")))
    assert world.unsupported == reason == "no uevents here"


def test_an_error_that_sets_no_stage_skips_the_scenario(call: Any) -> None:
    world, reason = call(given, raising(OSError(EBUSY, "busy", "bus/mdev")))
    assert world.unsupported == reason == "the stage cannot be set: EBUSY: bus/mdev"


@pytest.mark.parametrize("define", [when, then])
def test_an_error_elsewhere_is_a_mismatch(define: Any, call: Any) -> None:
    with pytest.raises(Mismatch) as raised:
        call(define, raising(OSError(ENOENT, "none", "bus/mdev")))
    assert (raised.value.expected, raised.value.seen) == ("no error", "ENOENT: bus/mdev")


@pytest.mark.parametrize("define", [given, when, then])
def test_what_does_not_end_is_a_mismatch(define: Any, call: Any) -> None:
    with pytest.raises(Mismatch, match="still waits"):
        call(define, raising(TimeoutError("after 10 s")))


@pytest.mark.parametrize("define", [given, when, then])
def test_an_error_of_the_suite_comes_through(define: Any, call: Any) -> None:
    with pytest.raises(KeyError):
        call(define, raising(KeyError("B")))


@pytest.mark.parametrize(("define", "begun"), [(given, 0), (when, 1), (then, 0)])
def test_the_stage_is_set_when_something_is_done(define: Any, begun: int, call: Any) -> None:
    world, _ = call(define, lambda world: None)
    assert world.begun == begun


def test_kinds_are_known_after_behave_forgot_them() -> None:
    from behave.matchers import ParseMatcher

    ParseMatcher.TYPE_REGISTRY.clear()
    registry.clear()
    given('a "{text:Text}" of this test')(lambda world: None)
    assert behave.step_registry.registry.steps["given"][0].match('a "" of this test') is not None
    registry.clear()


def test_a_mismatch_says_what_was_expected_and_seen() -> None:
    with pytest.raises(Mismatch) as raised:
        check(False, "0200", b"0644\n")
    assert str(raised.value) == 'expected 0200; seen: "0644\\n"'
    with pytest.raises(Mismatch, match="seen: none"):
        check([], "something", [])
    check(True, "nothing", None)
    assert name_of(EEXIST) == "EEXIST"
    assert name_of(None) == "errno None"


@pytest.mark.parametrize(
    ("outcome", "succeeded", "text"),
    [
        (Outcome(value=36, size=36), True, "36 of 36 bytes written"),
        (Outcome(value=12, size=36), False, "12 of 36 bytes written"),
        (Outcome(errno=EEXIST, size=36), False, "EEXIST"),
        (Outcome(value=b"0\n"), True, '"0\\n"'),
        (Outcome(), True, "success"),
    ],
)
def test_an_outcome(outcome: Outcome, succeeded: bool, text: str) -> None:
    assert outcome.succeeded is succeeded
    assert str(outcome) == text


BEFORE = {
    "class/mdev_bus/mtty": "devices/mtty",
    "devices/mtty/mdev_supported_types/mtty-1/available_instances": "24",
    "devices/other/mdev_supported_types/other-1/available_instances": "4",
    "bus/mdev/devices/old": "",
}


@pytest.mark.parametrize(
    ("changed", "came", "went", "found"),
    [
        ({}, (), (), []),
        ({"bus/mdev/devices/new": ""}, (), (), ["bus/mdev/devices/new is new"]),
        ({"bus/mdev/devices/new": ""}, ("new",), (), []),
        ({"bus/mdev/devices/new": ""}, (), ("new",), ["bus/mdev/devices/new is new"]),
        ({"bus/mdev/devices/old": None}, (), (), ["bus/mdev/devices/old is gone"]),
        ({"bus/mdev/devices/old": None}, (), ("old",), []),
        ({"bus/mdev/devices/old": None}, ("old",), (), ["bus/mdev/devices/old is gone"]),
        ({"class/mdev_bus/mtty": "devices/tty"}, (), (), ["class/mdev_bus/mtty shows devices/tty, not devices/mtty"]),
        (
            {"devices/mtty/mdev_supported_types/mtty-1/available_instances": "23"},
            (),
            (),
            ["devices/mtty/mdev_supported_types/mtty-1/available_instances shows 23, not 24"],
        ),
        ({"devices/mtty/mdev_supported_types/mtty-1/available_instances": "23"}, ("new",), (), []),
        (
            {"devices/other/mdev_supported_types/other-1/available_instances": "3"},
            ("new",),
            (),
            ["devices/other/mdev_supported_types/other-1/available_instances shows 3, not 4"],
        ),
    ],
)
def test_changes(
    changed: dict[str, str | None], came: tuple[str, ...], went: tuple[str, ...], found: list[str]
) -> None:
    merged = {**BEFORE, **changed}
    after = {path: text for path, text in merged.items() if text is not None}
    parents = ["devices/mtty"] if came or went else []
    assert snapshot.differences(BEFORE, after, came, went, parents) == found


@pytest.mark.parametrize(
    ("text", "root", "leads"),
    [
        ("../../devices/virtual/mtty/mtty", "/sys/", "devices/virtual/mtty/mtty"),
        ("/sys/devices/virtual/mtty/mtty", "/sys/", "devices/virtual/mtty/mtty"),
        ("/mnt/x/devices/../mtty", "/mnt/x/", "mtty"),
    ],
)
def test_a_link_leads(text: str, root: str, leads: str) -> None:
    files: Any = SimpleNamespace(readlink=lambda path: text)
    assert follow(files, "class/mdev_bus/mtty", root) == leads


def test_a_type_has_a_directory() -> None:
    assert Type(Parent("mtty", "devices/mtty"), "mtty-1").path == "devices/mtty/mdev_supported_types/mtty-1"
