"""``mdevref report`` and ``mdevref diff``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mdevref.suite import data
from tests.commands.command import BAD, GOOD, Command, Said, one_line


@pytest.fixture
def two_runs(derived: Path, mdevref: Command) -> tuple[Path, Path]:
    good, bad = derived / "good.ndjson", derived / "bad.ndjson"
    mdevref("check", GOOD, "--results", good)
    mdevref("check", BAD, "--results", bad)
    return good, bad


def test_truncated_results_are_one_clear_line(two_runs: tuple[Path, Path], mdevref: Command) -> None:
    good, bad = two_runs
    good.write_bytes(b"".join(good.read_bytes().splitlines(keepends=True)[:-1]))
    for command in (("report", good), ("diff", good, bad), ("diff", bad, good)):
        one_line(mdevref(*command), "good.ndjson:3: the footer is missing")


def test_results_about_an_unknown_requirement_are_one_clear_line(two_runs: tuple[Path, Path], mdevref: Command) -> None:
    good, _ = two_runs
    good.write_text(good.read_text().replace("widget.make", "widget.mark"))
    one_line(mdevref("report", good), "unknown requirement 'widget.mark'")


def test_a_report_goes_to_stdout(two_runs: tuple[Path, Path], mdevref: Command) -> None:
    good, bad = two_runs
    said = mdevref("report", good, bad, "--format", "earl")
    assert said.status == 0
    assert len(json.loads(said.out)["@graph"]) > 8
    assert said.err == ""
    one_line(mdevref("report", good, "--format", "pdf"), "unknown report format 'pdf' (choose from junit, ktap")


def test_a_report_of_another_spec_says_so(two_runs: tuple[Path, Path], mdevref: Command) -> None:
    good, bad = two_runs
    good.write_text(good.read_text().replace(data.spec_checksum(data.spec()), "0" * 64))
    said = mdevref("report", good, bad)
    assert said.status == 0
    assert said.err == f"mdevref: {good}: produced with a different version of the spec\n"


def test_diff_says_what_got_worse_and_exits_1(two_runs: tuple[Path, Path], mdevref: Command) -> None:
    good, bad = two_runs
    assert mdevref("diff", good, good) == Said(0, "2 the same\n", "")
    said = mdevref("diff", good, bad)
    assert said.status == 1
    assert said.out.splitlines() == [
        "worse   widget.material  pass -> fail",
        "          The material: pass -> fail",
        "1 worse, 1 the same",
    ]
    assert mdevref("diff", bad, good).status == 0


def test_diff_compares_renamed_scenarios_under_their_current_names(
    two_runs: tuple[Path, Path], mdevref: Command
) -> None:
    good, bad = two_runs
    (data.spec() / "renamed.toml").write_text('[scenarios]\n"widget.material"."Of wood" = "The material"\n')
    before = good.read_text().replace("The material", "Of wood").replace(data.spec_checksum(data.spec()), "0" * 64)
    good.write_text(before)
    said = mdevref("diff", good, bad)
    assert said.status == 1
    assert said.out.splitlines() == [
        "Renamed scenarios, compared under their current names: 1",
        "The two were measured against different texts of the spec.",
        "worse   widget.material  pass -> fail",
        "          The material: pass -> fail",
        "1 worse, 1 the same",
    ]
    (data.spec() / "renamed.toml").write_text("[scenarios")
    one_line(mdevref("diff", good, bad), "renamed.toml: ")
