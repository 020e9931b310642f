"""A run: a machine for each scenario, the seed, the selection, and interrupts."""

from __future__ import annotations

from pathlib import Path

import pytest

from mdevref.suite.errors import BadInput
from mdevref.suite.results.judged import Judged
from mdevref.suite.run.judging import Session
from mdevref.suite.run.suite import Interrupted, Suite, run
from tests.suite.fakes import FakeMachine, FakeTarget
from tests.suite.run.scenarios import LOOKING, Prepare, only, requirement
from tests.suite.small import SpecWriter


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
        (["widget.mak"], "", "", "unknown requirement 'widget.mak' (did you mean \"widget.make\"?)"),
        ([], "must and (", "", "invalid tag expression 'must and ('"),
        ([], "", "managment", "unknown interface 'managment' (choose from management, driver"),
        ([], "@may", "", "no scenario matches the selection"),
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
