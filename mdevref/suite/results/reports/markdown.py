"""Markdown, for issues and mails."""

from __future__ import annotations

from collections.abc import Sequence

from mdevref.suite.results import verdicts
from mdevref.suite.results.reports.run import RED, Run, said
from mdevref.suite.results.verdicts import VERDICTS


def markdown(runs: Sequence[Run]) -> str:
    """Return Markdown: the counts of each run, and a row for each requirement that does not pass everywhere."""
    lines = ["| Target | " + " | ".join(VERDICTS) + " |", "|---|" + "---:|" * len(VERDICTS)]
    for run in runs:
        counts = verdicts.count(run.verdicts.values())
        lines.append(f"| {_cell(run.name)} | " + " | ".join(str(counts.get(verdict, 0)) for verdict in VERDICTS) + " |")
    names = list(dict.fromkeys(name for run in runs for name in run.verdicts))
    calm = ("pass", "not-applicable")
    told = [name for name in names if any(run.verdicts.get(name, "pass") not in calm for run in runs)]
    if told:
        lines += [
            "",
            "| Requirement | " + " | ".join(_cell(run.name) for run in runs) + " |",
            "|---|" + "---|" * len(runs),
        ]
        for name in told:
            lines.append(f"| `{name}` | " + " | ".join(run.verdicts.get(name, "") for run in runs) + " |")
    for run in runs:
        for name, verdict in run.verdicts.items():
            if verdict in RED:
                lines += [
                    "",
                    f"**{_cell(run.name)}: {name}** ({verdict})",
                    "",
                    f"> {run.requirements[name].clause}",
                    "",
                ]
                lines += [f"- {each.scenario}: {said(each)}" for each, v in run.scenarios(name) if v in RED]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
