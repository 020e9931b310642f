"""What came of a run: the lines of its results, and the verdicts and the exit status that follow from them."""

from __future__ import annotations

from dataclasses import dataclass

from mdevref.suite.interface.terms import Level
from mdevref.suite.results import format as results
from mdevref.suite.results import verdicts
from mdevref.suite.results.judged import Facts


@dataclass(frozen=True, slots=True)
class Outcome:
    """A run that came to its end: the lines of its results, and what the features say of the requirements."""

    header: results.Header
    scenarios: tuple[results.Scenario, ...]
    facts: dict[str, Facts]

    def levels(self) -> dict[str, Level]:
        """The level of each requirement."""
        return {name: facts.level for name, facts in self.facts.items()}

    def requirements(self) -> dict[str, verdicts.Verdict]:
        """The verdict of each requirement that was run."""
        return results.requirement_verdicts(self.header, self.scenarios)

    def exit_status(self) -> int:
        """0 conforming, 1 not conforming, 2 the suite broke."""
        return verdicts.exit_status(self.requirements(), self.levels())
