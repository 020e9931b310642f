"""The results of a run: NDJSON of a header, a line for each scenario, and a footer with the counts.

A file without its footer, with a scenario twice or with a requirement that the spec does not know is an error and
never a result. The format is described for other programs by ``results.schema.json`` beside this module.
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
#: A line longer than this is no result: the longest real ones, with hundreds of operations, have some 50 kB.
LONGEST_LINE = 1 << 20

NonNegative = Annotated[int, msgspec.Meta(ge=0)]
Timestamp = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|\+00:00)$")]


class ResultsError(BadInput):
    """A file of results that cannot be trusted; the text has file, line and reason."""


class _Line(msgspec.Struct, tag_field="kind", frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    pass


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    pass


class Suite(_Part, frozen=True):
    """The suite that ran: its version, and the sha256 of the spec's text."""

    version: str
    spec: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class Header(_Line, tag="header", frozen=True):
    """What was tested, by what, under which conditions.

    ``ledger`` lists the requirements that are known to deviate, as ``id`` or, for one scenario, ``id: title``.
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
        """The requirements that the ledger names as a whole."""
        return frozenset(entry for entry in self.ledger if ": " not in entry)


class Operation(_Part, frozen=True):
    """One operation on the target.

    ``path`` is below ``/sys``, or what the operation was about; in ``data`` each character is one byte written;
    ``result`` is what came back, in words: a count, a text, the name of an errno.
    """

    op: str
    path: str
    result: str
    data: str | None = None


class Failure(_Part, frozen=True):
    """The step that failed, what it expected and what it saw."""

    step: str
    expected: str
    seen: str


class Scenario(_Line, tag="scenario", frozen=True):
    """One scenario: its requirement, its title (with the row's name in brackets), its verdict, seconds it took."""

    requirement: str
    scenario: str
    verdict: Verdict
    duration: Annotated[float, msgspec.Meta(ge=0)]
    operations: list[Operation]
    reason: str | None = None
    failure: Failure | None = None


class RequirementCounts(_Part, frozen=True):
    """Requirements of each verdict, by level."""

    must: dict[Verdict, NonNegative] = {}
    should: dict[Verdict, NonNegative] = {}
    may: dict[Verdict, NonNegative] = {}


class Counts(_Part, frozen=True):
    """Scenarios of each verdict, and requirements."""

    scenarios: dict[Verdict, NonNegative]
    requirements: RequirementCounts


class Footer(_Line, tag="footer", frozen=True):
    """The end of a run that came to its end."""

    counts: Counts
    finished: Timestamp


Line = Header | Scenario | Footer


@dataclass(frozen=True, slots=True)
class Results:
    """A whole file of results."""

    path: str
    header: Header
    scenarios: tuple[Scenario, ...]
    footer: Footer

    def requirements(self) -> dict[str, Verdict]:
        """The verdict of each requirement that was run."""
        return requirement_verdicts(self.header, self.scenarios)


def requirement_verdicts(header: Header, scenarios: Iterable[Scenario]) -> dict[str, Verdict]:
    """The verdict of each requirement, in the order of the scenarios."""
    pairs = ((each.requirement, each.verdict) for each in scenarios)
    return verdicts.of_requirements(pairs, header.expected_to_fail())


def count(header: Header, scenarios: Collection[Scenario], levels: Mapping[str, Level]) -> Counts:
    """The counts of a footer; ``levels`` gives the level of each requirement that was run."""
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
    """One line with its newline."""
    return _ENCODER.encode(line) + b"\n"


def decode(data: bytes) -> Line:
    """One line; :class:`ResultsError` where it is none."""
    try:
        line: Line = _DECODER.decode(data)
        return line
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise ResultsError(str(error)) from None


def schema() -> dict[str, Any]:
    """The JSON Schema of one line, as shipped in ``results.schema.json``."""
    found: dict[str, Any] = msgspec.json.schema(Line)
    for definition in found["$defs"].values():
        # Python 3.13 takes the indentation out of docstrings itself; the file must not depend on that.
        definition["description"] = inspect.cleandoc(definition["description"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A line of a file of mdevref results",
        **found,
    }


def read(path: Path, known: Collection[str] | None = None) -> Results:
    """Read a file of results; :class:`ResultsError`, as ``file:line: reason``, where it cannot be trusted.

    ``known`` are the ids of the spec's requirements: any other is an error. None: whatever stands there is taken.
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
            raise ResultsError(f"{where}: something follows the footer")
        try:
            line = decode(data)
        except ResultsError as error:
            cut = "" if data.endswith(b"\n") else " (the file ends within this line)"
            raise ResultsError(f"{where}: {error}{cut}") from None
        if isinstance(line, Header) == bool(header):
            raise ResultsError(f"{where}: " + ("a second header" if header else "the first line is no header"))
        if isinstance(line, Header):
            header = line
        elif isinstance(line, Footer):
            footer = line
        else:
            key = (line.requirement, line.scenario)
            if key in scenarios:
                raise ResultsError(f"{where}: the scenario {line.scenario!r} of {line.requirement} stands twice")
            if known is not None and line.requirement not in known:
                raise ResultsError(f"{where}: the spec knows no requirement {line.requirement!r}")
            scenarios[key] = line
    if header is None:
        raise ResultsError(f"{name}: the file is empty")
    if footer is None:
        raise ResultsError(f"{name}:{number}: the file ends without a footer: the run did not come to its end")
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
        raise ResultsError(f"{results.path}:{line}: the counts of the footer are not those of the lines above it")
