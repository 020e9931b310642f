"""The results files given to a build, as its pages ask for them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from docutils import nodes

from mdevref.suite.interface.terms import Level
from mdevref.suite.results import format as results
from mdevref.suite.results import verdicts
from mdevref.suite.results.format import Results, Scenario
from mdevref.suite.results.verdicts import Verdict

#: Nothing to look into: it passed, or it was not to be run.
CALM: tuple[Verdict, ...] = ("pass", "not-applicable")

VERDICT_NAMES: dict[Verdict, str] = {
    "pass": "pass",
    "fail": "fail",
    "error": "error",
    "unsupported": "unsupported",
    "expected-fail": "expected fail",
    "unexpected-pass": "unexpected pass",
    "not-applicable": "not applicable",
}

VERDICT_MEANINGS: dict[Verdict, str] = {
    "pass": "Every scenario did what the clause says.",
    "fail": "The implementation does not do what the clause says.",
    "error": "The suite itself broke, so nothing is known.",
    "unsupported": "The target has not what it takes to try.",
    "expected-fail": "The clause is not met, and the target's ledger says so.",
    "unexpected-pass": "The clause is met although the target's ledger says that it is not: the ledger is wrong.",
    "not-applicable": "The clause does not concern this target's release.",
}


@dataclass(frozen=True, slots=True)
class Found:
    """A scenario that did not pass: its verdict; of an outline, the cases that did not, empty when none did."""

    verdict: Verdict
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """One results file: a name and a page of its own, the verdict of each requirement and the scenarios behind it."""

    label: str
    page: str
    results: Results
    requirements: dict[str, Verdict]
    scenarios: dict[str, tuple[Scenario, ...]] = field(repr=False)

    def verdict(self, requirement: str) -> Verdict | None:
        """The requirement's verdict; None where the run left it out."""
        return self.requirements.get(requirement)

    def not_passing(self, requirement: str, title: str) -> Found | None:
        """What to say at a scenario that its requirement's verdict does not say already."""
        every = self.scenarios.get(requirement, ())
        if len({each.verdict for each in every}) < 2:
            return None
        mine = [(each, name) for each in every if (name := _case(each.scenario, title)) is not None]
        bad = [(each, name) for each, name in mine if each.verdict not in CALM]
        if not bad:
            return None
        names = tuple(name for _, name in bad if name) if len(bad) < len(mine) else ()
        return Found(verdicts.worst(each.verdict for each, _ in bad), names)

    def shell_path(self, path: str) -> str:
        """What a person types to reach a path of the target: ``sysfs:`` names its root, all others have /sys."""
        kind, _, root = self.results.header.target.partition(":")
        return f"{root.rstrip('/') if kind == 'sysfs' else '/sys'}/{path}"

    def counts(self, level: Level) -> dict[Verdict, int]:
        """Requirements of a level by verdict, best first: what ran and passed leads, what was not to be run ends."""
        found: dict[Verdict, int] = getattr(self.results.footer.counts.requirements, level)
        order = (*verdicts.VERDICTS[1:], verdicts.VERDICTS[0])
        return {verdict: found[verdict] for verdict in order if found.get(verdict)}

    def status(self, levels: dict[str, Level]) -> int:
        """0 conforming, 1 not conforming, 2 the suite broke."""
        return verdicts.exit_status(self.requirements, levels)

    def reservations(self, tested: int) -> str:
        """What has to be said if it conforms; ``tested`` requirements have scenarios."""
        return verdicts.reservations(self.requirements.values(), tested)


def load(paths: Sequence[str | Path]) -> list[Run]:
    """Read results files, in the order given; :class:`~mdevref.suite.results.format.ResultsError` for one
    not to be trusted.

    Two files of one target are told apart by their files' names.
    """
    read = [results.read(Path(path)) for path in paths]
    targets = [each.header.target for each in read]
    labels = [
        each.header.target if targets.count(each.header.target) == 1 else f"{each.header.target} ({Path(path).stem})"
        for each, path in zip(read, paths, strict=True)
    ]
    return [
        Run(label, page, each, each.requirements(), _by_requirement(each.scenarios))
        for label, page, each in zip(labels, _pages(labels), read, strict=True)
    ]


def _by_requirement(scenarios: Iterable[Scenario]) -> dict[str, tuple[Scenario, ...]]:
    grouped: dict[str, list[Scenario]] = {}
    for each in scenarios:
        grouped.setdefault(each.requirement, []).append(each)
    return {id: tuple(found) for id, found in grouped.items()}


def _pages(labels: list[str]) -> list[str]:
    pages: list[str] = []
    for label in labels:
        base = page = f"targets/{nodes.make_id(re.sub(r'(?<=[0-9])[.]', '-', label)) or 'target'}"
        while page in pages:
            page = f"{base}-{pages.count(page) + len(pages)}"
        pages.append(page)
    return pages


def _case(name: str, title: str) -> str | None:
    """The case of a scenario's name, empty where it has none; None where it is not of this title."""
    if name == title:
        return ""
    if name.startswith(f"{title} [") and name.endswith("]"):
        return name[len(title) + 2 : -1]
    return None
