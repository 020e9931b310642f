"""Runs with scenarios and verdicts that a test chooses, for tests of reports and comparisons."""

from __future__ import annotations

from msgspec import structs

import mdevref.suite.results.format as r
from mdevref.suite.interface.terms import Level
from mdevref.suite.results.verdicts import Verdict

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


def results(*scenarios: r.Scenario, spec: str = "0") -> r.Results:
    header = structs.replace(HEADER, suite=r.Suite(version="1.0", spec=spec * 64))
    counts = r.count(header, scenarios, LEVELS)
    return r.Results("x.ndjson", header, scenarios, r.Footer(counts=counts, finished=HEADER.started))
