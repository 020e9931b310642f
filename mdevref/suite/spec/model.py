"""The parts of a spec as plain values: chapters, sections, requirements, scenarios, tables of cases and errata."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from mdevref.suite.errors import BadInput
from mdevref.suite.interface.releases import Releases
from mdevref.suite.interface.terms import Interface, Level

Basis = Literal["document", "kernel"]

BASES: tuple[Basis, ...] = get_args(Basis)

REQUIREMENT_ID = re.compile(r"[a-z][a-z0-9-]*(\.[a-z0-9-]+)+")
SOURCE_KEY = re.compile(r"(?P<section>[a-z0-9][a-z0-9-]*)/[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file of the spec; ``file`` is relative to ``spec/``."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its keyword (Given, When, Then, And, But), its text, and the lines of an attached table or text."""

    keyword: str
    text: str
    attached: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario with its steps in order; it is an outline if ``cases`` names a table."""

    title: str
    steps: tuple[Step, ...]
    cases: str | None
    place: Place


@dataclass(frozen=True, slots=True)
class Cases:
    """A table of cases. ``columns[0]`` is ``case``, the name of the row; cells keep their escapes."""

    id: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Requirement:
    """One obligation. ``clause`` is its plain text; ``keywords`` are the RFC 2119 keywords in the clause.

    ``prose`` is the clause for the lints of its wording, with a dot for each word of a literal.
    """

    id: str
    level: Level
    interface: Interface
    basis: Basis
    releases: Releases | None
    sources: tuple[str, ...]
    clause: str
    keywords: tuple[str, ...]
    scenarios: tuple[Scenario, ...]
    place: Place
    prose: str = ""


@dataclass(frozen=True, slots=True)
class Erratum:
    """A defect of the source document, in a section or in some of its statements.

    ``facts`` are the names on which document, spec and reference disagree because of it (``ops/owner``).
    """

    id: str
    title: str
    section: str
    sources: tuple[str, ...]
    requirements: tuple[str, ...]
    facts: tuple[str, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a chapter that contains requirements; one feature is derived from it."""

    title: str
    slug: str
    requirements: tuple[Requirement, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """A file of the spec: its name without ``.rst``, and its sections in the order of the text."""

    name: str
    title: str
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Spec:
    """The whole spec. ``cases`` are by id; ``checksum`` is the sha256 of the text."""

    chapters: tuple[Chapter, ...]
    cases: Mapping[str, Cases]
    checksum: str
    errata: tuple[Erratum, ...] = ()

    def requirements(self) -> Iterator[Requirement]:
        """Yield every requirement, in the order of the text."""
        for chapter in self.chapters:
            for section in chapter.sections:
                yield from section.requirements


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """A problem of the spec or of a file derived from it: the file, the line (0 for the whole file), and the text."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}" if self.line else f"{self.file}: {self.text}"


class SpecError(BadInput):
    """The spec is invalid; the message has one line for each problem."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems
