"""A comparison of two runs lists each change and its direction, and says whether a run got worse."""

from __future__ import annotations

import pytest

import mdevref.suite.results.format as r
from mdevref.suite.results.diff import changes, got_worse, lines
from mdevref.suite.results.verdicts import Verdict
from tests.suite.results.made import results, scenario


@pytest.mark.parametrize(
    ("before", "after", "direction", "worse"),
    [
        ("pass", "fail", "worse", True), ("pass", "unsupported", "worse", True), ("fail", "error", "worse", True),
        ("fail", "pass", "better", False), ("expected-fail", "fail", "worse", True),
        ("not-applicable", "pass", "new", False), ("not-applicable", "fail", "worse", True),
        ("fail", "not-applicable", "gone", False), (None, "pass", "new", False), (None, "fail", "worse", True),
        ("pass", None, "gone", False),
    ],
)  # fmt: skip
def test_a_change_has_a_direction(before: Verdict | None, after: Verdict | None, direction: str, worse: bool) -> None:
    old = results(*([scenario("a.pass", before)] if before else []), scenario("a.mixed", "pass"))
    new = results(*([scenario("a.pass", after)] if after else []), scenario("a.mixed", "pass"))
    assert [(change.requirement, change.direction) for change in changes(old, new)] == [("a.pass", direction)]
    assert got_worse(old, new) is worse
    assert list(lines(old, new))[-1] == f"1 {direction}, 1 the same"


def test_a_scenario_that_got_worse_shows_although_its_requirement_failed_before() -> None:
    old = results(scenario("a.mixed", "fail", "One"), scenario("a.mixed", "pass", "Two"))
    new = results(scenario("a.mixed", "fail", "One"), scenario("a.mixed", "fail", "Two"))
    assert got_worse(old, new)
    assert list(lines(old, new)) == [
        "worse   a.mixed  fail -> fail",
        "          Two: pass -> fail",
        "1 worse, 0 the same",
    ]


ONE, RENAMED = [scenario("a.mixed", "pass")], [scenario("a.mixed", "pass", "B")]


@pytest.mark.parametrize(
    ("before", "after", "direction"),
    [
        (ONE, ONE + RENAMED, "new"), (ONE + RENAMED, ONE, "gone"), (ONE, RENAMED, "other"),
        (ONE, [*ONE, scenario("a.mixed", "expected-fail", "B")], "new"),
        (ONE, [*ONE, scenario("a.mixed", "not-applicable", "B")], "new"),
        (ONE, [*ONE, scenario("a.mixed", "fail", "B")], "worse"),
        (ONE, [scenario("a.mixed", "unsupported"), *RENAMED], "worse"),
        ([scenario("a.mixed", "fail"), *RENAMED], RENAMED, "gone"),
        ([scenario("a.mixed", "fail")], [scenario("a.mixed", "fail"), *RENAMED], "new"),
    ],
)  # fmt: skip
def test_a_scenario_that_only_one_run_has_is_new_or_gone(
    before: list[r.Scenario], after: list[r.Scenario], direction: str
) -> None:
    old, new = results(*before), results(*after)
    assert [change.direction for change in changes(old, new)] == [direction]
    assert got_worse(old, new) is (direction == "worse")


def test_an_entry_of_the_ledger_that_no_longer_applies_is_worse_although_only_a_scenario_is_gone() -> None:
    old = results(scenario("a.ledger", "pass"), scenario("a.ledger", "expected-fail", "B"))
    new = results(scenario("a.ledger", "pass"))
    assert [(change.after, change.direction) for change in changes(old, new)] == [("unexpected-pass", "worse")]


def test_a_comparison_says_that_the_runs_used_different_specs() -> None:
    old, new = results(scenario("a.pass", "pass")), results(scenario("a.pass", "pass"), spec="1")
    assert next(lines(old, new)) == "The two were measured against different texts of the spec."
