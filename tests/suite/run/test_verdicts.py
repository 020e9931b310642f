"""Scenarios on correct and faulty targets: each gets the right verdict, with a reason."""

from __future__ import annotations

import pytest

from mdevref.suite.interface.unsupported import Unsupported
from mdevref.suite.results import format as results
from mdevref.suite.run.suite import run
from tests.suite.fakes import FakeTarget
from tests.suite.run.scenarios import LOOKING, STEPS, Prepare, only, requirement


def test_a_scenario_that_goes_as_written_passes_and_shows_what_it_did(prepare: Prepare) -> None:
    scenario = only(run(prepare(requirement(*LOOKING)), FakeTarget()))
    assert (scenario.requirement, scenario.scenario, scenario.verdict) == ("widget.make", "Looking", "pass")
    assert [(o.op, o.path, o.result) for o in scenario.operations] == [("read", "frame", '"wood\\n"')] * 2
    assert 0 < scenario.duration < 5


def test_a_failure_tells_step_expected_and_seen(prepare: Prepare) -> None:
    outcome = run(prepare(requirement(*LOOKING)), FakeTarget(content={"frame": b"iron\n"}))
    scenario = only(outcome)
    assert scenario.verdict == "fail"
    assert scenario.failure == results.Failure(step="Then it is of wood", expected="wood", seen="iron")
    assert outcome.exit_status() == 1


STEP_VERDICTS = {
    "unset stage": (("Given a frame that is lost",), "unsupported", "the preparation failed: ENOENT"),
    "no way to tell": (("Given a frame", "Then nobody can tell"), "unsupported", "it is dark"),
    "errno of the target": (("When lost is read",), "fail", None),
    "suite breaks": (("Then the suite breaks",), "error", "KeyError: 'nail'"),
    "never ends": (("Then it never ends",), "fail", None),
    "undefined step": (("Then the moon is full",), "error", "no step definition matches: Then the moon is full"),
}


@pytest.mark.parametrize(("steps", "verdict", "reason"), STEP_VERDICTS.values(), ids=STEP_VERDICTS)
def test_what_happens_in_a_step_decides(
    prepare: Prepare, steps: tuple[str, ...], verdict: str, reason: str | None
) -> None:
    scenario = only(run(prepare(requirement(*steps)), FakeTarget()))
    assert scenario.verdict == verdict
    assert (scenario.reason or "").startswith(reason or "")
    assert (scenario.failure is not None) == (verdict == "fail")


def test_an_error_names_the_line_that_broke(prepare: Prepare) -> None:
    scenario = only(run(prepare(requirement("Then the suite breaks")), FakeTarget()))
    line = STEPS.splitlines().index('    raise KeyError("nail")') + 1
    assert scenario.reason == f"KeyError: 'nail' (widgets.py:{line})"


def test_after_a_failed_step_no_other_is_run(prepare: Prepare) -> None:
    steps = ("When lost is read", "When frame is painted", "Then the suite breaks")
    scenario = only(run(prepare(requirement(*steps)), FakeTarget()))
    assert scenario.verdict == "fail"
    assert [operation.op for operation in scenario.operations] == ["read"]


def test_what_a_scenario_leaves_behind_fails_it(prepare: Prepare) -> None:
    scenario = only(run(prepare(requirement(*LOOKING)), FakeTarget(left=lambda: ["a nail"])))
    assert scenario.verdict == "fail"
    assert scenario.failure is not None
    assert (scenario.failure.expected, scenario.failure.seen) == ("nothing left behind", "a nail")


def test_leftovers_do_not_hide_what_failed_before(prepare: Prepare) -> None:
    target = FakeTarget(content={"frame": b"iron\n"}, left=lambda: ["a nail"])
    scenario = only(run(prepare(requirement(*LOOKING)), target))
    assert scenario.failure is not None
    assert scenario.failure.seen == "iron"


def test_leftovers_of_what_could_not_be_tested_fail_it(prepare: Prepare) -> None:
    suite = prepare(requirement("Then nobody can tell"))
    assert only(run(suite, FakeTarget(left=lambda: ["a nail"]))).verdict == "fail"


def test_a_leak_check_that_breaks_is_an_error(prepare: Prepare) -> None:
    def broken() -> list[str]:
        raise RuntimeError("no broom")

    scenario = only(run(prepare(requirement(*LOOKING)), FakeTarget(left=broken)))
    assert scenario.verdict == "error"
    assert "cannot clean up: RuntimeError: no broom" in (scenario.reason or "")


@pytest.mark.parametrize(
    ("refuse", "verdict", "reason"),
    [
        (Unsupported("no frames here"), "unsupported", "no frames here"),
        (RuntimeError("oops"), "error", "cannot set up a clean machine: RuntimeError: oops"),
    ],
)
def test_a_machine_that_cannot_be_had(prepare: Prepare, refuse: Exception, verdict: str, reason: str) -> None:
    scenario = only(run(prepare(requirement(*LOOKING)), FakeTarget(refuse=refuse)))
    assert scenario.verdict == verdict
    assert (scenario.reason or "").startswith(reason)
    assert scenario.operations == []


@pytest.mark.parametrize(
    ("releases", "release", "verdict"),
    [
        ("5.2-", (5, 1), "not-applicable"), ("5.2-", (5, 2), "pass"), ("-5.1", (5, 1), "pass"),
        ("-5.1", (5, 2), "not-applicable"), ("-5.1", None, "not-applicable"), ("5.2-", None, "pass"),
    ],
)  # fmt: skip
def test_releases_say_whether_a_requirement_applies(
    prepare: Prepare, releases: str, release: tuple[int, int] | None, verdict: str
) -> None:
    target = FakeTarget(release=release)
    scenario = only(run(prepare(requirement(*LOOKING, releases=releases)), target))
    assert scenario.verdict == verdict
    assert bool(target.machines) == (verdict == "pass")


def test_an_interface_that_the_target_has_not_is_unsupported(prepare: Prepare) -> None:
    scenario = only(run(prepare(requirement(*LOOKING, interface="device")), FakeTarget()))
    assert (scenario.verdict, scenario.reason) == ("unsupported", "the target has no device interface")


def test_a_step_that_was_not_run_is_never_a_pass(prepare: Prepare) -> None:
    """If a step is skipped without a reason, the scenario proves nothing."""
    scenario = only(run(prepare(requirement(*LOOKING, "Then the step is skipped")), FakeTarget()))
    assert (scenario.verdict, scenario.reason) == ("error", "not run: Then the step is skipped")
