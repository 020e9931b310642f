"""The outcome of a run: the lines of its results, with the verdicts and the exit status that follow from them."""

from __future__ import annotations

from dataclasses import dataclass

from mdevref.suite.interface.terms import Level
from mdevref.suite.results import format as results
from mdevref.suite.results import verdicts
from mdevref.suite.results.judged import Facts


@dataclass(frozen=True, slots=True)
class Outcome:
    """A completed run: the lines of its results, and the requirements as the features state them."""

    header: results.Header
    scenarios: tuple[results.Scenario, ...]
    facts: dict[str, Facts]

    def levels(self) -> dict[str, Level]:
        """Return the level of each requirement."""
        return {name: facts.level for name, facts in self.facts.items()}

    def requirements(self) -> dict[str, verdicts.Verdict]:
        """Return the verdict of each requirement that was run."""
        return results.requirement_verdicts(self.header, self.scenarios)

    def exit_status(self) -> int:
        """Return 0 if the target conforms, 1 if it does not, 2 after an internal error of the suite."""
        return verdicts.exit_status(self.requirements(), self.levels())
