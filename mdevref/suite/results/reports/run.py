"""The input of every report: a file of results, with the requirements of the spec."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mdevref.suite.interface.terms import Level
from mdevref.suite.results.format import Results, Scenario
from mdevref.suite.results.shell import told
from mdevref.suite.results.verdicts import Verdict
from mdevref.suite.spec.model import Requirement

RED: tuple[Verdict, ...] = ("fail", "unexpected-pass", "error")
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd]")


@dataclass(frozen=True, slots=True)
class Run:
    """A file of results, with the requirements of the spec and their verdicts."""

    results: Results
    requirements: dict[str, Requirement]
    verdicts: dict[str, Verdict]

    @property
    def name(self) -> str:
        """The target as given on the command line."""
        return self.results.header.target

    def scenarios(self, requirement: str) -> list[tuple[Scenario, Verdict]]:
        """Return the scenarios of a requirement with their verdicts.

        If the verdict of the requirement is an unexpected pass, so is each pass of its scenarios.
        """
        unexpected = self.verdicts[requirement] == "unexpected-pass"
        return [
            (each, "unexpected-pass" if unexpected and each.verdict == "pass" else each.verdict)
            for each in self.results.scenarios
            if each.requirement == requirement
        ]

    def levels(self) -> dict[str, Level]:
        """Return the level of each requirement that was run."""
        return {name: self.requirements[name].level for name in self.verdicts}


def said(scenario: Scenario) -> str:
    """Return the reason for a scenario's verdict, on one line."""
    if scenario.failure:
        failure = scenario.failure
        text = f"{failure.step}: expected {failure.expected}, observed: {failure.seen}"
        return f"{scenario.reason} ({text})" if scenario.reason else text
    return scenario.reason or scenario.verdict


def tried(scenario: Scenario) -> Iterator[str]:
    """Yield the operations of a scenario, one on each line."""
    yield from (told(operation) for operation in scenario.operations)


def printable(text: str) -> str:
    """Return the text with control characters as ``\\x..``: XML cannot contain them, not even escaped."""
    return _NO_XML.sub(lambda match: f"\\x{ord(match[0]):02x}", text)
