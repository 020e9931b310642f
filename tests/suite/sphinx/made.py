"""Complete and valid results files for the current spec, with verdicts that a test chooses."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from mdevref import __version__
from mdevref.suite import data
from mdevref.suite.results import format as results
from mdevref.suite.results.verdicts import Verdict
from mdevref.suite.spec import reader as spec
from mdevref.suite.spec.derivation import concrete
from mdevref.suite.spec.model import Requirement, Spec

EXPECTED = "the write to fail with EEXIST"
SEEN = "the write returned 37"
TYPE = "class/mdev_bus/mtty/mdev_supported_types/mtty-1"
UUID = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001"
REASON = "no vendor driver can be unloaded"


def some_requirement(read: Spec, *, outline: bool = False) -> Requirement:
    """Return a must with a scenario or, if ``outline`` is set, one whose first scenario is an outline."""
    return next(
        each
        for each in read.requirements()
        if each.level == "must" and each.scenarios and (each.scenarios[0].cases is not None) == outline
    )


def results_file(
    path: Path,
    target: str,
    chosen: Mapping[str, Verdict],
    *,
    release: str | None = None,
    only_first: bool = False,
    only: Collection[str] = (),
) -> Path:
    """Write results of ``target`` in which each requirement passes except those in ``chosen``; return ``path``.

    If ``only_first`` is set, only the first scenario of a chosen requirement has its verdict, and the others pass.
    If ``only`` is not empty, the results only contain these requirements.
    """
    read = spec.read(data.spec())
    header = results.Header(
        format=results.FORMAT,
        suite=results.Suite(__version__, read.checksum),
        target=target,
        release=release,
        environment={"kernel": f"Linux {release}"},
        interfaces=["management"],
        ledger=[id for id, verdict in chosen.items() if verdict in ("expected-fail", "unexpected-pass")],
        started="2026-01-02T03:04:05Z",
        seed=1,
    )
    scenarios: list[results.Scenario] = []
    for requirement in read.requirements():
        if only and requirement.id not in only:
            continue
        runs = [run for scenario in requirement.scenarios for run in concrete(scenario, read.cases)]
        for number, run in enumerate(runs):
            verdict = chosen.get(requirement.id, "pass") if number == 0 or not only_first else "pass"
            scenarios.append(_scenario(requirement.id, run.title, verdict, f"{run.steps[-1][0]} {run.steps[-1][1]}"))
    counts = results.count(header, scenarios, {each.id: each.level for each in read.requirements()})
    footer = results.Footer(counts, finished="2026-01-02T03:04:06Z")
    lines: list[results.Line] = [header, *scenarios, footer]
    path.write_bytes(b"".join(map(results.encode, lines)))
    return path


def _scenario(requirement: str, title: str, verdict: Verdict, step: str) -> results.Scenario:
    failed = verdict in ("fail", "expected-fail")
    return results.Scenario(
        requirement=requirement,
        scenario=title,
        # Only a requirement can have the verdict unexpected-pass; its scenarios pass.
        verdict="pass" if verdict == "unexpected-pass" else verdict,
        duration=0.001,
        operations=[
            results.Operation("read", f"{TYPE}/available_instances", r'"24\n"'),
            results.Operation("write", f"{TYPE}/create", "37 of 37 bytes", data=f"{UUID}\n"),
        ]
        if failed
        else [],
        reason=REASON if verdict in ("unsupported", "error") else None,
        failure=results.Failure(step, EXPECTED, SEEN) if failed else None,
    )
