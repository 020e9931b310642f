"""A run with a ledger: expected failures, and failures that no entry covers."""

from __future__ import annotations

from pathlib import Path

import pytest

from mdevref.suite.results import ledger
from mdevref.suite.run.suite import run
from tests.suite.fakes import FakeTarget
from tests.suite.run.scenarios import LOOKING, Prepare, only, requirement


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
