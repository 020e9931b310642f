"""Derive the features: each section of the spec becomes a feature, and each requirement becomes a rule."""

from __future__ import annotations

import difflib
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mdevref.suite.interface.releases import format_release as release
from mdevref.suite.spec.model import Cases, Chapter, Problem, Requirement, Scenario, Section, Spec, SpecError, Step

_HEADER = "# Derived from spec/{chapter}.rst by `mdevref derive`; edit the spec, not this file."
_DERIVED = re.compile(r"# Derived from spec/\S+ by `mdevref derive`")
_PLACEHOLDER = re.compile(r"<([^<>]+)>")
#: The beginnings of a line of a clause that Gherkin would parse as its own syntax.
GHERKIN_LINE = re.compile(
    r"[#@|]|\"\"\"|(Feature|Rule|Background|Scenario|Scenario Outline|Scenario Template|Examples?):"
)
_WIDTH = 100


@dataclass(frozen=True, slots=True)
class Concrete:
    """A scenario as it is run: its title (with the row's name, for an outline), and (type, text) of each step."""

    title: str
    steps: tuple[tuple[str, str], ...]


def placeholders(scenario: Scenario) -> frozenset[str]:
    """Return the names in angle brackets in an outline's title and steps."""
    texts = [scenario.title, *(line for step in scenario.steps for line in (step.text, *step.attached))]
    return frozenset(name for text in texts for name in _PLACEHOLDER.findall(text))


def concrete(scenario: Scenario, cases: Mapping[str, Cases]) -> Iterator[Concrete]:
    """Yield the scenarios that behave expands this one to; none if its table is unknown."""
    typed: list[tuple[str, str]] = []
    for step in scenario.steps:
        typed.append((typed[-1][0] if step.keyword in ("And", "But") else step.keyword.lower(), step.text))
    if scenario.cases is None:
        yield Concrete(scenario.title, tuple(typed))
    elif table := cases.get(scenario.cases):
        for row in table.rows:
            values = [(name, cell.replace("\\|", "|")) for name, cell in zip(table.columns, row, strict=True)]
            yield Concrete(_fill(f"{scenario.title} [<case>]", values), tuple((t, _fill(s, values)) for t, s in typed))


def _fill(text: str, values: list[tuple[str, str]]) -> str:
    for name, value in values:
        text = text.replace(f"<{name}>", value)
    return text


def features(spec: Spec) -> dict[str, str]:
    """Return the text of each feature by its path below ``features/``."""
    return {
        f"{chapter.name}/{section.slug}.feature": "\n".join(_feature(chapter, section, spec.cases)) + "\n"
        for chapter in spec.chapters
        for section in chapter.sections
    }


def tags(requirement: Requirement) -> list[str]:
    """Return the tags of a requirement's rule: id, level, interface, basis, and the ends of its range of releases."""
    found = [requirement.id, requirement.level, requirement.interface, f"basis.{requirement.basis}"]
    if requirement.releases and requirement.releases.since:
        found.append(f"since.{release(requirement.releases.since)}")
    if requirement.releases and requirement.releases.until:
        found.append(f"until.{release(requirement.releases.until)}")
    return found


def _feature(chapter: Chapter, section: Section, cases: Mapping[str, Cases]) -> Iterator[str]:
    yield _HEADER.format(chapter=chapter.name)
    yield f"Feature: {section.title}"
    for requirement in section.requirements:
        yield ""
        yield "  " + " ".join(f"@{tag}" for tag in tags(requirement))
        yield f"  Rule: {requirement.id}"
        yield from clause_lines(requirement.clause)
        for scenario in requirement.scenarios:
            yield ""
            yield from _scenario(scenario, cases)


def clause_lines(clause: str) -> Iterator[str]:
    """Yield the lines of a clause, wrapped such that no line begins with Gherkin syntax."""
    for number, paragraph in enumerate(clause.split("\n\n")):
        if number:
            yield ""
        lines: list[str] = []
        for line in textwrap.wrap(paragraph, _WIDTH, break_long_words=False, break_on_hyphens=False):
            if lines and GHERKIN_LINE.match(line):
                lines[-1] += f" {line}"
            else:
                lines.append(line)
        yield from (f"    {line}" for line in lines)


def _scenario(scenario: Scenario, cases: Mapping[str, Cases]) -> Iterator[str]:
    if scenario.cases is None:
        yield f"    Scenario: {scenario.title}"
    else:
        yield f"    Scenario Outline: {scenario.title} [<case>]"
    for step in scenario.steps:
        yield from _step(step)
    if scenario.cases is not None:
        table = cases[scenario.cases]
        used = [column for column in table.columns if column == "case" or column in placeholders(scenario)]
        rows = [table.columns, *table.rows]
        picked = [[row[table.columns.index(column)] for column in used] for row in rows]
        yield ""
        yield f"      Examples: {table.id}"
        widths = [max(len(row[i]) for row in picked) for i in range(len(used))]
        for row in picked:
            yield "        | " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"


def _step(step: Step) -> Iterator[str]:
    yield f"      {step.keyword} {step.text}"
    yield from (f"        {line}" for line in step.attached)


def _present(directory: Path) -> dict[str, str]:
    return {
        path.relative_to(directory).as_posix(): path.read_text() for path in sorted(directory.rglob("*.feature"))
    }  # fmt: skip


def difference(derived: Mapping[str, str], directory: Path) -> str:
    """Return a unified diff from the features in ``directory`` to the derived ones; empty if they are equal."""
    present = _present(directory)
    lines: list[str] = []
    for name in sorted({*present, *derived}):
        before, after = present.get(name), derived.get(name)
        lines += difflib.unified_diff(
            (before or "").splitlines(keepends=True),
            (after or "").splitlines(keepends=True),
            f"features/{name}" if before is not None else "/dev/null",
            f"features/{name} (derived)" if after is not None else "/dev/null",
        )
    return "".join(lines)


def write(derived: Mapping[str, str], directory: Path) -> list[str]:
    """Write the features that differ, remove those that are no longer derived, and return the names of both.

    Raises :class:`SpecError` if the directory contains a feature that was written by hand, which would be lost.
    """
    present = _present(directory)
    foreign = [name for name, text in present.items() if not _DERIVED.match(text)]
    if foreign:
        text = "not a feature derived from the spec: move it to another directory"
        raise SpecError([Problem(str(directory / name), 0, text) for name in foreign])
    changed = sorted(name for name in {*present, *derived} if present.get(name) != derived.get(name))
    for name in changed:
        path = directory / name
        if name in derived:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(derived[name])
        else:
            path.unlink()
            if not any(path.parent.iterdir()):
                path.parent.rmdir()
    return changed
