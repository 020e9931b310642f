"""Results from before and after a rewording differ in nothing but in scenarios that are new."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import structs

import mdevref.suite.results.format as r
from mdevref.suite import data
from mdevref.suite.interface.terms import Level
from mdevref.suite.results.diff import changes, got_worse
from mdevref.suite.results.renaming import comparable, with_current_names
from mdevref.suite.results.verdicts import Verdict
from mdevref.suite.spec.renamed import FILE, Renamed, load

RENAMED = """\
[rows]
paints."the red of wine" = "dark red"

[moved]
"widget.make"."A widget is there still" = "widget.keep: Widget after a second one"

[scenarios]
"widget.make"."One widget" = "Make a widget"
"widget.make"."Paint [<paints>]" = "Make a painted widget [<paints>]"
"""

NOW, BEFORE, EARLIER = "1" * 64, "0" * 64, "2" * 64


@pytest.fixture
def renamed(tmp_path: Path) -> Renamed:
    (tmp_path / FILE).write_text(RENAMED)
    return load(tmp_path)


def scenario(requirement: str, title: str, verdict: Verdict = "pass") -> r.Scenario:
    return r.Scenario(requirement=requirement, scenario=title, verdict=verdict, duration=0, operations=[])


def results(*scenarios: r.Scenario, spec: str = NOW, ledger: tuple[str, ...] = ()) -> r.Results:
    header = r.Header(
        format=r.FORMAT, suite=r.Suite("1.0", spec), target="x", release="6.1", environment={}, interfaces=[],
        ledger=list(ledger), started="2026-11-22T10:00:00Z", seed=7,
    )  # fmt: skip
    levels: dict[str, Level] = dict.fromkeys((each.requirement for each in scenarios), "must")
    footer = r.Footer(counts=r.count(header, scenarios, levels), finished=header.started)
    return r.Results("x.ndjson", header, scenarios, footer)


OLD = (
    scenario("widget.make", "One widget"),
    scenario("widget.make", "Paint [the red of wine]"),
    scenario("widget.make", "Paint [green]", "expected-fail"),
    scenario("widget.make", "A widget is there still", "unsupported"),
)
NEW = (
    scenario("widget.make", "Make a widget"),
    scenario("widget.make", "Make a painted widget [dark red]"),
    scenario("widget.make", "Make a painted widget [green]", "expected-fail"),
    scenario("widget.keep", "Widget after a second one", "unsupported"),
)


def differences(old: r.Results, new: r.Results, renamed: Renamed) -> list[tuple[str, str]]:
    old, new, _ = comparable(old, new, NOW, renamed)
    return [(change.requirement, change.direction) for change in changes(old, new)]


def test_results_before_and_after_show_no_difference(renamed: Renamed) -> None:
    old, new = results(*OLD, spec=BEFORE), results(*NEW)
    assert differences(old, new, renamed) == []
    assert differences(new, old, renamed) == []
    assert comparable(old, new, NOW, renamed)[2] == 4


def test_a_verdict_that_changed_shows_under_the_new_name(renamed: Renamed) -> None:
    broken = structs.replace(NEW[0], verdict="fail")
    old, new, _ = comparable(results(*OLD, spec=BEFORE), results(broken, *NEW[1:]), NOW, renamed)
    (change,) = changes(old, new)
    assert (change.requirement, change.direction) == ("widget.make", "worse")
    assert change.scenarios == (("Make a widget", "pass", "fail"),)
    assert got_worse(old, new)


def test_what_is_new_is_new_and_what_has_no_new_name_is_gone(renamed: Renamed) -> None:
    old = results(*OLD, scenario("widget.sell", "One widget"), spec=BEFORE)
    new = results(
        *NEW, scenario("widget.make", "Make two"), scenario("widget.buy", "One"), scenario("widget.lend", "One", "fail")
    )
    assert differences(old, new, renamed) == [
        ("widget.make", "new"), ("widget.buy", "new"), ("widget.lend", "worse"), ("widget.sell", "gone"),
    ]  # fmt: skip


def test_results_of_one_wording_are_compared_as_they_are(renamed: Renamed) -> None:
    old, new = results(*OLD, spec=BEFORE), results(*OLD[:3], spec=BEFORE)
    assert comparable(old, new, NOW, renamed) == (old, new, 0)


def test_results_of_two_earlier_wordings_get_the_current_names(renamed: Renamed) -> None:
    assert differences(results(*OLD, spec=BEFORE), results(*NEW, spec=EARLIER), renamed) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["widget.make: One widget"], ["widget.make: Make a widget"]),
        (["widget.make: Paint [the red of wine]"], ["widget.make: Make a painted widget [dark red]"]),
        (["widget.make: A widget is there still"], ["widget.keep: Widget after a second one"]),
        (["widget.make", "widget.sell"], ["widget.make", "widget.sell"]),
    ],
)
def test_the_ledger_follows(renamed: Renamed, before: list[str], after: list[str]) -> None:
    assert with_current_names(results(*OLD, ledger=tuple(before)), renamed).header.ledger == after


def test_the_ledger_names_the_part_of_a_requirement_that_deviates(renamed: Renamed) -> None:
    scenarios = (OLD[0], structs.replace(OLD[3], verdict="expected-fail"))
    found = with_current_names(results(*scenarios, ledger=("widget.make",)), renamed)
    assert found.header.ledger == ["widget.keep"]
    assert found.requirements() == {"widget.make": "pass", "widget.keep": "expected-fail"}


def test_committed_results_have_current_names() -> None:
    renamed = load(data.spec())
    for path in (data.docs() / "results").glob("*.ndjson"):
        results = r.read(path)
        if results.header.suite.spec == data.spec_checksum(data.spec()):
            assert with_current_names(results, renamed) == results
