"""What a spec consists of: chapters, sections, requirements, scenarios, tables of cases. Plain values, no docutils."""

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
    """A line of a file of the spec, named as below ``spec/``."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its keyword (Given, When, Then, And, But), its text, and the lines of its table or text, if any."""

    keyword: str
    text: str
    attached: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario, or an outline where ``cases`` names a table; its steps in order."""

    title: str
    steps: tuple[Step, ...]
    cases: str | None
    place: Place


@dataclass(frozen=True, slots=True)
class Cases:
    """A table of cases: ``columns[0]`` is ``case``, the name of the row; cells are as written, escapes included."""

    id: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Requirement:
    """One obligation. ``clause`` is its plain text; ``keywords`` are the RFC 2119 keywords that stand in it.

    ``prose`` is the clause for lints of its wording: each word of a literal is masked by a dot.
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
    """A defect of the source document, in its section or in some of its statements, and what would correct it.

    ``facts`` are the names that document, spec and reference do not agree on because of it (``ops/owner``).
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
    """A section of a chapter that states requirements; it becomes one feature."""

    title: str
    slug: str
    requirements: tuple[Requirement, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """A file of the spec, by its name without ``.rst``; sections in the order of the text."""

    name: str
    title: str
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Spec:
    """The whole spec; ``cases`` by their id, ``checksum`` the sha256 of its text."""

    chapters: tuple[Chapter, ...]
    cases: Mapping[str, Cases]
    checksum: str
    errata: tuple[Erratum, ...] = ()

    def requirements(self) -> Iterator[Requirement]:
        """Every requirement, in the order of the text."""
        for chapter in self.chapters:
            for section in chapter.sections:
                yield from section.requirements


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something wrong with the spec or with what is made of it: file and line to look at, and what it is."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}" if self.line else f"{self.file}: {self.text}"


class SpecError(BadInput):
    """The spec cannot be used; one line a problem."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems
