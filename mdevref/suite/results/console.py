"""The console output of ``mdevref check``: a progress line on a terminal, and the report at the end."""

from __future__ import annotations

import contextlib
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence

from mdevref.suite.interface.terms import LEVELS
from mdevref.suite.results import format as results
from mdevref.suite.results import shell
from mdevref.suite.results.judged import Facts
from mdevref.suite.results.ledger import Ledger
from mdevref.suite.results.outcome import Outcome
from mdevref.suite.results.shell import told
from mdevref.suite.results.verdicts import VERDICTS, Verdict, reservations

_WIDTH = 100
_TOLD: tuple[Verdict, ...] = ("error", "fail", "unexpected-pass", "expected-fail")


@contextlib.contextmanager
def progress(count: int) -> Iterator[Callable[[results.Scenario], None]]:
    """Show a progress line on stderr if it is a terminal; the yielded function takes each finished scenario."""
    if not sys.stderr.isatty():
        yield _silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(bar_width=30), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=count)
        failed = 0

        def advance(line: results.Scenario) -> None:
            nonlocal failed
            failed += line.verdict in ("fail", "error")
            bar.update(task, advance=1, description=f"{line.requirement}" + (f"  {failed} failed" if failed else ""))

        yield advance


@contextlib.contextmanager
def waiting() -> Iterator[Callable[[str], None]]:
    """Show a status line on stderr if it is a terminal; the yielded function sets its text."""
    if not sys.stderr.isatty():
        yield _unheard
        return
    from rich.console import Console

    with Console(stderr=True).status("") as status:
        yield status.update


def _unheard(_message: str) -> None:
    """Ignore the status: stderr is not a terminal."""


def _silent(_line: results.Scenario) -> None:
    """Ignore the progress: stderr is not a terminal."""


def report(outcome: Outcome, ledger: Ledger, shell_path: Callable[[str], str]) -> None:
    """Print each requirement that failed, deviates or could not be tested, and then the summary."""
    for line in lines(outcome, ledger, shell_path):
        print(line)


def lines(outcome: Outcome, ledger: Ledger, shell_path: Callable[[str], str]) -> Iterator[str]:
    """Yield the lines of the report."""
    found = outcome.requirements()
    scenarios: dict[str, list[results.Scenario]] = {}
    for scenario in outcome.scenarios:
        scenarios.setdefault(scenario.requirement, []).append(scenario)
    for verdict in reversed(_TOLD):
        for requirement, each in found.items():
            if each == verdict:
                yield from _requirement(verdict, outcome.facts[requirement], scenarios[requirement], ledger, shell_path)
    yield from _unsupported(outcome.scenarios)
    yield from _summary(outcome, found)


def _requirement(
    verdict: Verdict,
    facts: Facts,
    scenarios: Sequence[results.Scenario],
    ledger: Ledger,
    shell_path: Callable[[str], str],
) -> Iterator[str]:
    yield f"{verdict.upper()}  {facts.id}  ({facts.level}, {facts.interface})"
    yield from textwrap.wrap(facts.clause, _WIDTH, initial_indent="  ", subsequent_indent="  ")
    if verdict == "unexpected-pass":
        yield f"  {ledger.path} lists this deviation, but no scenario fails any more: remove the entry."
    for scenario in scenarios:
        if scenario.verdict == "expected-fail":
            yield f"  scenario  {scenario.scenario}"
            yield f"  deviation {scenario.reason}"
        elif scenario.verdict in ("fail", "error"):
            yield from _scenario(scenario, shell_path)
    yield ""


def _scenario(scenario: results.Scenario, shell_path: Callable[[str], str]) -> Iterator[str]:
    yield ""
    yield f"  scenario  {scenario.scenario}"
    if scenario.failure:
        yield f"  step      {scenario.failure.step}"
        yield f"  expected  {scenario.failure.expected}"
        yield f"  observed  {scenario.failure.seen}"
    if scenario.reason:
        yield f"  reason    {scenario.reason}"
    if scenario.operations:
        yield "  operations"
        for operation in scenario.operations:
            yield f"    {told(operation)}"
        yield "  to reproduce in a shell"
        for line in shell.lines(_needed(scenario.operations), shell_path):
            yield f"    {line}"


def _needed(operations: Sequence[results.Operation]) -> Sequence[results.Operation]:
    """Drop the leading read-only operations, by which the suite chose a type, unless there are no others."""
    first = next((n for n, each in enumerate(operations) if each.op not in shell.LOOKS), 0)
    return operations[first:]


def _unsupported(scenarios: Sequence[results.Scenario]) -> Iterator[str]:
    """Yield each reason once, with the requirements that could not be tested because of it."""
    reasons: dict[str, dict[str, int]] = {}
    for scenario in scenarios:
        if scenario.verdict == "unsupported":
            counted = reasons.setdefault(scenario.reason or "no reason given", {})
            counted[scenario.requirement] = counted.get(scenario.requirement, 0) + 1
    for reason, requirements in reasons.items():
        number = sum(requirements.values())
        yield f"UNSUPPORTED  {reason}  ({number} scenario{'s' if number > 1 else ''})"
        yield from textwrap.wrap(" ".join(requirements), _WIDTH, initial_indent="  ", subsequent_indent="  ",
                                 break_on_hyphens=False)  # fmt: skip
        yield ""


def _summary(outcome: Outcome, found: dict[str, Verdict]) -> Iterator[str]:
    header = outcome.header
    counts = results.count(header, outcome.scenarios, outcome.levels())
    yield f"{header.target}{f', Linux {header.release}' if header.release else ''}"
    width = max((len(key) for key in header.environment), default=0)
    yield from (f"  {key.ljust(width)}  {value}" for key, value in header.environment.items())
    yield ""
    rows: list[tuple[str, ...]] = [("", "must", "should", "may", "scenarios")]
    by_level = {"must": counts.requirements.must, "should": counts.requirements.should, "may": counts.requirements.may}
    for verdict in VERDICTS:
        cells = [by_level[level].get(verdict, 0) for level in LEVELS]
        total = counts.scenarios.get(verdict, 0)
        if total or any(cells):
            rows.append((verdict, *(str(cell) if cell else "-" for cell in cells), str(total) if total else "-"))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield "  ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))])
    yield ""
    yield _conclusion(outcome, found)


def _conclusion(outcome: Outcome, found: dict[str, Verdict]) -> str:
    status = outcome.exit_status()
    if status == 2:
        return "No verdict: the suite failed with an internal error (see the ERROR entries above)."
    if status == 1:
        return "Does not conform."
    said = reservations(found.values(), sum(facts.is_tested for facts in outcome.facts.values()))
    separator = "" if not said else ", " if said.startswith("with ") else "; "
    return f"Conforms{separator}{said}."
