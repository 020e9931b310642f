"""EARL as JSON-LD, for archives of conformance results."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from mdevref.suite.results.format import Header
from mdevref.suite.results.reports.run import Run, said
from mdevref.suite.results.verdicts import Verdict

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
    """Return EARL as JSON-LD: an assertion for each requirement and for each of its scenarios."""
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
