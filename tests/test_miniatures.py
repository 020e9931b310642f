"""The suite bites: each miniature fails what it is built to break, for the reason it is built to, and little else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mdevref.suite import data, results
from mdevref.suite.verdicts import Verdict
from tests.miniatures import MINIATURES, table

ERAS = sorted({miniature.era for miniature in MINIATURES.values()})


@pytest.mark.parametrize("name", MINIATURES)
def test_a_miniature_fails_what_the_table_says(name: str, tmp_path: Path) -> None:
    miniature = MINIATURES[name]
    found = table.check(miniature, tmp_path / "results.ndjson")
    assert table.problems(miniature, found) == []
    assert table.row(miniature, found) in table.read(), "python -m tests.miniatures --write"


@pytest.mark.parametrize("era", ERAS)
def test_the_host_that_is_right_passes_what_its_miniatures_break(era: str, tmp_path: Path) -> None:
    verdicts: dict[str, Verdict] = {}
    miniatures = [miniature for miniature in MINIATURES.values() if miniature.era == era]
    for interface in {miniature.interface for miniature in miniatures}:
        found = table.run(f"reference:era={era}", tmp_path / f"{interface}.ndjson", era, interface)
        verdicts |= found.requirements()
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


def test_the_command_finds_what_the_table_says(tmp_path: Path) -> None:
    mdevref, file = Path(sys.executable).with_name("mdevref"), tmp_path / "results.ndjson"
    miniature = MINIATURES["accepts_duplicates"]
    command = [str(mdevref), "check", miniature.target, "--interface", miniature.interface, "--results", str(file)]
    done = subprocess.run(command, cwd=data.root(), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "FAIL  create.duplicate-uuid  (must, management)" in done.stdout
    assert table.row(miniature, results.read(file)) in table.read()


def test_a_miniature_that_there_is_not_is_no_target(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="nothing to call that is named is_perfect"):
        table.run("python:tests.miniatures:is_perfect", tmp_path / "results.ndjson", "4.13", "management")
