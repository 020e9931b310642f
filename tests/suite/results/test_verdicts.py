"""The order of verdicts, and the verdicts of scenarios, requirements and runs."""

from __future__ import annotations

import errno
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdevref.suite.interface.unsupported import Unsupported
from mdevref.suite.results.verdicts import (
    VERDICTS,
    Verdict,
    exit_status,
    of_exception,
    of_requirement,
    of_requirements,
    reservations,
    worst,
)

verdict_lists = st.lists(st.sampled_from(VERDICTS), min_size=1)


def test_the_order_is_from_harmless_to_bad() -> None:
    assert VERDICTS == (
        "not-applicable", "pass", "unsupported", "expected-fail", "unexpected-pass", "fail", "error",
    )  # fmt: skip
    pairs: list[tuple[Verdict, Verdict]] = list(pairwise(VERDICTS))
    assert [worst(pair) for pair in pairs] == list(VERDICTS[1:])


@given(verdict_lists, st.sampled_from(VERDICTS))
def test_one_more_verdict_never_makes_it_better(verdicts: list[Verdict], more: Verdict) -> None:
    assert VERDICTS.index(worst([*verdicts, more])) >= VERDICTS.index(worst(verdicts))


@given(verdict_lists)
def test_an_error_is_never_expected(verdicts: list[Verdict]) -> None:
    assert of_requirement([*verdicts, "error"], expected_to_fail=True) == "error"


@pytest.mark.parametrize(
    ("error", "step", "from_target", "verdict"),
    [
        (Unsupported("no uevents"), "then", False, "unsupported"),
        (AssertionError("no"), "then", False, "fail"),
        (AssertionError("no"), "given", False, "fail"),
        (TimeoutError("blocked"), "when", False, "fail"),
        (OSError(errno.ENOENT, "gone"), "given", True, "unsupported"),
        (OSError(errno.ENOENT, "gone"), "then", True, "fail"),
        (OSError(errno.ENOENT, "gone"), "given", False, "error"),
        (KeyError("x"), "then", False, "error"),
    ],
)
def test_what_a_step_raised_decides(error: Exception, step: str, from_target: bool, verdict: Verdict) -> None:
    assert of_exception(error, step, from_target=from_target) == verdict


@pytest.mark.parametrize(
    ("verdicts", "expected_to_fail", "verdict"),
    [
        (["pass", "fail"], False, "fail"),
        (["pass", "expected-fail"], True, "expected-fail"),
        (["pass", "unsupported"], True, "unexpected-pass"),
        (["pass", "pass"], True, "unexpected-pass"),
        (["pass", "pass"], False, "pass"),
        (["unsupported", "not-applicable"], True, "unsupported"),
        (["not-applicable"], True, "not-applicable"),
        (["pass", "fail"], True, "fail"),
    ],
)
def test_the_ledger_turns_a_pass_red_where_nothing_fails(
    verdicts: list[Verdict], expected_to_fail: bool, verdict: Verdict
) -> None:
    assert of_requirement(verdicts, expected_to_fail=expected_to_fail) == verdict


def test_requirements_get_the_worst_of_their_scenarios() -> None:
    scenarios: list[tuple[str, Verdict]] = [("a.b", "pass"), ("c.d", "fail"), ("a.b", "unsupported"), ("e.f", "pass")]
    assert of_requirements(scenarios, {"e.f"}) == {"a.b": "unsupported", "c.d": "fail", "e.f": "unexpected-pass"}


@pytest.mark.parametrize(
    ("verdict", "level", "status"),
    [
        ("pass", "must", 0), ("unsupported", "must", 0), ("expected-fail", "must", 0), ("not-applicable", "must", 0),
        ("fail", "must", 1), ("fail", "should", 0), ("fail", "may", 0),
        ("unexpected-pass", "must", 1), ("unexpected-pass", "should", 1), ("error", "may", 2),
    ],
)  # fmt: skip
def test_the_exit_status_is_of_the_musts_and_of_the_ledger(verdict: Verdict, level: str, status: int) -> None:
    assert exit_status({"a.b": verdict, "c.d": "pass"}, {"a.b": level, "c.d": "must"}) == status  # type: ignore[dict-item]  # parametrize gives strings


def test_a_thousand_failures_are_no_success() -> None:
    assert exit_status({f"a.{n}": "fail" for n in range(1024)}, {}) == 1


@pytest.mark.parametrize(
    ("verdicts", "tested", "said"),
    [
        (("pass", "not-applicable", "fail"), 3, ""),
        (("pass", "expected-fail"), 2, "with 1 known deviation"),
        (("expected-fail", "expected-fail"), 2, "with 2 known deviations"),
        (("unsupported", "pass"), 2, "1 requirement could not be tested"),
        (("pass",), 2, "only 1 of 2 requirements was run"),
        (
            ("unsupported", "expected-fail"),
            3,
            "with 1 known deviation; 1 requirement could not be tested; only 2 of 3 requirements were run",
        ),
    ],
)
def test_what_has_to_be_said_of_a_target_that_conforms(verdicts: tuple[Verdict, ...], tested: int, said: str) -> None:
    assert reservations(verdicts, tested) == said
