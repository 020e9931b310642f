"""A plain ``behave``: the hooks open the given target, and the exit status is reliable."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mdevref.suite import data
from mdevref.suite.results import format as results
from mdevref.suite.spec import derivation as derive
from mdevref.suite.spec.reader import read
from tests.suite.run.scenarios import LOOKING, STEPS, requirement
from tests.suite.small import SpecWriter

Behave = Callable[..., subprocess.CompletedProcess[str]]

LEAKY = """\
from tests.suite.fakes import FakeTarget

def leaky():
    return FakeTarget(left=lambda: ["a nail"])
"""


@pytest.fixture
def behave(write_spec: SpecWriter) -> Behave:
    """Run behave in a small checkout with the suite's own environment.py and settings."""

    def run(body: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        folder = write_spec(body, steps=STEPS)
        derive.write(derive.features(read(folder / "spec")), folder / "features")
        for name in ("environment.py", "pyproject.toml"):
            shutil.copy(data.root() / name, folder)
        (folder / "leaky.py").write_text(LEAKY)
        return subprocess.run(
            [sys.executable, "-m", "behave", *arguments],
            cwd=folder, capture_output=True, text=True, check=False,
            env={**os.environ, "PYTHONPATH": str(data.root())},
        )  # fmt: skip

    return run


GOOD, BAD = "target=python:tests.suite.fakes:good", "target=python:tests.suite.fakes:bad"


def test_a_target_that_conforms_exits_0(behave: Behave) -> None:
    done = behave(requirement(*LOOKING), "-D", GOOD)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 scenario passed, 0 failed" in done.stdout


def test_a_failure_shows_what_was_expected_and_seen_and_exits_1(behave: Behave) -> None:
    done = behave(requirement(*LOOKING), "-D", BAD)
    assert done.returncode == 1
    assert "expected wood; seen: iron" in done.stdout


def test_a_tag_runs_only_its_requirement(behave: Behave) -> None:
    body = requirement(*LOOKING) + requirement("Then the suite breaks", id="widget.break")
    done = behave(body, "-D", GOOD, "--tags=@widget.make")
    assert done.returncode == 0
    assert "1 scenario passed, 0 failed, 1 skipped" in done.stdout


def test_what_is_unsupported_or_does_not_apply_is_skipped(behave: Behave) -> None:
    body = requirement("Then nobody can tell") + requirement(*LOOKING, id="widget.late", releases="6.1-")
    done = behave(body, "-D", GOOD)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 scenarios passed, 0 failed, 2 skipped" in done.stdout


def test_what_is_left_behind_fails_although_every_step_passed(behave: Behave) -> None:
    done = behave(requirement(*LOOKING), "-D", "target=python:leaky:leaky")
    assert done.returncode == 1
    assert "a nail" in done.stdout


def test_results_are_written_where_they_are_asked_for(behave: Behave, tmp_path: Path) -> None:
    body = requirement(*LOOKING) + requirement("Then the UUID is shown", id="widget.uuid")
    seen = []
    for name in ("one.ndjson", "two.ndjson"):
        assert behave(body, "-D", BAD, "-D", f"results={name}", "-D", "seed=7").returncode == 1
        found = results.read(tmp_path / name, {"widget.make", "widget.uuid"})
        assert found.requirements() == {"widget.make": "fail", "widget.uuid": "fail"}
        seen.append([scenario.failure for scenario in found.scenarios])
    assert found.header.target == "python:tests.suite.fakes:bad"
    assert found.header.seed == 7
    assert seen[0] == seen[1]


def test_an_interrupted_run_leaves_no_results(behave: Behave, tmp_path: Path) -> None:
    body = requirement(*LOOKING) + requirement("Then somebody interrupts", id="widget.stop")
    assert behave(body, "-D", GOOD, "-D", "results=cut.ndjson").returncode != 0
    with pytest.raises(results.ResultsError, match="the footer is missing"):
        results.read(tmp_path / "cut.ndjson")


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("target=refrence", "unknown target 'refrence'"),
        ("ledger=nothing.toml", "nothing.toml: No such file or directory"),
        ("results=nowhere/x", "nowhere/x: No such file or directory"),
        ("seed=soon", "-D seed=N"),
        ("allow_changes=perhaps", "-D allow_changes=yes|no"),
    ],
)
def test_what_cannot_be_used_is_said_and_nothing_is_run(behave: Behave, argument: str, said: str) -> None:
    done = behave(requirement(*LOOKING), "-D", GOOD, "-D", argument)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("mdevref: ")
    assert said in done.stderr
    assert "passed" not in done.stdout


def test_a_plain_run_loads_nothing_that_it_does_not_need() -> None:
    code = (
        "import sys; from behave.__main__ import main; main(['--tags=@create.duplicate-uuid', '--no-summary']);"
        "dear = {'docutils', 'sphinx', 'rich', 'typer', 'msgspec'};"
        "print(sorted(dear & {name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=data.root(), capture_output=True, text=True, check=True
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "[]"
