"""Scenarios on targets that behave and that do not: each gets the verdict that it deserves, and says why."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mdevref.suite.errors import BadInput
from mdevref.suite.interface.unsupported import Unsupported
from mdevref.suite.results import format as results
from mdevref.suite.results import ledger
from mdevref.suite.results.judged import Judged
from mdevref.suite.results.outcome import Outcome
from mdevref.suite.run.hooks import Session
from mdevref.suite.run.suite import Interrupted, Suite, run
from mdevref.suite.spec import derivation as derive
from mdevref.suite.spec.reader import read
from tests.suite.fakes import FakeMachine, FakeTarget
from tests.suite.small import SpecWriter

STEPS = """\
import behave

from mdevref.suite.scenario.vocabulary import Unsupported, World, check, given, then, when


@given("a frame")
def a_frame(world: World) -> None:
    world.files.read("frame")


@given("a frame that is lost")
def lost_frame(world: World) -> None:
    world.files.read("lost")


@when("{path} is read")
def reading(world: World, path: str) -> None:
    world.outcomes.texts.append(world.files.read(path))


@when("{path} is painted")
def painting(world: World, path: str) -> None:
    world.attributes.write(path, b"red")


@then("it is of {material}")
def material(world: World, material: str) -> None:
    seen = world.outcomes.text.decode().strip()
    check(seen == material, material, seen)


@then("nobody can tell")
def nobody(world: World) -> None:
    raise Unsupported("it is dark")


@then("the suite breaks")
def breaking(world: World) -> None:
    raise KeyError("nail")


@then("it never ends")
def endless(world: World) -> None:
    raise TimeoutError("10 s")


@then("somebody interrupts")
def interrupting(world: World) -> None:
    raise KeyboardInterrupt


@behave.then("the step is skipped")
def skipping(context: object) -> None:
    context.scenario.skip()


@then("the UUID is shown")
def uuid(world: World) -> None:
    check(False, "a UUID", world.words.uuid)


@then("nothing else changed")
def unchanged(world: World) -> None:
    check(not world.changes.found(), "no change", world.changes.found())
"""


def requirement(*steps: str, id: str = "widget.make", **options: str) -> str:
    given = {"level": "must", "interface": "management", "basis": "kernel"} | options
    keyword = {"must": "MUST", "should": "SHOULD", "may": "MAY"}[given["level"]]
    lines = [f".. requirement:: {id}", *(f"   :{name}: {value}" for name, value in given.items()), ""]
    lines += [f"   A frame {keyword} be of wood.", "", "   .. scenario:: Looking"]
    return "\n".join([*lines, *(f"      {step}" for step in steps), ""])


LOOKING = ("Given a frame", "When frame is read", "Then it is of wood")


@pytest.fixture
def prepare(write_spec: SpecWriter) -> Callable[[str], Suite]:
    """The suite of a spec with this body."""

    def suite(body: str) -> Suite:
        folder = write_spec(body, steps=STEPS)
        derive.write(derive.features(read(folder / "spec")), folder / "features")
        return Suite(folder / "features", folder / "steps")

    return suite


Prepare = Callable[[str], Suite]


def only(outcome: Outcome) -> results.Scenario:
    (scenario,) = outcome.scenarios
    return scenario


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
    "unset stage": (("Given a frame that is lost",), "unsupported", "the stage cannot be set: ENOENT"),
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
    assert (scenario.failure.expected, scenario.failure.seen) == ("nothing is left behind", "a nail")


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
    assert "cleaning up: RuntimeError: no broom" in (scenario.reason or "")


@pytest.mark.parametrize(
    ("refuse", "verdict", "reason"),
    [
        (Unsupported("no frames here"), "unsupported", "no frames here"),
        (RuntimeError("oops"), "error", "no clean machine: RuntimeError: oops"),
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


def test_every_scenario_gets_a_machine_of_its_own_and_each_is_closed(prepare: Prepare) -> None:
    body = requirement("When frame is painted", *LOOKING[1:]) + requirement(*LOOKING, id="widget.look")
    target = FakeTarget()
    outcome = run(prepare(body), target)
    assert [scenario.verdict for scenario in outcome.scenarios] == ["fail", "pass"]
    assert [machine.closed for machine in target.machines] == [["closed"], ["closed"]]


def test_the_suite_runs_again_and_again_with_the_same_verdicts(prepare: Prepare) -> None:
    suite = prepare(
        requirement("Given a frame that is lost") + requirement(*LOOKING, id="widget.look", releases="6.1-")
    )
    first = run(suite, FakeTarget())
    again = run(suite, FakeTarget(release=(6, 1), content={"frame": b"wood\n", "lost": b""}))
    assert [scenario.verdict for scenario in first.scenarios] == ["unsupported", "not-applicable"]
    assert [scenario.verdict for scenario in again.scenarios] == ["pass", "pass"]


def test_the_same_seed_gives_the_same_uuids_whatever_else_runs(prepare: Prepare) -> None:
    suite = prepare(requirement(*LOOKING) + requirement("Then the UUID is shown", id="widget.uuid"))
    whole = run(suite, FakeTarget(), seed=7).scenarios[1]
    suite.select(["widget.uuid"])
    alone = only(run(suite, FakeTarget(), seed=7))
    other = only(run(suite, FakeTarget(), seed=8))
    assert whole.failure is not None
    assert alone.failure == whole.failure
    assert other.failure != whole.failure


def test_a_scenario_that_asks_what_changed_is_watched_from_the_start(prepare: Prepare) -> None:
    suite = prepare(requirement("When frame is painted", "Then nothing else changed"))
    assert only(run(suite, FakeTarget())).verdict == "pass"


def ledger_of(tmp_path: Path, *, scenario: str = "") -> ledger.Ledger:
    path = tmp_path / "ledger.toml"
    path.write_text(
        '[[deviation]]\nrequirement = "widget.make"\nkind = "bug"\nsince = "5.2"\nwhy = "Iron is cheap."\n'
        f'reference = "the smith"\n{scenario}'
    )
    return ledger.load(path)


def test_a_failure_that_the_ledger_knows_is_expected(prepare: Prepare, tmp_path: Path) -> None:
    target = FakeTarget(content={"frame": b"iron\n"})
    outcome = run(prepare(requirement(*LOOKING)), target, ledger=ledger_of(tmp_path))
    scenario = only(outcome)
    assert (scenario.verdict, scenario.reason) == ("expected-fail", "Iron is cheap.")
    assert scenario.failure is not None
    assert outcome.header.ledger == ["widget.make"]
    assert outcome.exit_status() == 0


@pytest.mark.parametrize("scenario", ["", 'scenario = "Looking"\n'])
def test_an_entry_that_does_not_apply_any_more_is_red(prepare: Prepare, tmp_path: Path, scenario: str) -> None:
    outcome = run(prepare(requirement(*LOOKING)), FakeTarget(), ledger=ledger_of(tmp_path, scenario=scenario))
    assert outcome.requirements() == {"widget.make": "unexpected-pass"}
    assert outcome.exit_status() == 1


def test_an_entry_for_one_scenario_excuses_no_other(prepare: Prepare, tmp_path: Path) -> None:
    entry = ledger_of(tmp_path, scenario='scenario = "Listening"\n')
    target = FakeTarget(content={"frame": b"iron\n"})
    assert only(run(prepare(requirement(*LOOKING)), target, ledger=entry)).verdict == "fail"


def test_an_error_is_never_excused(prepare: Prepare, tmp_path: Path) -> None:
    outcome = run(prepare(requirement("Then the suite breaks")), FakeTarget(), ledger=ledger_of(tmp_path))
    assert only(outcome).verdict == "error"
    assert outcome.exit_status() == 2


def test_a_failed_should_is_told_and_makes_nobody_non_conforming(prepare: Prepare) -> None:
    outcome = run(prepare(requirement(*LOOKING, level="should")), FakeTarget(content={"frame": b"iron\n"}))
    assert outcome.requirements() == {"widget.make": "fail"}
    assert outcome.exit_status() == 0


def test_an_interruption_ends_the_run_and_its_scenario_has_no_verdict(prepare: Prepare) -> None:
    body = (
        requirement(*LOOKING)
        + requirement("Then somebody interrupts", id="widget.stop")
        + requirement(*LOOKING, id="widget.late")
    )
    judged: list[Judged] = []
    target = FakeTarget()
    with pytest.raises(Interrupted):
        prepare(body).run(Session(target, seed=0, report=judged.append))
    assert [each.facts.id for each in judged] == ["widget.make"]
    assert [machine.closed for machine in target.machines] == [["closed"], ["closed"]]


def test_an_interruption_while_the_stage_is_set_gives_no_verdict_either(prepare: Prepare) -> None:
    class Interrupting(FakeTarget):
        def machine(self) -> FakeMachine:
            raise KeyboardInterrupt

    judged: list[Judged] = []
    with pytest.raises(Interrupted):
        prepare(requirement(*LOOKING)).run(Session(Interrupting(), seed=0, report=judged.append))
    assert judged == []


def test_a_step_that_was_not_run_is_never_a_pass(prepare: Prepare) -> None:
    """Whatever skips a step without a reason: the scenario proves nothing."""
    scenario = only(run(prepare(requirement(*LOOKING, "Then the step is skipped")), FakeTarget()))
    assert (scenario.verdict, scenario.reason) == ("error", "not run: Then the step is skipped")


def test_selecting_takes_requirements_tags_and_interface_together(prepare: Prepare) -> None:
    body = (
        requirement(*LOOKING)
        + requirement(*LOOKING, id="widget.paint", level="may")
        + requirement(*LOOKING, id="widget.open", interface="device")
    )
    suite = prepare(body)
    assert suite.select() == 3
    assert suite.select(["widget.paint", "widget.open"]) == 2
    assert suite.select(tags="@must and not @device") == 1
    assert suite.select(interface="management") == 2
    assert suite.select(["widget.paint", "widget.open"], "@may", "management") == 1
    assert only(run(suite, FakeTarget())).requirement == "widget.paint"


@pytest.mark.parametrize(
    ("requirements", "tags", "interface", "said"),
    [
        (["widget.mak"], "", "", "there is no requirement 'widget.mak'; is it widget.make?"),
        ([], "must and (", "", "'must and (' is no tag expression"),
        ([], "", "managment", "there is no interface 'managment'; there are management, driver"),
        ([], "@may", "", "no scenario fits"),
    ],
)
def test_selecting_what_is_not_there_is_one_clear_line(
    prepare: Prepare, requirements: list[str], tags: str, interface: str, said: str
) -> None:
    suite = prepare(requirement(*LOOKING))
    with pytest.raises(BadInput) as caught:
        suite.select(requirements, tags, interface)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_features_that_are_no_gherkin_are_named(tmp_path: Path, write_spec: SpecWriter) -> None:
    folder = write_spec()
    (folder / "features/odd.feature").write_text(
        "Feature: odd\n  Scenario: x\n    Given y\n      | a |\n    Perhaps z\n"
    )
    with pytest.raises(BadInput, match=r"odd\.feature"):
        Suite(folder / "features", folder / "steps")
