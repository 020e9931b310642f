"""Write judged scenarios to a file of results, line by line while the run goes on."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from mdevref import __version__
from mdevref.suite import data
from mdevref.suite.errors import BadInput
from mdevref.suite.interface.releases import format_release
from mdevref.suite.interface.target import Target
from mdevref.suite.interface.terms import Level
from mdevref.suite.results import format as results
from mdevref.suite.results.judged import Judged
from mdevref.suite.results.ledger import Ledger
from mdevref.suite.results.operations import Entry


def header(name: str, target: Target, *, seed: int, ledger: Ledger | None) -> results.Header:
    """Return the header of a run on ``target`` that starts now; ``name`` is the target's name on the command line."""
    return results.Header(
        format=results.FORMAT,
        suite=results.Suite(version=__version__, spec=data.spec_checksum(data.spec())),
        target=name,
        release=format_release(target.release) if target.release else None,
        environment=dict(target.environment()),
        interfaces=sorted(target.interfaces),
        ledger=ledger.keys() if ledger else [],
        started=_now(),
        seed=seed,
    )


def line(judged: Judged) -> results.Scenario:
    """Return the line of a scenario."""
    failed = judged.failed
    return results.Scenario(
        requirement=judged.facts.id,
        scenario=judged.scenario,
        verdict=judged.verdict,
        reason=judged.reason,
        duration=round(judged.duration, 6),
        operations=[_operation(entry) for entry in judged.entries],
        failure=results.Failure(step=failed.step, expected=failed.expected, seen=failed.seen) if failed else None,
    )


def footer(header: results.Header, scenarios: list[results.Scenario], levels: dict[str, Level]) -> results.Footer:
    """Return the footer of a run that ends now."""
    return results.Footer(counts=results.count(header, scenarios, levels), finished=_now())


def _operation(entry: Entry) -> results.Operation:
    written = entry.data.decode("latin-1") if isinstance(entry.data, bytes) else entry.data
    return results.Operation(op=entry.op, path=entry.path, data=written, result=entry.result())


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class ResultsFile:
    """A file of results that is written while the run goes on; it is invalid until the footer is written."""

    def __init__(self, path: Path, name: str, target: Target, *, seed: int, ledger: Ledger | None) -> None:
        """Create the file and write the header. Raises BadInput if the file cannot be written."""
        self.header = header(name, target, seed=seed, ledger=ledger)
        self.scenarios: list[results.Scenario] = []
        self.levels: dict[str, Level] = {}
        try:
            self._file = path.open("wb")
        except OSError as error:
            raise BadInput(f"{path}: {error.strerror}") from error
        self._write(self.header)

    def add(self, judged: Judged) -> None:
        """Write a scenario and flush, so that a reader of the file can follow the run."""
        self.levels[judged.facts.id] = judged.facts.level
        scenario = line(judged)
        self.scenarios.append(scenario)
        self._write(scenario)

    def finish(self, whole: bool) -> None:
        """Write the footer if the run is complete (``whole``), and close the file."""
        if whole:
            self._write(footer(self.header, self.scenarios, self.levels))
        self._file.close()

    def _write(self, line: results.Line) -> None:
        self._file.write(results.encode(line))
        self._file.flush()
