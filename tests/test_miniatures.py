"""The suite detects faults: each miniature breaks the declared requirements for the declared reason, and few others."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from mdevref.suite import data
from mdevref.suite.errors import BadInput
from mdevref.suite.results import format as results
from mdevref.suite.results.verdicts import Verdict
from tests.miniatures import MINIATURES, table

ERAS = sorted({miniature.era for miniature in MINIATURES.values()})
DEADLINE = 120  #: seconds; a run takes less than one


@pytest.fixture(scope="session")
def worker() -> Iterator[ProcessPoolExecutor]:
    """Return a pool that runs the suite in a new process each time."""
    with table.workers(1) as pool:
        yield pool


@pytest.mark.parametrize("name", MINIATURES)
def test_a_miniature_fails_what_the_table_says(name: str, worker: ProcessPoolExecutor) -> None:
    miniature = MINIATURES[name]
    found = worker.submit(table.check, miniature).result(DEADLINE)
    assert table.problems(miniature, found) == []
    assert table.row(miniature, found) in table.read(), "python -m tests.miniatures --write"


@pytest.mark.parametrize("era", ERAS)
def test_the_host_that_is_right_passes_what_its_miniatures_break(era: str, worker: ProcessPoolExecutor) -> None:
    verdicts: dict[str, Verdict] = {}
    miniatures = [miniature for miniature in MINIATURES.values() if miniature.era == era]
    for interface in {miniature.interface for miniature in miniatures}:
        verdicts |= worker.submit(table.run, f"reference:era={era}", era, interface).result(DEADLINE).requirements()
    broken = {name for miniature in miniatures for name in miniature.breaks}
    assert {name: verdicts[name] for name in sorted(broken) if verdicts[name] != "pass"} == {}


def test_the_table_has_every_miniature_once() -> None:
    assert [row["name"] for row in table.read()] == list(MINIATURES)


def test_every_must_is_broken_by_some_miniature() -> None:
    assert table.unbroken(table.read()) == []


def test_a_miniature_is_described_in_one_sentence() -> None:
    for miniature in MINIATURES.values():
        assert miniature.sentence.endswith(".")
        assert ". " not in miniature.sentence, miniature.name


@pytest.mark.parametrize("name", ["accepts_duplicates", "binds_by_hand", "does_not_wait_for_users"])
def test_the_command_finds_what_the_table_says(name: str, tmp_path: Path) -> None:
    mdevref, file = Path(sys.executable).with_name("mdevref"), tmp_path / "results.ndjson"
    miniature = MINIATURES[name]
    command = [str(mdevref), "check", miniature.target, "--interface", miniature.interface, "--results", str(file)]
    done = subprocess.run(command, cwd=data.root(), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    for requirement in miniature.breaks:
        assert f"FAIL  {requirement}  (must, {miniature.interface})" in done.stdout
    row = next(row for row in table.read() if row["name"] == name)
    assert set(row["fails"]) <= {each.requirement for each in results.read(file).scenarios if each.verdict == "fail"}


def test_a_miniature_that_there_is_not_is_no_target(worker: ProcessPoolExecutor) -> None:
    with pytest.raises(BadInput, match="callable is_perfect not found"):
        worker.submit(table.run, "python:tests.miniatures:is_perfect", "4.13", "management").result(DEADLINE)
