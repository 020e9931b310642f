"""What is wrong with a spec that can be read: each finding is an error, with the file and the line to look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from mdevref.suite.data import shown
from mdevref.suite.interface.terms import Level
from mdevref.suite.spec import clause_lints
from mdevref.suite.spec.catalogue import Catalogue, Definition, steps
from mdevref.suite.spec.derivation import GHERKIN_LINE, concrete, placeholders
from mdevref.suite.spec.model import Cases, Place, Problem, Requirement, Scenario, Spec

_LEVEL_OF: dict[str, Level] = {
    "MUST": "must", "MUST NOT": "must", "SHALL": "must", "SHALL NOT": "must", "REQUIRED": "must",
    "SHOULD": "should", "SHOULD NOT": "should", "RECOMMENDED": "should", "NOT RECOMMENDED": "should",
    "MAY": "may", "OPTIONAL": "may",
}  # fmt: skip


def lint(
    spec: Spec, spec_dir: Path, catalogue: Catalogue | None = None, steps_dir: Path | None = None
) -> list[Problem]:
    """Everything wrong with the spec, and with its steps where a ``catalogue`` is given, by file and line."""

    def problem(place: Place, text: str) -> Problem:
        return Problem(shown(spec_dir / place.file), place.line, text)

    found = [problem(place, text) for place, text in _spec_findings(spec)]
    if catalogue is not None:
        unused = set(catalogue.definitions)
        for (kind, text), users in steps(spec).items():
            matching = catalogue.matching(kind, text)
            unused.difference_update(matching)
            if len(matching) != 1:
                found += [problem(use.place, f"{use.requirement}: {_said(kind, text, matching)}") for use in users]
        for definition in unused:
            path = shown((steps_dir or Path("steps")) / f"{definition.module}.py")
            found.append(Problem(path, definition.line, f"no scenario uses: {definition.type} {definition.pattern!r}"))
    return sorted(set(found))


def _said(kind: str, text: str, matching: list[Definition]) -> str:
    if not matching:
        return f"no step definition matches: {kind.title()} {text}"
    patterns = " and ".join(f"{each.module}.py:{each.line} {each.pattern!r}" for each in matching)
    return f"{len(matching)} step definitions match: {kind.title()} {text}: {patterns}"


Finding = tuple[Place, str]


def _spec_findings(spec: Spec) -> Iterator[Finding]:
    first: dict[str, Requirement] = {}
    for requirement in spec.requirements():
        if requirement.id in first:
            place = first[requirement.id].place
            yield requirement.place, f"{requirement.id}: duplicate id; first used in {place.file}:{place.line}"
        first.setdefault(requirement.id, requirement)
        for text in (*_clause(requirement), *clause_lints.findings(requirement.prose), *_basis(requirement)):
            yield requirement.place, f"{requirement.id}: {text}"
        yield from _scenarios(requirement, spec)
    for table in spec.cases.values():
        yield from ((table.place, f"cases {table.id}: {text}") for text in _rows(table))


def _clause(requirement: Requirement) -> Iterator[str]:
    keywords = requirement.keywords
    if len(keywords) != 1:
        said = f"{len(keywords)} keywords ({', '.join(keywords)})" if keywords else "no keyword"
        yield f"a clause has exactly one RFC 2119 keyword; this one has {said}"
    elif _LEVEL_OF[keywords[0]] != requirement.level:
        yield f"keyword {keywords[0]} does not match level {requirement.level}"
    if any(GHERKIN_LINE.match(paragraph) for paragraph in requirement.clause.split("\n\n")):
        yield "a paragraph of the clause starts like a line of Gherkin (#, @, |, Rule: ...)"
    if requirement.level == "must" and not requirement.scenarios:
        yield "a MUST needs a scenario"


def _basis(requirement: Requirement) -> Iterator[str]:
    if requirement.basis == "document":
        if not requirement.sources:
            yield "basis document: :source: must name its statements"
        if requirement.releases:
            yield "basis document: :releases: is not allowed; list a kernel that deviates in its ledger"
    for key, count in Counter(requirement.sources).items():
        if count > 1:
            yield f"duplicate source {key}"


def _scenarios(requirement: Requirement, spec: Spec) -> Iterator[Finding]:
    titles: set[str] = set()
    for scenario in requirement.scenarios:
        where = f"{requirement.id}: {scenario.title!r}"
        if scenario.cases is not None and scenario.cases not in spec.cases:
            yield scenario.place, f"{where}: unknown cases {scenario.cases!r}"
            continue
        if scenario.cases is not None:
            yield from ((scenario.place, f"{where}: {text}") for text in _outline(scenario, spec.cases[scenario.cases]))
        for instance in concrete(scenario, spec.cases):
            if instance.title in titles:
                yield scenario.place, f"{requirement.id}: duplicate title {instance.title!r}"
            titles.add(instance.title)


def _outline(scenario: Scenario, table: Cases) -> Iterator[str]:
    named = placeholders(scenario)
    for name in sorted(named - set(table.columns)):
        yield f"unknown column <{name}> of the cases {table.id!r}"
    if not named & set(table.columns):
        yield f"no column of the cases {table.id!r} is used: every row would be the same scenario"


def _rows(table: Cases) -> Iterator[str]:
    names = Counter(row[0] for row in table.rows)
    if "" in names:
        yield "a row has no name (first column)"
    yield from (f"two rows are named {name!r}" for name, count in names.items() if name and count > 1)
    for row in table.rows:
        for cell in row:
            if any(f"<{column}>" in cell for column in table.columns):
                yield f"cell {cell!r} would be read as a placeholder"
