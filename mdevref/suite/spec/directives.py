"""The directives for requirements, scenarios, tables of cases and errata.

The reader of the spec and the Sphinx extension share them. Each directive returns a node that carries its value
(``node["requirement"]``, ``node["scenario"]``, ``node["cases"]``, ``node["erratum"]``). The extension renders the
nodes. Their names are in lower case, as those of docutils are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from operator import methodcaller
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from docutils import nodes
from docutils.parsers.rst import Directive, directives
from docutils.statemachine import StringList

from mdevref.suite.interface.releases import Releases
from mdevref.suite.interface.terms import INTERFACES, LEVELS
from mdevref.suite.spec.model import (
    BASES,
    REQUIREMENT_ID,
    SOURCE_KEY,
    Cases,
    Erratum,
    Place,
    Requirement,
    Scenario,
    Step,
)

KEYWORD = re.compile(
    r"\b(MUST NOT|MUST|SHALL NOT|SHALL|REQUIRED|SHOULD NOT|SHOULD|NOT RECOMMENDED|RECOMMENDED|MAY|OPTIONAL)\b"
)
_STEP = re.compile(r"(Given|When|Then|And|But)\s+(.+)")
_CASES_ID = re.compile(r"[a-z][a-z0-9-]*")
_Choice = TypeVar("_Choice", bound=str)


class requirement_node(nodes.General, nodes.Element):
    """A requirement; ``["requirement"]`` is a Requirement. Its children are its clause and its scenarios."""


class scenario_node(nodes.General, nodes.Element):
    """A scenario or an outline; ``["scenario"]`` is a Scenario. It has no children."""


class cases_node(nodes.General, nodes.Element):
    """A table of cases; ``["cases"]`` is a Cases. It has no children."""


class erratum_node(nodes.General, nodes.Element):
    """An erratum; ``["erratum"]`` is an Erratum. Its child is the list of its parts: wrong, known, correction."""


#: The parts of an erratum, in this order: the mistake, the evidence, the correction.
ERRATUM_PARTS = ("wrong", "known", "correction")


class _SuiteDirective(Directive):
    has_content = True
    required_arguments = 1
    final_argument_whitespace = True

    def title(self) -> str:
        return str(self.arguments[0])

    def run(self) -> list[nodes.Node]:
        source, line = self.state_machine.get_source_and_line(self.lineno)
        place = Place(Path(source or "").name, line or 0)
        try:
            return [self.build(place)]
        except ValueError as error:
            raise self.error(f"{self.name} {self.title()!r}: {error}") from None

    def build(self, place: Place) -> nodes.Node:
        raise NotImplementedError

    def needed(self, option: str) -> str:
        text: str = self.options.get(option) or ""
        if not text.strip():
            raise ValueError(f"missing option :{option}:")
        return text.strip()

    def words(self, option: str) -> tuple[str, ...]:
        return tuple(self.options.get(option, "").split())

    def sources(self) -> tuple[str, ...]:
        keys = self.words("source")
        for key in keys:
            if not SOURCE_KEY.fullmatch(key):
                raise ValueError(f":source: invalid statement {key} (expected a form like section-slug/1a2b3c4d)")
        return keys

    def choice(self, option: str, among: tuple[_Choice, ...]) -> _Choice:
        text = self.needed(option)
        for value in among:
            if value == text:
                return value
        raise ValueError(f":{option}: invalid value {text} (choose from {', '.join(among)})")


class RequirementDirective(_SuiteDirective):
    """``.. requirement:: id`` with its options, its clause and its scenarios."""

    option_spec: ClassVar[dict[str, Any]] = dict.fromkeys(
        ("level", "interface", "basis", "releases", "source"), directives.unchanged
    )

    def build(self, place: Place) -> nodes.Node:
        id = self.arguments[0]
        if not REQUIREMENT_ID.fullmatch(id):
            raise ValueError("invalid id (expected lower-case words joined by dots, like create.duplicate-uuid)")
        sources = self.sources()
        node = requirement_node()
        node.source, node.line = place.file, place.line
        self.state.nested_parse(self.content, self.content_offset, node)
        clause = [child for child in node.children if not isinstance(child, scenario_node | nodes.system_message)]
        text = "\n\n".join(part for child in clause for part in plain_text(child))
        prose = "\n\n".join(part for child in clause for part in plain_text(child, _masked))
        if not text:
            raise ValueError("missing clause")
        node["requirement"] = Requirement(
            id=id,
            level=self.choice("level", LEVELS),
            interface=self.choice("interface", INTERFACES),
            basis=self.choice("basis", BASES),
            releases=Releases.parse(self.options["releases"]) if "releases" in self.options else None,
            sources=sources,
            clause=text,
            keywords=tuple(KEYWORD.findall(prose)),
            scenarios=tuple(child["scenario"] for child in node.findall(scenario_node)),
            place=place,
            prose=prose,
        )
        return node


class ScenarioDirective(_SuiteDirective):
    """``.. scenario:: Title`` with its steps; a blank line between them is optional."""

    # A directive without arguments and options gets all lines, so that the title needs no blank line after it.
    required_arguments = 0
    outline = False

    def title(self) -> str:
        return " ".join(self.content[0].split()) if self.content else ""

    def build(self, place: Place) -> nodes.Node:
        lines, cases = list(self.content[1:]), None
        if option := next((line for line in lines if line.strip()), "").strip():
            name, _, value = option.partition(": ")
            if name == ":cases" and self.outline:
                lines.remove(next(line for line in lines if line.strip()))
                cases = value.strip()
        if self.outline and not cases:
            raise ValueError("missing option :cases: (an outline names its table there, before its steps)")
        node = scenario_node()
        node.source, node.line = place.file, place.line
        node["scenario"] = Scenario(self.title(), parse_steps(lines), cases, place)
        return node


class ScenarioOutlineDirective(ScenarioDirective):
    """``.. scenario-outline:: Title`` with ``:cases:`` and steps that name the table's columns in angle brackets."""

    outline = True


class CasesDirective(_SuiteDirective):
    """``.. cases:: id`` with ``:caption:`` and a table of ``|`` rows, whose first column is ``case``."""

    option_spec: ClassVar[dict[str, Any]] = {"caption": directives.unchanged}

    def build(self, place: Place) -> nodes.Node:
        id = self.arguments[0]
        if not _CASES_ID.fullmatch(id):
            raise ValueError("invalid id (expected lower-case words joined by hyphens, like accepted-uuids)")
        rows = [split_row(line) for line in self.content if line.strip()]
        if len(rows) < 2:
            raise ValueError("a table needs a line of column names and at least one row")
        columns, *body = rows
        if columns[0] != "case":
            raise ValueError(f"the first column must be 'case', the name of the row, not {columns[0]!r}")
        if len(set(columns)) != len(columns) or not all(columns):
            raise ValueError("empty or duplicate column name")
        for number, row in enumerate(body, 1):
            if len(row) != len(columns):
                raise ValueError(f"row {number} ({row[0]}) has {len(row)} cells for {len(columns)} columns")
        node = cases_node()
        node.source, node.line = place.file, place.line
        node["cases"] = Cases(id, self.needed("caption"), columns, tuple(body), place)
        return node


class ErratumDirective(_SuiteDirective):
    """``.. erratum:: id`` with its options, and a field list of its parts: mistake, evidence, correction."""

    option_spec: ClassVar[dict[str, Any]] = dict.fromkeys(
        ("title", "section", "source", "requirements", "facts"), directives.unchanged
    )

    def build(self, place: Place) -> nodes.Node:
        id = self.arguments[0]
        if not REQUIREMENT_ID.fullmatch(id):
            raise ValueError("invalid id (expected lower-case words joined by dots, like ops.close)")
        sources = self.sources()
        section = self.options.get("section", "").strip() or (sources[0].partition("/")[0] if sources else "")
        if not section:
            raise ValueError(
                "missing option: :source: (the statements that are wrong) or :section: (where one is missing)"
            )
        node = erratum_node()
        node.source, node.line = place.file, place.line
        self.state.nested_parse(self.content, self.content_offset, node)
        parts = tuple(field[0].astext() for field in node.findall(nodes.field) if field[1].astext().strip())
        if parts != ERRATUM_PARTS:
            raise ValueError(f"invalid parts {', '.join(parts) or '(none)'} (expected {', '.join(ERRATUM_PARTS)})")
        words = self.words("requirements"), self.words("facts")
        node["erratum"] = Erratum(id, self.needed("title"), section, sources, *words, place)
        return node


DIRECTIVES: dict[str, type[Directive]] = {
    "requirement": RequirementDirective,
    "scenario": ScenarioDirective,
    "scenario-outline": ScenarioOutlineDirective,
    "cases": CasesDirective,
    "erratum": ErratumDirective,
}


def split_row(line: str) -> tuple[str, ...]:
    """Return the stripped cells of ``| a | b |``; as in Gherkin, ``\\|`` does not separate cells.

    Raises ValueError if the line is not a row.
    """
    line = line.strip()
    if len(line) < 2 or not (line.startswith("|") and line.endswith("|")):
        raise ValueError(f"invalid row {line!r} (a row begins and ends with |)")
    return tuple(cell.strip() for cell in re.split(r"(?<!\\)\|", line[1:-1]))


def parse_steps(content: StringList | list[str]) -> tuple[Step, ...]:
    """Return the steps in the lines of a scenario. Raises ValueError for a line that is not a step."""
    steps: list[Step] = []
    quoting = False
    for line in content:
        text = line.strip()
        if quoting or text.startswith(("|", '"""')):
            if not steps:
                raise ValueError(f"{text!r} before the first step")
            last = steps[-1]
            steps[-1] = Step(last.keyword, last.text, (*last.attached, line.rstrip() if quoting else text))
            quoting ^= text.startswith('"""')
        elif match := _STEP.fullmatch(text):
            steps.append(Step(match[1], " ".join(match[2].split())))
        elif text:
            raise ValueError(f"invalid step {text!r} (a step begins with Given, When, Then, And or But)")
    if not steps:
        raise ValueError("missing steps")
    if steps[0].keyword in ("And", "But"):
        raise ValueError(f"the first step must not begin with {steps[0].keyword}")
    return tuple(steps)


def plain_text(node: nodes.Node, text: Callable[[nodes.Node], str] = methodcaller("astext")) -> Iterator[str]:
    """Yield the paragraphs of a clause without markup, each on one line; ``text`` returns the text of a node."""
    match node:
        case nodes.list_item():
            yield "* " + " ".join(text(node).split())
        case nodes.paragraph() | nodes.literal_block():
            yield " ".join(text(node).split())
        case nodes.comment() | nodes.target() | nodes.system_message():
            pass
        case nodes.Element():
            for child in node.children:
                yield from plain_text(child, text)


def _masked(node: nodes.Node) -> str:
    """Return the text with a dot for each word of a literal: a keyword in ``code`` states no obligation."""
    if isinstance(node, nodes.literal | nodes.literal_block):
        return re.sub(r"\S+", "·", node.astext())
    if isinstance(node, nodes.Text):
        return node.astext()
    separator = node.child_text_separator if isinstance(node, nodes.Element) else ""
    return separator.join(_masked(child) for child in node.children if not isinstance(child, nodes.comment))
