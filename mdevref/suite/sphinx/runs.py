"""The results files of a build, in the form that its pages need."""

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

#: Verdicts that need no attention: the requirement passed or does not apply.
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
    "pass": "Every scenario behaved as the clause requires.",
    "fail": "The implementation does not behave as the clause requires.",
    "error": "An internal error of the suite prevented a verdict.",
    "unsupported": "The target lacks something that the test needs.",
    "expected-fail": "The requirement fails, and the target's ledger lists the deviation.",
    "unexpected-pass": "The requirement passes, but the target's ledger lists a deviation: the ledger is wrong.",
    "not-applicable": "The clause does not apply to the kernel release of this target.",
}


@dataclass(frozen=True, slots=True)
class Found:
    """A scenario that did not pass. ``cases`` lists the cases of an outline that failed; it is empty if all failed."""

    verdict: Verdict
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """A results file with its label, its page, and the verdict and scenarios of each requirement."""

    label: str
    page: str
    results: Results
    requirements: dict[str, Verdict]
    scenarios: dict[str, tuple[Scenario, ...]] = field(repr=False)

    def verdict(self, requirement: str) -> Verdict | None:
        """Return the verdict of a requirement, or None if it was not run."""
        return self.requirements.get(requirement)

    def not_passing(self, requirement: str, title: str) -> Found | None:
        """Return the verdict to show at a scenario, or None if it adds nothing to that of its requirement."""
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
        """Return a path of the target for a shell: below the root of a ``sysfs:`` target, else below /sys."""
        kind, _, root = self.results.header.target.partition(":")
        return f"{root.rstrip('/') if kind == 'sysfs' else '/sys'}/{path}"

    def counts(self, level: Level) -> dict[Verdict, int]:
        """Return the number of requirements of a level by verdict: ``pass`` first, ``not-applicable`` last."""
        found: dict[Verdict, int] = getattr(self.results.footer.counts.requirements, level)
        order = (*verdicts.VERDICTS[1:], verdicts.VERDICTS[0])
        return {verdict: found[verdict] for verdict in order if found.get(verdict)}

    def status(self, levels: dict[str, Level]) -> int:
        """Return 0 if the target conforms, 1 if it does not, and 2 on an internal error of the suite."""
        return verdicts.exit_status(self.requirements, levels)

    def reservations(self, tested: int) -> str:
        """Return the reservations to the statement that the target conforms; ``tested`` requirements have scenarios."""
        return verdicts.reservations(self.requirements.values(), tested)


def load(paths: Sequence[str | Path]) -> list[Run]:
    """Read results files, in the given order.

    Files of the same target are labelled with their file names. Raise
    :class:`~mdevref.suite.results.format.ResultsError` if a file is invalid.
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
    """Return the case in the name of a scenario, empty if it has none, or None if it has another title."""
    if name == title:
        return ""
    if name.startswith(f"{title} [") and name.endswith("]"):
        return name[len(title) + 2 : -1]
    return None
