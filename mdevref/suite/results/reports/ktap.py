"""KTAP, for the kernel's test tools."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mdevref.suite.results import verdicts
from mdevref.suite.results.format import Scenario
from mdevref.suite.results.reports.run import RED, Run, said, tried
from mdevref.suite.results.verdicts import Verdict


def ktap(runs: Sequence[Run]) -> str:
    """Return KTAP version 1: a test for each target, a subtest for each requirement, and one for each scenario."""
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
            yield from (f"  # {line}" for line in (_ktap_notes(scenario) if each in RED else ()))
            yield f"  {_ktap_result(each)} {index} {_tap(scenario.scenario)}{_directive(each, said(scenario))}"
        yield f"{_ktap_result(verdict)} {number} {requirement}{_directive(verdict, verdict)}"


def _ktap_notes(scenario: Scenario) -> Iterator[str]:
    yield from (line.replace("\n", " ") for line in (said(scenario), *tried(scenario)))


def _ktap_result(verdict: Verdict) -> str:
    return "not ok" if verdict in RED else "ok"


def _directive(verdict: Verdict, why: str) -> str:
    directive = {"not-applicable": "SKIP", "unsupported": "SKIP", "expected-fail": "XFAIL", "error": "ERROR"}.get(
        verdict
    )
    return f" # {directive} {_tap(why)}" if directive else ""


def _tap(text: str) -> str:
    """Return the text on one line, with ``#`` escaped, which would begin a directive."""
    return " ".join(text.split()).replace("#", "\\#")
