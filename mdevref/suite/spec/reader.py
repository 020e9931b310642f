"""Read the spec: each chapter that ``spec/index.rst`` lists, with the directives of the Sphinx extension."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.frontend import get_default_settings
from docutils.parsers.rst import Directive, Parser, directives, roles
from docutils.utils import new_document

from mdevref.suite import data
from mdevref.suite.data import shown
from mdevref.suite.spec.directives import (
    DIRECTIVES,
    CasesDirective,
    RequirementDirective,
    ScenarioDirective,
    ScenarioOutlineDirective,
    cases_node,
    erratum_node,
    requirement_node,
    scenario_node,
)
from mdevref.suite.spec.model import Cases, Chapter, Erratum, Problem, Requirement, Scenario, Section, Spec, SpecError

__all__ = [
    "DIRECTIVES",
    "Cases",
    "CasesDirective",
    "Chapter",
    "Problem",
    "Requirement",
    "RequirementDirective",
    "Scenario",
    "ScenarioDirective",
    "ScenarioOutlineDirective",
    "Section",
    "Spec",
    "SpecError",
    "cases_node",
    "read",
    "requirement_node",
    "scenario_node",
]

_TOCTREE_ENTRY = re.compile(r"(?:.*<)?([^<>]+?)>?")


class _toctree(nodes.Invisible, nodes.Element):
    pass


class _Toctree(Directive):
    has_content = True
    option_spec = None

    def run(self) -> list[nodes.Node]:
        entries = [line.strip() for line in self.content if line.strip() and not line.strip().startswith(":")]
        return [_toctree("", entries=[match[1] for line in entries if (match := _TOCTREE_ENTRY.fullmatch(line))])]


class _Foreign(Directive):
    """A directive that only Sphinx knows: it is ignored, but must not contain a directive of the suite."""

    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[Any] = None

    def run(self) -> list[nodes.Node]:
        hidden = re.search(
            r"^\s*\.\. (requirement|scenario|scenario-outline|cases|erratum)::", self.block_text, re.MULTILINE
        )
        if hidden:
            raise self.error(f"a {hidden[1]} must not be inside the directive {self.name}")
        return []


def _foreign_role(
    _name: str, rawtext: str, text: str, *_: object
) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    """Return the text of a role that only Sphinx knows (a reference), or its title if it has one."""
    title = re.match(r"(.+?)\s*<[^<>]+>$", text, re.DOTALL)
    return [nodes.inline(rawtext, title[1] if title else text.lstrip("!~"))], []


@contextmanager
def _own_directives() -> Iterator[None]:
    """Replace the look-up of directives and roles, which is global in docutils, only while reading, as Sphinx does."""
    directive, role = directives.directive, roles.role

    def look_up_directive(name: str, language: Any, document: Any) -> Any:
        ours: type[Directive] | None = DIRECTIVES.get(name) or (_Toctree if name == "toctree" else None)
        if ours:
            return ours, []
        found, messages = directive(name, language, document)
        return (found, messages) if found else (_Foreign, [])

    def look_up_role(name: str, language: Any, lineno: int, reporter: Any) -> Any:
        found, messages = role(name, language, lineno, reporter)
        return (found, messages) if found else (_foreign_role, [])

    modules: tuple[Any, Any] = directives, roles
    modules[0].directive, modules[1].role = look_up_directive, look_up_role
    try:
        yield
    finally:
        modules[0].directive, modules[1].role = directive, role


def _parse(path: Path, problems: list[Problem]) -> nodes.document:
    settings = get_default_settings(Parser)
    settings.report_level, settings.halt_level, settings.warning_stream = 5, 5, False
    settings.raw_enabled = False
    document = new_document(str(path), settings)

    def observe(message: nodes.system_message) -> None:
        if message["level"] >= 2:
            first = message.children[0].astext() if message.children else "invalid syntax"
            text = " ".join(re.sub(r'^Error in "[^"]*" directive:\s*', "", first).split())
            problems.append(Problem(shown(path), message.get("line") or 0, text))

    document.reporter.attach_observer(observe)
    try:
        text = path.read_text()
    except OSError as error:
        problems.append(Problem(shown(path), 0, error.strerror or str(error)))
    except UnicodeDecodeError:
        problems.append(Problem(shown(path), 0, "invalid UTF-8"))
    else:
        Parser().parse(text, document)
    return document


def _within(node: nodes.Element, kind: type[nodes.Element]) -> Iterator[nodes.Element]:
    """Yield the nodes of a kind below a section, without those of its subsections."""
    for child in node.children:
        if isinstance(child, kind):
            yield child
        elif isinstance(child, nodes.Element) and not isinstance(child, nodes.section):
            yield from _within(child, kind)


def _sections(node: nodes.Element) -> Iterator[Section]:
    for section in node.findall(nodes.section):
        found = tuple(child["requirement"] for child in _within(section, requirement_node))
        if found:
            title = " ".join(section[0].astext().split())
            yield Section(title, nodes.make_id(title), found)


def _chapter(path: Path, name: str, problems: list[Problem]) -> tuple[Chapter, list[Cases], list[Erratum]]:
    document = _parse(path, problems)
    first = next(document.findall(nodes.title), None)
    if first is None and path.is_file():
        problems.append(Problem(shown(path), 0, "missing title of the chapter"))
    chapter = Chapter(name, first.astext() if first is not None else name, tuple(_sections(document)))
    slugs = [section.slug for section in chapter.sections]
    for section in chapter.sections:
        if slugs.count(section.slug) > 1:
            line = section.requirements[0].place.line
            problems.append(Problem(shown(path), line, f"duplicate section title {section.title!r} in this chapter"))
    for stray in _within(document, requirement_node):
        problems.append(Problem(shown(path), stray.line or 0, "requirement outside of any section"))
    inside = sum(len(requirement.scenarios) for section in chapter.sections for requirement in section.requirements)
    if inside < sum(1 for _ in document.findall(scenario_node)):
        for node in document.findall(scenario_node):
            if node.parent is None or not any(isinstance(above, requirement_node) for above in _above(node)):
                problems.append(Problem(shown(path), node.line or 0, "scenario outside of any requirement"))
    tables = [node["cases"] for node in document.findall(cases_node)]
    return chapter, tables, [node["erratum"] for node in document.findall(erratum_node)]


def _above(node: nodes.Node) -> Iterator[nodes.Node]:
    while node.parent is not None:
        node = node.parent
        yield node


def read(spec_dir: Path) -> Spec:
    """Read the spec in ``spec_dir``. Raises :class:`SpecError`, which lists every syntax error by file and line.

    :mod:`mdevref.suite.spec.lints` checks the contents of the requirements.
    """
    problems: list[Problem] = []
    chapters: list[Chapter] = []
    cases: dict[str, Cases] = {}
    errata: list[Erratum] = []
    with _own_directives():
        index = _parse(spec_dir / "index.rst", problems)
        names = [entry for tree in index.findall(_toctree) for entry in tree["entries"]]
        for name in names:
            chapter, tables, defects = _chapter(spec_dir / f"{name}.rst", name, problems)
            chapters.append(chapter)
            errata += defects
            for table in tables:
                if table.id in cases:
                    first = cases[table.id].place
                    text = f"duplicate cases {table.id!r}; first defined in {first.file}:{first.line}"
                    problems.append(Problem(shown(spec_dir / table.place.file), table.place.line, text))
                cases.setdefault(table.id, table)
    for path in sorted(spec_dir.glob("*.rst")):
        if path.stem not in (*names, "index"):
            problems.append(Problem(shown(path), 0, "chapter missing in the toctree of index.rst"))
    if problems:
        raise SpecError(sorted(set(problems)))
    return Spec(tuple(chapters), cases, data.spec_checksum(spec_dir), tuple(errata))
