"""The results of a run as NDJSON: a header, a line for each scenario, and a footer with the counts.

A file without a footer, with a duplicate scenario or with an unknown requirement is invalid. The JSON Schema of the
format is in ``results.schema.json`` beside this module.
"""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Annotated, Any

import msgspec

from mdevref.suite.errors import BadInput
from mdevref.suite.interface.terms import Level
from mdevref.suite.results import verdicts
from mdevref.suite.results.verdicts import Verdict

FORMAT = 1
#: The maximum length of a line in bytes. The longest real lines, with hundreds of operations, have about 50 kB.
LONGEST_LINE = 1 << 20

NonNegative = Annotated[int, msgspec.Meta(ge=0)]
Timestamp = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|\+00:00)$")]


class ResultsError(BadInput):
    """A file of results is invalid; the message names the file, the line and the reason."""


class _Line(msgspec.Struct, tag_field="kind", frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    pass


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    pass


class Suite(_Part, frozen=True):
    """The suite that was run: its version, and the sha256 of the spec's text."""

    version: str
    spec: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class Header(_Line, tag="header", frozen=True):
    """The header of a run: the suite, the target, and the conditions of the test.

    ``ledger`` lists the known deviations, each as the ``id`` of a requirement or, for one scenario, as ``id: title``.
    """

    format: Annotated[int, msgspec.Meta(ge=FORMAT, le=FORMAT)]
    suite: Suite
    target: str
    release: str | None
    environment: dict[str, str]
    interfaces: list[str]
    ledger: list[str]
    started: Timestamp
    seed: int

    def expected_to_fail(self) -> frozenset[str]:
        """Return the requirements that the ledger lists as a whole, not for one scenario only."""
        return frozenset(entry for entry in self.ledger if ": " not in entry)


class Operation(_Part, frozen=True):
    """One operation on the target.

    ``path`` is a path below ``/sys``, or the object of the operation. Each character of ``data`` is one written byte.
    ``result`` describes the result: a count, a text, or the name of an errno.
    """

    op: str
    path: str
    result: str
    data: str | None = None


class Failure(_Part, frozen=True):
    """The step that failed, what it expected, and what it observed."""

    step: str
    expected: str
    seen: str


class Scenario(_Line, tag="scenario", frozen=True):
    """One scenario: its requirement, title (with the row's name in brackets), verdict and duration in seconds."""

    requirement: str
    scenario: str
    verdict: Verdict
    duration: Annotated[float, msgspec.Meta(ge=0)]
    operations: list[Operation]
    reason: str | None = None
    failure: Failure | None = None


class RequirementCounts(_Part, frozen=True):
    """The number of requirements with each verdict, by level."""

    must: dict[Verdict, NonNegative] = {}
    should: dict[Verdict, NonNegative] = {}
    may: dict[Verdict, NonNegative] = {}


class Counts(_Part, frozen=True):
    """The number of scenarios with each verdict, and of requirements."""

    scenarios: dict[Verdict, NonNegative]
    requirements: RequirementCounts


class Footer(_Line, tag="footer", frozen=True):
    """The last line of a completed run."""

    counts: Counts
    finished: Timestamp


Line = Header | Scenario | Footer


@dataclass(frozen=True, slots=True)
class Results:
    """A complete file of results."""

    path: str
    header: Header
    scenarios: tuple[Scenario, ...]
    footer: Footer

    def requirements(self) -> dict[str, Verdict]:
        """Return the verdict of each requirement that was run."""
        return requirement_verdicts(self.header, self.scenarios)


def requirement_verdicts(header: Header, scenarios: Iterable[Scenario]) -> dict[str, Verdict]:
    """Return the verdict of each requirement, in the order of the scenarios."""
    pairs = ((each.requirement, each.verdict) for each in scenarios)
    return verdicts.of_requirements(pairs, header.expected_to_fail())


def count(header: Header, scenarios: Collection[Scenario], levels: Mapping[str, Level]) -> Counts:
    """Return the counts of a footer; ``levels`` maps each requirement that was run to its level."""
    by_level: dict[Level, list[Verdict]] = {"must": [], "should": [], "may": []}
    for requirement, verdict in requirement_verdicts(header, scenarios).items():
        by_level[levels[requirement]].append(verdict)
    return Counts(
        scenarios=verdicts.count(each.verdict for each in scenarios),
        requirements=RequirementCounts(**{level: verdicts.count(found) for level, found in by_level.items()}),
    )


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Line)


def encode(line: Line) -> bytes:
    """Return a line as JSON, with its newline."""
    return _ENCODER.encode(line) + b"\n"


def decode(data: bytes) -> Line:
    """Return the line that ``data`` encodes. Raises :class:`ResultsError` if it is invalid."""
    try:
        line: Line = _DECODER.decode(data)
        return line
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        # msgspec reports invalid JSON as a plain DecodeError, and JSON of another form as a ValidationError.
        invalid = "" if isinstance(error, msgspec.ValidationError) else "not a line of results: "
        raise ResultsError(f"{invalid}{error}") from None


def schema() -> dict[str, Any]:
    """Return the JSON Schema of one line, as shipped in ``results.schema.json``."""
    found: dict[str, Any] = msgspec.json.schema(Line)
    for definition in found["$defs"].values():
        # Python 3.13 strips the indentation of docstrings; the schema must not depend on the Python version.
        definition["description"] = inspect.cleandoc(definition["description"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A line of a file of mdevref results",
        **found,
    }


def read(path: Path, known: Collection[str] | None = None) -> Results:
    """Read a file of results. Raises :class:`ResultsError` with ``file:line: reason`` if it is invalid.

    ``known`` are the valid requirement ids; None accepts every id.
    """
    try:
        with path.open("rb") as file:
            return _read(file, str(path), known)
    except OSError as error:
        raise ResultsError(f"{path}: {error.strerror}") from error


def _read(file: IO[bytes], name: str, known: Collection[str] | None) -> Results:
    header: Header | None = None
    footer: Footer | None = None
    scenarios: dict[tuple[str, str], Scenario] = {}
    number = 0
    while data := file.readline(LONGEST_LINE + 1):
        number += 1
        where = f"{name}:{number}"
        if len(data) > LONGEST_LINE:
            raise ResultsError(f"{where}: the line is longer than {LONGEST_LINE} bytes")
        if footer:
            raise ResultsError(f"{where}: unexpected line after the footer")
        try:
            line = decode(data)
        except ResultsError as error:
            cut = "" if data.endswith(b"\n") else " (the line is truncated)"
            raise ResultsError(f"{where}: {error}{cut}") from None
        if isinstance(line, Header) == bool(header):
            raise ResultsError(f"{where}: " + ("duplicate header" if header else "the first line is not a header"))
        if isinstance(line, Header):
            header = line
        elif isinstance(line, Footer):
            footer = line
        else:
            key = (line.requirement, line.scenario)
            if key in scenarios:
                raise ResultsError(f"{where}: duplicate scenario {line.scenario!r} of {line.requirement}")
            if known is not None and line.requirement not in known:
                raise ResultsError(f"{where}: unknown requirement {line.requirement!r}")
            scenarios[key] = line
    if header is None:
        raise ResultsError(f"{name}: the file is empty")
    if footer is None:
        raise ResultsError(f"{name}:{number}: the footer is missing: the run was not completed")
    results = Results(name, header, tuple(scenarios.values()), footer)
    _compare_counts(results, number)
    return results


def _compare_counts(results: Results, line: int) -> None:
    counts = results.footer.counts
    by_level = (counts.requirements.must, counts.requirements.should, counts.requirements.may)
    said = {v: sum(level.get(v, 0) for level in by_level) for v in verdicts.VERDICTS}
    found = verdicts.count(results.requirements().values())
    scenarios = verdicts.count(each.verdict for each in results.scenarios)
    if counts.scenarios != scenarios or any(found.get(v, 0) != said[v] for v in verdicts.VERDICTS):
        raise ResultsError(f"{results.path}:{line}: the counts in the footer do not match the lines above")
