"""``docs/results`` has a verdict for every scenario of the present spec; ``make results`` updates it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mdevref.suite import data
from mdevref.suite.results import format as results
from mdevref.suite.run.suite import Suite
from mdevref.suite.vm.kernels import KERNELS

FOLDER = data.docs() / "results"
NAMES = ["reference", *(f"linux-{version}" for version in KERNELS)]

each_file = pytest.mark.parametrize("path", [FOLDER / f"{name}.ndjson" for name in NAMES], ids=NAMES)


def test_there_is_a_file_for_the_reference_and_each_kernel() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.ndjson")) == sorted(NAMES)


@pytest.fixture(scope="module")
def scenarios() -> set[tuple[str, str]]:
    rules = [rule for feature in Suite().features for rule in feature.rules]
    return {(rule.name, scenario.name) for rule in rules for scenario in rule.walk_scenarios()}


@each_file
def test_every_scenario_of_the_spec_has_its_verdict_and_no_other(path: Path, scenarios: set[tuple[str, str]]) -> None:
    assert {(each.requirement, each.scenario) for each in results.read(path).scenarios} == scenarios


@each_file
def test_the_target_conforms_apart_from_what_its_ledger_names(path: Path) -> None:
    assert not {"fail", "unexpected-pass", "error"} & set(results.read(path).requirements().values())


@pytest.mark.parametrize("version", KERNELS)
def test_what_a_kernel_could_not_be_asked_has_its_reason(version: str) -> None:
    found = results.read(FOLDER / f"linux-{version}.ndjson")
    assert found.header.release == version
    assert all(each.reason for each in found.scenarios if each.verdict == "unsupported")
