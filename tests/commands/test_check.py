"""``mdevref check``: its output, exit status and results."""

from __future__ import annotations

from pathlib import Path

from mdevref import __version__
from mdevref.suite import data
from mdevref.suite.results import format as results
from tests.commands.command import BAD, GOOD, Command, one_line


def test_a_target_that_conforms_exits_0_with_the_counts(derived: Path, mdevref: Command) -> None:
    said = mdevref("check", GOOD)
    assert said.status == 0
    assert said.err == ""
    assert said.out.splitlines() == [
        "python:tests.suite.fakes:good, Linux 5.10",
        "  kind  a fake",
        "",
        "      must  should  may  scenarios",
        "pass     2       -    -          2",
        "",
        "Conforms.",
    ]


def test_a_target_that_does_not_conform_exits_1_and_shows_all_there_is_to_know(derived: Path, mdevref: Command) -> None:
    said = mdevref("check", BAD)
    assert said.status == 1
    assert said.out.splitlines()[:13] == [
        "FAIL  widget.material  (must, management)",
        "  A frame MUST be of wood.",
        "",
        "  scenario  The material",
        "  step      Then the material is wood",
        "  expected  wood",
        "  observed  iron",
        "  operations",
        '    read frame -> "iron\\n"',
        '    read frame -> "iron\\n"',
        "  to reproduce in a shell",
        "    cat /fake/frame",
        "    cat /fake/frame",
    ]
    assert said.out.splitlines()[-1] == "Does not conform."


def test_only_what_is_asked_for_is_run(derived: Path, mdevref: Command) -> None:
    assert "pass     1" in mdevref("check", BAD, "--requirement", "widget.make").out
    assert mdevref("check", BAD, "--tags", "@widget.material").status == 1
    assert mdevref("check", GOOD, "--interface", "management").status == 0


def test_a_part_of_the_suite_is_not_taken_for_the_whole(derived: Path, mdevref: Command) -> None:
    said = mdevref("check", BAD, "--requirement", "widget.make")
    assert said.status == 0
    assert said.out.splitlines()[-1] == "Conforms; only 1 of 2 requirements was run."
    assert mdevref("check", GOOD).out.splitlines()[-1] == "Conforms."


def test_the_results_are_whole_and_the_same_for_any_number_of_jobs(derived: Path, mdevref: Command) -> None:
    found = []
    for jobs in (1, 2):
        path = derived / f"{jobs}.ndjson"
        assert mdevref("check", BAD, "--results", path, "--jobs", jobs, "--seed", 7).status == 1
        found.append(results.read(path, {"widget.make", "widget.material"}))
    plain = [[(s.requirement, s.scenario, s.verdict, s.operations) for s in each.scenarios] for each in found]
    assert plain[0] == plain[1]
    assert [verdict for _, _, verdict, _ in plain[0]] == ["pass", "fail"]
    assert found[0].header.seed == 7
    assert found[0].header.suite == results.Suite(version=__version__, spec=data.spec_checksum(derived / "spec"))


def test_the_ledger_of_the_release_is_a_kernels_and_not_anybodys(derived: Path, mdevref: Command) -> None:
    entry = (
        '[[deviation]]\nrequirement = "widget.material"\nkind = "bug"\nsince = "5.2"\nwhy = "Cheap."\nreference = "x"\n'
    )
    ledger = derived / "docs/deviations/linux-5.10.toml"
    ledger.write_text(entry)
    assert mdevref("check", BAD).status == 1
    said = mdevref("check", BAD, "--ledger", ledger)
    assert said.status == 0
    assert "EXPECTED-FAIL  widget.material" in said.out
    assert "Conforms, with 1 known deviation." in said.out
    said = mdevref("check", GOOD, "--ledger", ledger)
    assert said.status == 1
    assert "UNEXPECTED-PASS  widget.material" in said.out
    assert "linux-5.10.toml lists this deviation" in said.out


def test_what_is_unsupported_is_told_once_with_its_reason(derived: Path, mdevref: Command) -> None:
    chapter = derived / "spec/widgets.rst"
    chapter.write_text(chapter.read_text().replace(":interface: management", ":interface: device"))
    mdevref("derive")
    said = mdevref("check", GOOD)
    assert said.status == 0
    assert said.out.splitlines()[:2] == [
        "UNSUPPORTED  the target has no device interface  (2 scenarios)",
        "  widget.make widget.material",
    ]
    assert said.out.splitlines()[-1] == "Conforms; 2 requirements could not be tested."


def test_features_that_are_not_those_of_the_spec_are_not_run(derived: Path, mdevref: Command) -> None:
    feature = derived / "features/widgets/making-widgets.feature"
    feature.write_text(feature.read_text().replace("is wood", "is iron"))
    one_line(mdevref("check", GOOD), "features/ is out of date with spec/: run `mdevref derive`")
