"""JUnit XML, for CI systems."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as xml

from mdevref.suite.results.format import Scenario
from mdevref.suite.results.reports.run import RED, Run, printable, said, tried
from mdevref.suite.results.verdicts import Verdict
from mdevref.suite.spec.model import Requirement


def junit(runs: Sequence[Run]) -> str:
    """Return JUnit XML: a test suite for each target, a test case for each scenario, further facts as properties."""
    root = xml.Element("testsuites")
    for run in runs:
        header = run.results.header
        suite = xml.SubElement(root, "testsuite", name=printable(run.name), timestamp=header.started)
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
        suite, "testcase", classname=requirement.id, name=printable(scenario.scenario), time=f"{scenario.duration:.6f}"
    )  # fmt: skip
    facts = {name: getattr(requirement, name) for name in ("level", "interface", "basis")}
    _properties(case, {"requirement": requirement.id, "verdict": verdict, **facts})
    if verdict == "error":
        kind, count = "error", "errors"
    elif verdict in RED:
        kind, count = "failure", "failures"
    elif verdict != "pass":
        kind, count = "skipped", "skipped"
    else:
        return
    counted[count] += 1
    element = xml.SubElement(case, kind, message=printable(f"{verdict}: {said(scenario)}"))
    if verdict in RED:
        element.text = printable("\n".join((requirement.clause, "", *tried(scenario))))


def _properties(element: xml.Element, values: dict[str, str]) -> None:
    properties = xml.SubElement(element, "properties")
    for name, value in values.items():
        xml.SubElement(properties, "property", name=name, value=printable(value))
