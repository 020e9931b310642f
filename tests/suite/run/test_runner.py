"""The faster runner does the same as behave's."""

from __future__ import annotations

import gc
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from behave.configuration import Configuration
from behave.parser import parse_feature
from behave.runner import ModelRunner
from behave.step_registry import registry

from mdevref.suite import data
from mdevref.suite.run import step_modules
from mdevref.suite.run.runner import Context, Runner, StepIndex
from tests.suite.small import SpecWriter


def test_each_step_of_the_suite_finds_the_definition_that_behave_finds() -> None:
    step_modules.load_catalogue(data.steps())
    index = StepIndex(registry.steps)
    steps: dict[tuple[str, str], Any] = {}
    for path in data.features().rglob("*.feature"):
        feature = parse_feature(path.read_text())
        assert feature is not None
        steps |= {(step.step_type, step.name): step for each in feature.walk_scenarios() for step in each.steps}
    assert len(steps) > 100
    for step in steps.values():
        ours, behaves = index.find_match(step), registry.find_match(step)
        assert behaves is not None
        assert ours.func is behaves.func
        assert [(a.name, a.value) for a in ours.arguments] == [(a.name, a.value) for a in behaves.arguments]


def test_a_step_without_definition_finds_none(write_spec: SpecWriter) -> None:
    step_modules.load_catalogue(write_spec() / "steps")
    feature = parse_feature("Feature: f\n  Scenario: s\n    Given a frame\n    Then a frame\n")
    assert feature is not None
    given, then = feature.scenarios[0].steps
    index = StepIndex(registry.steps)
    assert index.find_match(given) is not None
    assert index.find_match(then) is None


@pytest.fixture
def context() -> Context:
    runner = ModelRunner(Configuration(command_args=[], load_config=False))
    found = Context(runner)
    found.kept_alive = runner  # a context has only a weak reference to its runner
    return found


def test_what_is_set_in_a_layer_goes_with_it(context: Context) -> None:
    context.frame = "outer"
    context._push("scenario")
    context.frame = "inner"
    context.nail = 1
    assert (context.frame, context.nail) == ("inner", 1)
    del context.nail
    assert "nail" not in context
    context._pop()
    assert context.frame == "outer"
    with pytest.raises(AttributeError):
        _ = context.nail


@pytest.mark.parametrize("below", [".", "features", "features/creating"])
def test_behave_finds_its_steps_from_the_checkout_and_from_below(below: str) -> None:
    folder = data.root() / below
    # Below the root, behave finds no pyproject.toml to read.
    arguments = ["--runner=mdevref.suite.run.runner:Runner", "."] if below != "." else []
    command = [sys.executable, "-m", "behave", "--dry-run", "--tags=@create.duplicate-uuid", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_without_steps_behave_says_so_itself(tmp_path: Path) -> None:
    (tmp_path / "features").mkdir()
    (tmp_path / "features/one.feature").write_text("Feature: one\n")
    (tmp_path / "behave.ini").write_text("[behave]\nrunner = mdevref.suite.run.runner:Runner\n")
    done = subprocess.run(
        [sys.executable, "-m", "behave"], cwd=tmp_path, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert done.returncode != 0
    assert "No steps directory" in done.stdout + done.stderr


def test_a_run_leaves_the_collector_as_it_was() -> None:
    runner = Runner(Configuration(command_args=["--dry-run"], load_config=False))
    runner.features, runner.hooks, seen = [], {"before_all": print}, []
    runner.context = Context(runner)
    runner.run_hook = lambda *arguments: seen.append(gc.get_freeze_count())
    thresholds = gc.get_threshold()
    runner.run_model([])
    assert (gc.get_freeze_count(), gc.get_threshold()) == (0, thresholds)
    assert seen
    assert all(seen)
