"""Run the suite on each miniature, compare the result with its declaration, and keep it in ``table.toml``."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TypedDict

from mdevref.suite import data
from mdevref.suite.interface.terms import Interface
from mdevref.suite.results import ledger
from mdevref.suite.results.format import Scenario
from mdevref.suite.results.outcome import Outcome
from mdevref.suite.results.verdicts import Verdict
from mdevref.suite.run.suite import run as run_suite
from mdevref.suite.spec import reader as spec
from mdevref.suite.targets.opening import open_target
from tests.miniatures.registry import MINIATURES, Miniature

TABLE = Path(__file__).with_name("table.toml")

_HEAD = "# What the suite finds in each miniature, written by `python -m tests.miniatures --write`.\n"


class Row(TypedDict):
    """One row of the table; ``fails`` lists all requirements of its interface that the miniature fails."""

    name: str
    era: str
    module: str
    sentence: str
    breaks: list[str]
    fails: list[str]


def run(target: str, era: str, interface: Interface) -> Outcome:
    """Run the suite on a target; raise BadInput if that is impossible. Call it only in processes of :func:`workers`.

    The ledger of the era excuses known deviations of the kernel, which are not faults of the miniature.
    """
    # Import this only here: behave has one registry per process, and the tests must not share it.
    from tests.miniatures.loaded import SUITE

    known = data.docs() / "deviations" / f"linux-{era}.toml"
    SUITE.select(interface=interface)
    return run_suite(SUITE, open_target(target), ledger=ledger.load(known) if known.is_file() else None)


def check(miniature: Miniature) -> Outcome:
    """Run the suite on a miniature. Call it only in processes of :func:`workers`."""
    return run(miniature.target, miniature.era, miniature.interface)


def workers(number: int) -> ProcessPoolExecutor:
    """Return a pool that starts one process for each run, with features and steps already loaded."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["tests.miniatures.loaded"])
    return ProcessPoolExecutor(number, mp_context=context, max_tasks_per_child=1)


def row(miniature: Miniature, found: Outcome) -> Row:
    """Return the row of a miniature from the outcome of a run."""
    return Row(
        name=miniature.name,
        era=miniature.era,
        module=miniature.module,
        sentence=miniature.sentence,
        breaks=list(miniature.breaks),
        fails=[requirement for requirement, verdict in found.requirements().items() if verdict == "fail"],
    )


def problems(miniature: Miniature, found: Outcome) -> list[str]:
    """Return where a miniature deviates from its declaration: too few or too many failures, or another reason."""
    verdicts = found.requirements()
    said = [f"{requirement} is {verdict}" for requirement, verdict in verdicts.items() if verdict == "error"]
    for requirement, reason in miniature.breaks.items():
        failed = [each for each in found.scenarios if each.requirement == requirement and each.verdict == "fail"]
        if not failed:
            said.append(f"{requirement} is not broken: {verdicts.get(requirement, 'it was not run')}")
        others = [text for each in failed if reason not in (text := report(each))]
        said += [f"{requirement} fails for another reason than {reason!r}: {text}" for text in others]
    passing = _passing(verdicts, miniature.breaks)
    if sum(passing) * 2 < len(passing):
        said.append(f"only {sum(passing)} of the {len(passing)} other requirements pass")
    return said


def _passing(verdicts: Mapping[str, Verdict], breaks: Mapping[str, str]) -> list[bool]:
    others = {name: verdict for name, verdict in verdicts.items() if name not in breaks}
    return [verdict == "pass" for verdict in others.values() if verdict != "not-applicable"]


def report(scenario: Scenario) -> str:
    """Return on one line why a scenario failed."""
    failure = scenario.failure
    if failure is None:
        return scenario.reason or ""
    return f"{failure.step}: expected {failure.expected}; seen: {failure.seen}"


def unbroken(rows: Iterable[Row]) -> list[str]:
    """Return the requirements of level must that no miniature breaks, for the interfaces that have miniatures."""
    broken = {requirement for each in rows for requirement in each["breaks"]}
    interfaces = {miniature.interface for miniature in MINIATURES.values()}
    musts = (each for each in spec.read(data.spec()).requirements() if each.level == "must")
    return [each.id for each in musts if each.interface in interfaces and each.id not in broken]


def read() -> list[Row]:
    """Return the rows of the committed table."""
    rows: list[Row] = tomllib.loads(TABLE.read_text())["miniature"]
    return rows


def write(rows: Iterable[Row]) -> None:
    """Write the rows to the table."""
    TABLE.write_text("\n".join([_HEAD, *map(_toml, rows)]))


def _toml(row: Row) -> str:
    # JSON strings with ASCII escapes are valid TOML strings.
    lines = [f"{key} = {json.dumps(value)}" for key, value in row.items() if key != "fails"]
    fails = "".join(f"  {json.dumps(name)},\n" for name in row["fails"])
    return "\n".join(["[[miniature]]", *lines, f"fails = [\n{fails}]"]) + "\n"
