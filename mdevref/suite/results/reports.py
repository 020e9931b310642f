"""Reports for other programs, each made from results and nothing else: JUnit, KTAP, EARL, a badge, Markdown."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as xml

from mdevref.suite.errors import BadInput
from mdevref.suite.results import verdicts
from mdevref.suite.results.format import Header, Results, Scenario
from mdevref.suite.results.verdicts import VERDICTS, Verdict
from mdevref.suite.spec.model import Level, Requirement, Spec

_RED: tuple[Verdict, ...] = ("fail", "unexpected-pass", "error")
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd]")


@dataclass(frozen=True, slots=True)
class Run:
    """A file of results with what the spec says of its requirements."""

    results: Results
    requirements: dict[str, Requirement]
    verdicts: dict[str, Verdict]

    @property
    def name(self) -> str:
        """The target, as on the command line."""
        return self.results.header.target

    def scenarios(self, requirement: str) -> list[tuple[Scenario, Verdict]]:
        """The scenarios of a requirement; where its ledger is wrong about it, their passes are unexpected ones."""
        unexpected = self.verdicts[requirement] == "unexpected-pass"
        return [
            (each, "unexpected-pass" if unexpected and each.verdict == "pass" else each.verdict)
            for each in self.results.scenarios
            if each.requirement == requirement
        ]

    def levels(self) -> dict[str, Level]:
        """The level of each requirement that was run."""
        return {name: self.requirements[name].level for name in self.verdicts}


def render(format: str, results: Sequence[Results], spec: Spec) -> str:
    """The report in that format; BadInput for a format that there is not, or that takes one file only."""
    if format not in FORMATS:
        raise BadInput(f"there is no format {format!r}; there are {', '.join(FORMATS)}")
    known = {requirement.id: requirement for requirement in spec.requirements()}
    return FORMATS[format]([Run(each, known, each.requirements()) for each in results])


def said(scenario: Scenario) -> str:
    """Why a scenario has its verdict, on one line."""
    if scenario.failure:
        failure = scenario.failure
        text = f"{failure.step}: expected {failure.expected}, seen: {failure.seen}"
        return f"{scenario.reason} ({text})" if scenario.reason else text
    return scenario.reason or scenario.verdict


# -- JUnit


def junit(runs: Sequence[Run]) -> str:
    """JUnit XML: a suite for each target, a case for each scenario, what is known of both as properties."""
    root = xml.Element("testsuites")
    for run in runs:
        header = run.results.header
        suite = xml.SubElement(root, "testsuite", name=_clean(run.name), timestamp=header.started)
        facts = {
            "suite.version": header.suite.version,
            "suite.spec": header.suite.spec,
            "target.release": header.release or "",
            **{f"environment.{key}": value for key, value in header.environment.items()},
        }
        _properties(suite, facts)
        counted = dict.fromkeys(("failures", "errors", "skipped"), 0)
        total = 0.0
        for requirement in run.verdicts:
            for scenario, verdict in run.scenarios(requirement):
                _case(suite, run.requirements[requirement], scenario, verdict, counted)
                total += scenario.duration
        suite.attrib |= {"tests": str(len(run.results.scenarios)), "time": f"{total:.6f}"}
        suite.attrib |= {key: str(number) for key, number in counted.items()}
    xml.indent(root)
    return xml.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _case(
    suite: xml.Element, requirement: Requirement, scenario: Scenario, verdict: Verdict, counted: dict[str, int]
) -> None:
    case = xml.SubElement(
        suite, "testcase", classname=requirement.id, name=_clean(scenario.scenario), time=f"{scenario.duration:.6f}"
    )  # fmt: skip
    facts = {name: getattr(requirement, name) for name in ("level", "interface", "basis")}
    _properties(case, {"requirement": requirement.id, "verdict": verdict, **facts})
    if verdict == "error":
        kind, count = "error", "errors"
    elif verdict in _RED:
        kind, count = "failure", "failures"
    elif verdict != "pass":
        kind, count = "skipped", "skipped"
    else:
        return
    counted[count] += 1
    element = xml.SubElement(case, kind, message=_clean(f"{verdict}: {said(scenario)}"))
    if verdict in _RED:
        element.text = _clean("\n".join((requirement.clause, "", *_tried(scenario))))


def _properties(element: xml.Element, values: dict[str, str]) -> None:
    properties = xml.SubElement(element, "properties")
    for name, value in values.items():
        xml.SubElement(properties, "property", name=name, value=_clean(value))


def _clean(text: str) -> str:
    """XML cannot hold most control characters, not even escaped."""
    return _NO_XML.sub(lambda match: f"\\x{ord(match[0]):02x}", text)


def _tried(scenario: Scenario) -> Iterator[str]:
    from mdevref.suite.results.console import told

    yield from (told(operation) for operation in scenario.operations)


# -- KTAP


def ktap(runs: Sequence[Run]) -> str:
    """KTAP version 1: a test for each target, below it one for each requirement, below that its scenarios."""
    lines = ["KTAP version 1", f"1..{len(runs)}"]
    for number, run in enumerate(runs, 1):
        lines += [f"  {line}" for line in _ktap_run(run)]
        passed = verdicts.exit_status(run.verdicts, run.levels()) == 0
        lines.append(f"{'ok' if passed else 'not ok'} {number} {_tap(run.name)}")
    return "\n".join(lines) + "\n"


def _ktap_run(run: Run) -> Iterator[str]:
    yield "KTAP version 1"
    yield f"# Subtest: {_tap(run.name)}"
    yield f"1..{len(run.verdicts)}"
    for number, (requirement, verdict) in enumerate(run.verdicts.items(), 1):
        scenarios = run.scenarios(requirement)
        yield "  KTAP version 1"
        yield f"  # Subtest: {requirement}"
        yield f"  1..{len(scenarios)}"
        for index, (scenario, each) in enumerate(scenarios, 1):
            yield from (f"  # {line}" for line in (_ktap_notes(scenario) if each in _RED else ()))
            yield f"  {_ktap_result(each)} {index} {_tap(scenario.scenario)}{_directive(each, said(scenario))}"
        yield f"{_ktap_result(verdict)} {number} {requirement}{_directive(verdict, verdict)}"


def _ktap_notes(scenario: Scenario) -> Iterator[str]:
    yield from (line.replace("\n", " ") for line in (said(scenario), *_tried(scenario)))


def _ktap_result(verdict: Verdict) -> str:
    return "not ok" if verdict in _RED else "ok"


def _directive(verdict: Verdict, why: str) -> str:
    directive = {"not-applicable": "SKIP", "unsupported": "SKIP", "expected-fail": "XFAIL", "error": "ERROR"}.get(
        verdict
    )
    return f" # {directive} {_tap(why)}" if directive else ""


def _tap(text: str) -> str:
    """On one line, and without the sign that begins a directive."""
    return " ".join(text.split()).replace("#", "\\#")


# -- EARL

_EARL: dict[Verdict, str] = {
    "pass": "earl:passed",
    "fail": "earl:failed",
    "unexpected-pass": "earl:failed",
    "expected-fail": "earl:failed",
    "unsupported": "earl:untested",
    "not-applicable": "earl:inapplicable",
    "error": "earl:cantTell",
}
_CONTEXT = {
    "earl": "http://www.w3.org/ns/earl#",
    "dcterms": "http://purl.org/dc/terms/",
    "doap": "http://usefulinc.com/ns/doap#",
    "outcome": {"@id": "earl:outcome", "@type": "@id"},
    "test": {"@id": "earl:test", "@type": "@id"},
    "subject": {"@id": "earl:subject", "@type": "@id"},
    "assertedBy": {"@id": "earl:assertedBy", "@type": "@id"},
    "mode": {"@id": "earl:mode", "@type": "@id"},
    "result": "earl:result",
    "info": "earl:info",
    "title": "dcterms:title",
    "description": "dcterms:description",
    "date": "dcterms:date",
    "isPartOf": {"@id": "dcterms:isPartOf", "@type": "@id"},
}


def earl(runs: Sequence[Run]) -> str:
    """EARL as JSON-LD: an assertion for each requirement and for each of its scenarios."""
    things: dict[str, dict[str, object]] = {}
    assertions: list[dict[str, object]] = []

    def thing(id: str, type: str, title: str, **more: str) -> str:
        things[id] = {"@id": id, "@type": type, "title": title, **more}
        return id

    for run in runs:
        header = run.results.header
        suite = thing(f"urn:mdevref:suite:{header.suite.version}:{header.suite.spec}", "earl:Software", "mdevref")
        description = ", ".join(f"{key}: {value}" for key, value in header.environment.items())
        subject = thing(f"urn:mdevref:target:{run.name}", "earl:TestSubject", run.name, description=description)
        common = {"@type": "earl:Assertion", "assertedBy": suite, "subject": subject, "mode": "earl:automatic"}
        for name, verdict in run.verdicts.items():
            clause = run.requirements[name].clause
            test = thing(f"urn:mdevref:requirement:{name}", "earl:TestRequirement", name, description=clause)
            assertions.append({**common, "test": test, "result": _result(header, verdict, verdict)})
            for scenario, each in run.scenarios(name):
                slug = re.sub(r"[^a-z0-9]+", "-", scenario.scenario.lower()).strip("-")
                case = thing(f"{test}#{slug}", "earl:TestCase", scenario.scenario, isPartOf=test)
                assertions.append({**common, "test": case, "result": _result(header, each, said(scenario))})
    return (
        json.dumps({"@context": _CONTEXT, "@graph": [*things.values(), *assertions]}, indent=2, ensure_ascii=False)
        + "\n"
    )


def _result(header: Header, verdict: Verdict, info: str) -> dict[str, str]:
    return {"@type": "earl:TestResult", "outcome": _EARL[verdict], "info": info, "date": header.started}


# -- A badge

_BADGE = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" aria-label="{label}: {message}">
  <title>{label}: {message}</title>
  <rect width="{width}" height="20" rx="3" fill="#404040"/>
  <path d="M{left} 0h{inner}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3h-{inner}z" fill="{color}"/>
  <g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">
    <text x="6" y="14" textLength="{label_length}">{label}</text>
    <text x="{message_x}" y="14" textLength="{message_length}">{message}</text>
  </g>
</svg>
"""
_CHARACTER = 6.4  # pixels that a character of 11 px takes; textLength makes it so whatever the font


def badge(runs: Sequence[Run]) -> str:
    """An SVG of one run: how many of the MUSTs that were tested pass. The colours have a contrast of 4.5 to white."""
    if len(runs) != 1:
        raise BadInput(f"a badge shows one file of results, not {len(runs)}")
    (run,) = runs
    levels = run.levels()
    tested = [
        v for name, v in run.verdicts.items() if levels[name] == "must" and v not in ("not-applicable", "unsupported")
    ]
    status = verdicts.exit_status(run.verdicts, levels)
    message = f"{tested.count('pass')} of {len(tested)} MUST" if status < 2 else "broken run"
    if excused := tested.count("expected-fail"):
        message += f", {excused} known"
    label = _clean(f"mdev {run.name}").replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    label_length, message_length = round(len(f"mdev {run.name}") * _CHARACTER), round(len(message) * _CHARACTER)
    left = label_length + 12
    return _BADGE.format(
        width=left + message_length + 12, left=left, inner=message_length + 9, message_x=left + 6,
        label=label, message=message, label_length=label_length, message_length=message_length,
        color=("#2e7d32", "#c62828", "#5f5f5f")[status],
    )  # fmt: skip


# -- Markdown


def markdown(runs: Sequence[Run]) -> str:
    """Markdown: the counts of each run, and a row for each requirement that does not pass everywhere."""
    lines = ["| Target | " + " | ".join(VERDICTS) + " |", "|---|" + "---:|" * len(VERDICTS)]
    for run in runs:
        counts = verdicts.count(run.verdicts.values())
        lines.append(f"| {_cell(run.name)} | " + " | ".join(str(counts.get(verdict, 0)) for verdict in VERDICTS) + " |")
    names = list(dict.fromkeys(name for run in runs for name in run.verdicts))
    calm = ("pass", "not-applicable")
    told = [name for name in names if any(run.verdicts.get(name, "pass") not in calm for run in runs)]
    if told:
        lines += [
            "",
            "| Requirement | " + " | ".join(_cell(run.name) for run in runs) + " |",
            "|---|" + "---|" * len(runs),
        ]
        for name in told:
            lines.append(f"| `{name}` | " + " | ".join(run.verdicts.get(name, "") for run in runs) + " |")
    for run in runs:
        for name, verdict in run.verdicts.items():
            if verdict in _RED:
                lines += [
                    "",
                    f"**{_cell(run.name)}: {name}** ({verdict})",
                    "",
                    f"> {run.requirements[name].clause}",
                    "",
                ]
                lines += [f"- {each.scenario}: {said(each)}" for each, v in run.scenarios(name) if v in _RED]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


FORMATS: dict[str, Callable[[Sequence[Run]], str]] = {
    "junit": junit,
    "ktap": ktap,
    "earl": earl,
    "badge": badge,
    "markdown": markdown,
}
