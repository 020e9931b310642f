"""A requirement as its feature states it, and a scenario with its verdict."""

from __future__ import annotations

from dataclasses import dataclass, field

from mdevref.suite.interface.releases import Releases
from mdevref.suite.interface.terms import Interface, Level
from mdevref.suite.results import verdicts
from mdevref.suite.results.operations import Entry
from mdevref.suite.results.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Facts:
    """A requirement as its feature states it. ``is_tested`` says that it has scenarios; a MAY may have none."""

    id: str
    level: Level
    interface: Interface
    releases: Releases | None
    clause: str
    is_tested: bool


@dataclass(frozen=True, slots=True)
class Failed:
    """A step that failed, what it expected, and what it observed."""

    step: str
    expected: str
    seen: str


@dataclass(slots=True)
class Judged:
    """A scenario and its verdict."""

    facts: Facts
    scenario: str
    verdict: Verdict = "pass"
    reason: str | None = None
    duration: float = 0.0
    entries: list[Entry] = field(default_factory=list)
    failed: Failed | None = None

    def raise_to(self, verdict: Verdict, reason: str | None = None, failed: Failed | None = None) -> None:
        """Set verdict, reason and failure if ``verdict`` is worse than the present one; otherwise change nothing."""
        if verdicts.worst((self.verdict, verdict)) != self.verdict:
            self.verdict, self.reason, self.failed = verdict, reason, failed
