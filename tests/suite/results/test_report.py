"""Reports: each verdict in the format of another program, without losing a failure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from xml.etree import ElementTree as xml

import pytest
from msgspec import structs

import mdevref.suite.results.format as r
from mdevref.suite.errors import BadInput
from mdevref.suite.interface.terms import Level
from mdevref.suite.results.diff import changes, got_worse, lines
from mdevref.suite.results.reports.formats import FORMATS, render
from mdevref.suite.results.verdicts import VERDICTS, Verdict
from mdevref.suite.spec.model import Chapter, Place, Requirement, Section, Spec

HEADER = r.Header(
    format=r.FORMAT, suite=r.Suite(version="1.0", spec="0" * 64), target="vm:6.1 <&#>", release="6.1",
    environment={"kernel": "Linux 6.1"}, interfaces=["management"], ledger=["a.ledger"],
    started="2026-11-22T10:00:00Z", seed=7,
)  # fmt: skip
FAILURE = r.Failure(step="Then it is # of wood", expected="wood", seen='"\x00 | <iron>"')
OPERATION = r.Operation(op="write", path="frame", data="1\n", result="EBUSY")
LEVELS: dict[str, Level] = {
    "a.pass": "must", "a.mixed": "must", "a.should": "should", "a.ledger": "must", "a.known": "must",
    "a.broken": "must", "a.old": "must", "a.dark": "may",
}  # fmt: skip


def scenario(requirement: str, verdict: Verdict, title: str = "One", reason: str | None = None) -> r.Scenario:
    failed = verdict in ("fail", "expected-fail")
    return r.Scenario(
        requirement=requirement, scenario=title, verdict=verdict, duration=0.5, reason=reason,
        operations=[OPERATION] if failed else [], failure=FAILURE if failed else None,
    )  # fmt: skip


SCENARIOS = [
    scenario("a.pass", "pass"),
    scenario("a.mixed", "pass"),
    scenario("a.mixed", "fail", "Two # [lower case]"),
    scenario("a.should", "fail"),
    scenario("a.ledger", "pass"),
    scenario("a.known", "expected-fail", reason="Iron is cheap."),
    scenario("a.broken", "error", reason="KeyError: 'x' (steps.py:7)"),
    scenario("a.old", "not-applicable", reason="it holds for -5.1"),
    scenario("a.dark", "unsupported", reason="no lamp"),
]


def results(*scenarios: r.Scenario, spec: str = "0") -> r.Results:
    header = structs.replace(HEADER, suite=r.Suite(version="1.0", spec=spec * 64))
    counts = r.count(header, scenarios, LEVELS)
    return r.Results("x.ndjson", header, scenarios, r.Footer(counts=counts, finished=HEADER.started))


def requirement(id: str, level: Level) -> Requirement:
    return Requirement(id, level, "management", "kernel", None, (), f"The clause of {id}.", (), (), Place("a.rst", 1))


SPEC = Spec(
    (Chapter("a", "A", (Section("A", "a", tuple(requirement(*each) for each in LEVELS.items())),)),), {}, "0" * 64
)


def report(format: str, *runs: r.Results) -> str:
    return render(format, runs or [results(*SCENARIOS)], SPEC)


# -- JUnit


def test_junit_counts_each_scenario_where_it_belongs() -> None:
    (suite,) = xml.fromstring(report("junit"))
    assert {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "9", "failures": "3", "errors": "1", "skipped": "3",
    }  # fmt: skip
    found = {
        f"{case.get('classname')} {case.get('name')}": [child.tag for child in case if child.tag != "properties"]
        for case in suite.iter("testcase")
    }
    assert found == {
        "a.pass One": [],
        "a.mixed One": [],
        "a.mixed Two # [lower case]": ["failure"],
        "a.should One": ["failure"],
        "a.ledger One": ["failure"],
        "a.known One": ["skipped"],
        "a.broken One": ["error"],
        "a.old One": ["skipped"],
        "a.dark One": ["skipped"],
    }


def test_junit_has_what_is_known_as_properties_and_a_failure_in_full() -> None:
    (suite,) = xml.fromstring(report("junit"))
    (case,) = (each for each in suite.iter("testcase") if each.get("name", "").startswith("Two"))
    properties = {each.get("name"): each.get("value") for each in case.iter("property")}
    assert properties == {
        "requirement": "a.mixed", "verdict": "fail", "level": "must", "interface": "management", "basis": "kernel",
    }  # fmt: skip
    failure = case.find("failure")
    assert failure is not None
    assert failure.get("message") == 'fail: Then it is # of wood: expected wood, observed: "\\x00 | <iron>"'
    assert failure.text == 'The clause of a.mixed.\n\nwrite frame "1\\n" -> EBUSY'
    assert {each.get("name"): each.get("value") for each in suite.findall("properties/property")} == {
        "suite.version": "1.0", "suite.spec": "0" * 64, "target.release": "6.1", "environment.kernel": "Linux 6.1",
    }  # fmt: skip


# -- KTAP

Node = tuple[str, str, list["Node"]]  # result, description with its directive, subtests


def parse_ktap(text: str) -> list[Node]:
    """Parse KTAP version 1, and check it against its plans."""
    source = iter(text.splitlines())
    assert next(source) == "KTAP version 1"
    return _parse(source, 0, next(source))


def _parse(source: Iterator[str], indent: int, plan: str) -> list[Node]:
    count = int(plan.strip().removeprefix("1.."))
    nodes: list[Node] = []
    children: list[Node] = []
    for line in source:
        assert line.startswith(" " * indent)
        text = line[indent:]
        if text == "  KTAP version 1":
            assert next(source).startswith(" " * indent + "  # Subtest: ")
            children = _parse(source, indent + 2, next(source))
        elif found := re.fullmatch(r"(ok|not ok) (\d+) (.*)", text):
            assert int(found[2]) == len(nodes) + 1
            nodes.append((found[1], found[3], children))
            children = []
            if len(nodes) == count:
                return nodes
        else:
            assert text.startswith("# ")
    raise AssertionError("fewer results than planned")


def test_ktap_is_a_test_for_each_target_requirement_and_scenario() -> None:
    ((result, name, requirements),) = parse_ktap(report("ktap"))
    assert (result, name) == ("not ok", "vm:6.1 <&\\#>")
    assert [(each, text) for each, text, _ in requirements] == [
        ("ok", "a.pass"),
        ("not ok", "a.mixed"),
        ("not ok", "a.should"),
        ("not ok", "a.ledger"),
        ("ok", "a.known # XFAIL expected-fail"),
        ("not ok", "a.broken # ERROR error"),
        ("ok", "a.old # SKIP not-applicable"),
        ("ok", "a.dark # SKIP unsupported"),
    ]
    mixed, known, dark = requirements[1][2], requirements[4][2], requirements[7][2]
    assert [(each, text) for each, text, _ in mixed] == [("ok", "One"), ("not ok", "Two \\# [lower case]")]
    assert [text.partition(" # ")[2][:22] for _, text, _ in (*known, *dark)] == [
        "XFAIL Iron is cheap. (",
        "SKIP no lamp",
    ]


def test_ktap_of_a_target_that_conforms_is_ok_and_several_have_a_plan() -> None:
    good = results(scenario("a.pass", "pass"), scenario("a.should", "fail"))
    assert [result for result, _, _ in parse_ktap(report("ktap", good, results(*SCENARIOS)))] == ["ok", "not ok"]


# -- EARL


def test_earl_asserts_each_requirement_and_each_scenario() -> None:
    graph = json.loads(report("earl"))["@graph"]
    things = {each["@id"]: each for each in graph if "@id" in each}
    assertions = [each for each in graph if each["@type"] == "earl:Assertion"]
    assert len(assertions) == len(LEVELS) + len(SCENARIOS)
    for each in assertions:
        assert {each["test"], each["subject"], each["assertedBy"]} <= things.keys()
    outcomes = {each["test"].rpartition(":")[2]: each["result"]["outcome"] for each in assertions}
    assert outcomes["a.pass"] == "earl:passed"
    assert outcomes["a.mixed"] == outcomes["a.ledger"] == outcomes["a.known"] == "earl:failed"
    assert outcomes["a.mixed#one"] == "earl:passed"
    assert outcomes["a.mixed#two-lower-case"] == "earl:failed"
    assert (outcomes["a.broken"], outcomes["a.old"], outcomes["a.dark"]) == (
        "earl:cantTell", "earl:inapplicable", "earl:untested",
    )  # fmt: skip
    assert things["urn:mdevref:requirement:a.mixed#one"]["isPartOf"] == "urn:mdevref:requirement:a.mixed"
    assert things["urn:mdevref:requirement:a.pass"]["description"] == "The clause of a.pass."


# -- Badge


@pytest.mark.parametrize(
    ("scenarios", "message", "color"),
    [
        (SCENARIOS[:1], "1 of 1 MUST", "#2e7d32"),
        (SCENARIOS[:4], "1 of 2 MUST", "#c62828"),
        ([SCENARIOS[0], SCENARIOS[5]], "1 of 2 MUST, 1 known", "#2e7d32"),
        (SCENARIOS, "internal error, 1 known", "#5f5f5f"),
        ([SCENARIOS[7], SCENARIOS[8]], "0 of 0 MUST", "#2e7d32"),
    ],
)
def test_a_badge_counts_the_musts_that_were_tested(scenarios: list[r.Scenario], message: str, color: str) -> None:
    svg = xml.fromstring(report("badge", results(*scenarios)))
    space = "{http://www.w3.org/2000/svg}"
    title = svg.find(f"{space}title")
    assert title is not None
    assert title.text == svg.get("aria-label") == f"mdev vm:6.1 <&#>: {message}"
    assert [each.get("fill") for each in svg.findall(f"{space}path")] == [color]


def test_a_badge_is_of_one_run() -> None:
    with pytest.raises(BadInput, match="a badge shows one file of results, but 2 were given"):
        report("badge", results(*SCENARIOS), results(*SCENARIOS))


# -- Markdown


def test_markdown_has_the_counts_and_what_does_not_pass() -> None:
    text = report("markdown").splitlines()
    assert text[0] == "| Target | " + " | ".join(VERDICTS) + " |"
    assert text[2] == "| vm:6.1 <&#> | 1 | 1 | 1 | 1 | 1 | 2 | 1 |"
    rows = [line for line in text if line.startswith("| `")]
    assert rows == [
        "| `a.mixed` | fail |", "| `a.should` | fail |", "| `a.ledger` | unexpected-pass |",
        "| `a.known` | expected-fail |", "| `a.broken` | error |", "| `a.dark` | unsupported |",
    ]  # fmt: skip
    assert "> The clause of a.mixed." in text
    assert any(line.startswith("- Two # [lower case]: Then it is # of wood: expected wood") for line in text)


def test_markdown_of_several_runs_has_a_column_each() -> None:
    text = report("markdown", results(*SCENARIOS[:1]), results(scenario("a.pass", "fail")))
    assert "| `a.pass` | pass | fail |" in text


@pytest.mark.parametrize("format", FORMATS)
def test_a_report_of_a_good_run_can_be_made_in_every_format(format: str) -> None:
    assert report(format, results(*SCENARIOS[:1])).endswith("\n")


# -- Diff


@pytest.mark.parametrize(
    ("before", "after", "direction", "worse"),
    [
        ("pass", "fail", "worse", True), ("pass", "unsupported", "worse", True), ("fail", "error", "worse", True),
        ("fail", "pass", "better", False), ("expected-fail", "fail", "worse", True),
        ("not-applicable", "pass", "new", False), ("not-applicable", "fail", "worse", True),
        ("fail", "not-applicable", "gone", False), (None, "pass", "new", False), (None, "fail", "worse", True),
        ("pass", None, "gone", False),
    ],
)  # fmt: skip
def test_a_change_has_a_direction(before: Verdict | None, after: Verdict | None, direction: str, worse: bool) -> None:
    old = results(*([scenario("a.pass", before)] if before else []), scenario("a.mixed", "pass"))
    new = results(*([scenario("a.pass", after)] if after else []), scenario("a.mixed", "pass"))
    assert [(change.requirement, change.direction) for change in changes(old, new)] == [("a.pass", direction)]
    assert got_worse(old, new) is worse
    assert list(lines(old, new))[-1] == f"1 {direction}, 1 the same"


def test_a_scenario_that_got_worse_shows_although_its_requirement_failed_before() -> None:
    old = results(scenario("a.mixed", "fail", "One"), scenario("a.mixed", "pass", "Two"))
    new = results(scenario("a.mixed", "fail", "One"), scenario("a.mixed", "fail", "Two"))
    assert got_worse(old, new)
    assert list(lines(old, new)) == [
        "worse   a.mixed  fail -> fail",
        "          Two: pass -> fail",
        "1 worse, 0 the same",
    ]


ONE, RENAMED = [scenario("a.mixed", "pass")], [scenario("a.mixed", "pass", "B")]


@pytest.mark.parametrize(
    ("before", "after", "direction"),
    [
        (ONE, ONE + RENAMED, "new"), (ONE + RENAMED, ONE, "gone"), (ONE, RENAMED, "other"),
        (ONE, [*ONE, scenario("a.mixed", "expected-fail", "B")], "new"),
        (ONE, [*ONE, scenario("a.mixed", "not-applicable", "B")], "new"),
        (ONE, [*ONE, scenario("a.mixed", "fail", "B")], "worse"),
        (ONE, [scenario("a.mixed", "unsupported"), *RENAMED], "worse"),
        ([scenario("a.mixed", "fail"), *RENAMED], RENAMED, "gone"),
        ([scenario("a.mixed", "fail")], [scenario("a.mixed", "fail"), *RENAMED], "new"),
    ],
)  # fmt: skip
def test_a_scenario_that_only_one_run_has_is_new_or_gone(
    before: list[r.Scenario], after: list[r.Scenario], direction: str
) -> None:
    old, new = results(*before), results(*after)
    assert [change.direction for change in changes(old, new)] == [direction]
    assert got_worse(old, new) is (direction == "worse")


def test_an_entry_of_the_ledger_that_no_longer_applies_is_worse_although_only_a_scenario_is_gone() -> None:
    old = results(scenario("a.ledger", "pass"), scenario("a.ledger", "expected-fail", "B"))
    new = results(scenario("a.ledger", "pass"))
    assert [(change.after, change.direction) for change in changes(old, new)] == [("unexpected-pass", "worse")]


def test_two_texts_of_the_spec_are_told() -> None:
    old, new = results(SCENARIOS[0]), results(SCENARIOS[0], spec="1")
    assert next(lines(old, new)) == "The two were measured against different texts of the spec."
