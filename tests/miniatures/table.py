"""What the suite finds in each miniature: run it, hold it to what the miniature declares, keep it in ``table.toml``."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypedDict

from mdevref.suite import data, results, spec
from mdevref.suite.results import Results, Scenario
from mdevref.suite.targets.interface import Interface
from mdevref.suite.verdicts import Verdict
from tests.miniatures.registry import MINIATURES, Miniature

TABLE = Path(__file__).with_name("table.toml")

_HEAD = "# What the suite finds in each miniature, written by `python -m tests.miniatures --write`.\n"


class Row(TypedDict):
    """What the table says of a miniature; ``fails`` are all requirements of its interface that it fails."""

    name: str
    era: str
    module: str
    sentence: str
    breaks: list[str]
    fails: list[str]


def run(target: str, file: Path, era: str, interface: Interface) -> Results:
    """Run the suite on a target, with ``file`` for its results; ``RuntimeError`` where it did not run to its end.

    What the kernel of that era is known to depart in is no fault of a miniature: its ledger excuses it. The command is
    plain ``behave``, which takes half the time of ``mdevref check`` for the same verdicts: it does not look whether the
    features are those of the spec.
    """
    ledger = data.docs() / "deviations" / f"linux-{era}.toml"
    defined = {"target": target, "results": file, "seed": 1} | ({"ledger": ledger} if ledger.is_file() else {})
    command = [str(Path(sys.executable).with_name("behave")), f"--tags=@{interface}", "--format=null"]
    command += [f"--define={name}={value}" for name, value in defined.items()]
    done = subprocess.run(command, cwd=data.root(), capture_output=True, text=True, check=False)
    if not file.is_file():
        raise RuntimeError(f"{' '.join(command)}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return results.read(file)


def check(miniature: Miniature, file: Path) -> Results:
    """Run the suite on a miniature."""
    return run(miniature.target, file, miniature.era, miniature.interface)


def row(miniature: Miniature, found: Results) -> Row:
    """The row of a miniature, from a run on it."""
    return Row(
        name=miniature.name,
        era=miniature.era,
        module=miniature.module,
        sentence=miniature.sentence,
        breaks=list(miniature.breaks),
        fails=[requirement for requirement, verdict in found.requirements().items() if verdict == "fail"],
    )


def problems(miniature: Miniature, found: Results) -> list[str]:
    """Where a miniature is not as it declares: it does not break what it should, or for another reason, or too much."""
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
    """Why a scenario failed, on one line."""
    failure = scenario.failure
    if failure is None:
        return scenario.reason or ""
    return f"{failure.step}: expected {failure.expected}; seen: {failure.seen}"


def unbroken(rows: Iterable[Row]) -> list[str]:
    """The requirements of level must, of the interfaces that there are miniatures for, that none is built to break."""
    broken = {requirement for each in rows for requirement in each["breaks"]}
    interfaces = {miniature.interface for miniature in MINIATURES.values()}
    musts = (each for each in spec.read(data.spec()).requirements() if each.level == "must")
    return [each.id for each in musts if each.interface in interfaces and each.id not in broken]


def read() -> list[Row]:
    """The committed table."""
    rows: list[Row] = tomllib.loads(TABLE.read_text())["miniature"]
    return rows


def write(rows: Iterable[Row]) -> None:
    """Commit what was found to the table."""
    TABLE.write_text("\n".join([_HEAD, *map(_toml, rows)]))


def _toml(row: Row) -> str:
    # Strings as JSON has them, without escapes beyond ASCII, are strings of TOML.
    lines = [f"{key} = {json.dumps(value)}" for key, value in row.items() if key != "fails"]
    fails = "".join(f"  {json.dumps(name)},\n" for name in row["fails"])
    return "\n".join(["[[miniature]]", *lines, f"fails = [\n{fails}]"]) + "\n"
