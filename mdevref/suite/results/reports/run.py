"""What every report is made from: a file of results with what the spec says of its requirements."""

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
    """A file of results with what the spec says of its requirements."""

    results: Results
    requirements: dict[str, Requirement]
    verdicts: dict[str, Verdict]

    @property
    def name(self) -> str:
        """The target, as on the command line."""
        return self.results.header.target

    def scenarios(self, requirement: str) -> list[tuple[Scenario, Verdict]]:
        """The scenarios of a requirement; where its ledger is wrong about it, their passes are unexpected ones."""
        unexpected = self.verdicts[requirement] == "unexpected-pass"
        return [
            (each, "unexpected-pass" if unexpected and each.verdict == "pass" else each.verdict)
            for each in self.results.scenarios
            if each.requirement == requirement
        ]

    def levels(self) -> dict[str, Level]:
        """The level of each requirement that was run."""
        return {name: self.requirements[name].level for name in self.verdicts}


def said(scenario: Scenario) -> str:
    """Why a scenario has its verdict, on one line."""
    if scenario.failure:
        failure = scenario.failure
        text = f"{failure.step}: expected {failure.expected}, seen: {failure.seen}"
        return f"{scenario.reason} ({text})" if scenario.reason else text
    return scenario.reason or scenario.verdict


def tried(scenario: Scenario) -> Iterator[str]:
    """What a scenario tried, an operation a line."""
    yield from (told(operation) for operation in scenario.operations)


def printable(text: str) -> str:
    """XML cannot hold most control characters, not even escaped."""
    return _NO_XML.sub(lambda match: f"\\x{ord(match[0]):02x}", text)
