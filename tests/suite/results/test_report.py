"""Each report format represents every verdict and every failure of a run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from xml.etree import ElementTree as xml

import pytest

import mdevref.suite.results.format as r
from mdevref.suite.errors import BadInput
from mdevref.suite.interface.terms import Level
from mdevref.suite.results.reports.formats import FORMATS, render
from mdevref.suite.results.verdicts import VERDICTS
from mdevref.suite.spec.model import Chapter, Place, Requirement, Section, Spec
from tests.suite.results.made import LEVELS, results, scenario

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
