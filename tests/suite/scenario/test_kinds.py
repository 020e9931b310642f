"""Kinds of parameters: what each makes of its text."""

from __future__ import annotations

import os
from errno import EEXIST

import behave
import pytest
from behave.step_registry import registry

from mdevref.suite.scenario.definitions import given
from mdevref.suite.scenario.kinds import KINDS


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
    with pytest.raises(ValueError, match="unknown errno EDUPLICATE"):
        KINDS["Errno"]("EDUPLICATE")


def test_kinds_have_no_groups_of_their_own() -> None:
    import re

    assert [name for name, kind in KINDS.items() if re.compile(kind.pattern).groups] == []


def test_kinds_are_known_after_behave_forgot_them() -> None:
    from behave.matchers import ParseMatcher

    ParseMatcher.TYPE_REGISTRY.clear()
    registry.clear()
    given('a "{text:Text}" of this test')(lambda world: None)
    assert behave.step_registry.registry.steps["given"][0].match('a "" of this test') is not None
    registry.clear()
