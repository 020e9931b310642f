"""The Sphinx domain ``mdev``: the requirements, tables of cases and errata of the spec, and the pages they are on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, cast

from docutils import nodes
from markupsafe import Markup
from sphinx.addnodes import pending_xref
from sphinx.builders import Builder
from sphinx.domains import Domain, ObjType
from sphinx.environment import BuildEnvironment
from sphinx.roles import XRefRole
from sphinx.util import logging
from sphinx.util.nodes import make_refnode

from mdevref.suite.spec.directives import KEYWORD, cases_node, erratum_node, requirement_node
from mdevref.suite.spec.model import Cases, Erratum, Requirement
from mdevref.suite.sphinx.markup import inline_html
from mdevref.suite.sphinx.runs import Run
from mdevref.suite.sphinx.terms import Terms
from mdevref.suite.trace.account import Account

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """A requirement as the site shows it, with its clause as HTML, its page, and the titles of chapter and section."""

    requirement: Requirement
    clause: Markup
    docname: str
    chapter: str
    section: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table of cases and the page that contains it."""

    cases: Cases
    docname: str

    @property
    def anchor(self) -> str:
        return f"cases-{self.cases.id}"


class RequirementRole(XRefRole):
    """The role ``:req:`create.duplicate-uuid```, which needs no domain prefix."""

    def create_xref_node(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        self.refdomain, self.reftype = MdevDomain.name, "req"
        self.classes = ["xref", "mdev", "mdev-req"]
        domain_of(self.env).data["readers"].add(self.env.docname)
        return super().create_xref_node()


class MdevDomain(Domain):
    name = "mdev"
    label = "mdev requirements"
    object_types: ClassVar[dict[str, ObjType]] = {
        "requirement": ObjType("requirement", "req"),
        "cases": ObjType("table of cases", "cases"),
        "erratum": ObjType("erratum", "erratum"),
    }
    # readers: the pages that show data of requirements, and must be written again when these change.
    initial_data: ClassVar[dict[str, Any]] = {
        "entries": {}, "tables": {}, "errata": {}, "places": {}, "readers": set(),
    }  # fmt: skip

    # These attributes belong to this build only. Sphinx keeps ``data`` for the next build, but no attributes.
    runs: Sequence[Run] = ()
    inputs: Mapping[str, str] | None = None  #: digests of the inputs of the pages, see freshness
    account: Account | None = None  #: how the spec covers the source document, see coverage

    @property
    def entries(self) -> dict[str, Entry]:
        return cast("dict[str, Entry]", self.data["entries"])

    @property
    def tables(self) -> dict[str, Table]:
        return cast("dict[str, Table]", self.data["tables"])

    @property
    def errata(self) -> dict[str, tuple[Erratum, str]]:
        """Return each erratum with its page, by id."""
        return cast("dict[str, tuple[Erratum, str]]", self.data["errata"])

    @property
    def places(self) -> dict[str, str]:
        """Return the page of each overview, by the name of its directive."""
        return cast("dict[str, str]", self.data["places"])

    @property
    def readers(self) -> set[str]:
        return cast("set[str]", self.data["readers"])

    def clear_doc(self, docname: str) -> None:
        self.data["entries"] = {id: entry for id, entry in self.entries.items() if entry.docname != docname}
        self.data["tables"] = {id: table for id, table in self.tables.items() if table.docname != docname}
        self.data["errata"] = {id: found for id, found in self.errata.items() if found[1] != docname}
        self.data["places"] = {kind: page for kind, page in self.places.items() if page != docname}
        self.readers.discard(docname)

    def merge_domaindata(self, docnames: Set[str], otherdata: dict[str, Any]) -> None:
        self.entries.update({id: entry for id, entry in otherdata["entries"].items() if entry.docname in docnames})
        self.tables.update({id: table for id, table in otherdata["tables"].items() if table.docname in docnames})
        self.errata.update({id: found for id, found in otherdata["errata"].items() if found[1] in docnames})
        self.places.update({kind: page for kind, page in otherdata["places"].items() if page in docnames})
        self.readers.update(otherdata["readers"] & docnames)

    def process_doc(self, env: BuildEnvironment, docname: str, document: nodes.document) -> None:  # noqa: ARG002  # Sphinx's
        for node in document.findall(cases_node):
            table = Table(node["cases"], docname)
            if earlier := self.tables.get(table.cases.id):
                _log.warning(
                    "the table of cases %s is already defined in %s", table.cases.id, earlier.docname, location=node
                )
            self.tables[table.cases.id] = table
            node["ids"] = [table.anchor]
        chapter = next((title.astext() for title in document.findall(nodes.title)), docname)
        for box in document.findall(requirement_node):
            requirement: Requirement = box["requirement"]
            if earlier_entry := self.entries.get(requirement.id):
                _log.warning("%s is already defined in %s", requirement.id, earlier_entry.docname, location=box)
            clause = clause_of(box)
            for part in clause:
                _mark_keywords(part)
            box["ids"] = [requirement.id]
            # Overviews only show the first paragraph, which is normative. The others explain it.
            self.entries[requirement.id] = Entry(
                requirement, inline_html(clause[0]), docname, chapter, _section_title(box, chapter)
            )
        for defect in document.findall(erratum_node):
            erratum: Erratum = defect["erratum"]
            if erratum.id in self.errata:
                _log.warning(
                    "the erratum %s is already defined in %s", erratum.id, self.errata[erratum.id][1], location=defect
                )
            self.errata[erratum.id] = erratum, docname
            defect["ids"] = [erratum.id]
        if any(any(True for _ in document.findall(kind)) for kind in (requirement_node, cases_node, erratum_node)):
            self.readers.add(docname)

    def check_consistency(self) -> None:
        for entry in self.entries.values():
            for scenario in entry.requirement.scenarios:
                if scenario.cases is not None and scenario.cases not in self.tables:
                    text = "%s: table of cases %s not found"
                    _log.warning(text, entry.requirement.id, scenario.cases, location=entry.docname)
        for erratum, docname in self.errata.values():
            for id in erratum.requirements:
                if id not in self.entries:
                    _log.warning("erratum %s: requirement %s not found", erratum.id, id, location=docname)

    def resolve_xref(
        self,
        env: BuildEnvironment,  # noqa: ARG002  # Sphinx's signature
        fromdocname: str,
        builder: Builder,
        typ: str,
        target: str,
        node: pending_xref,  # noqa: ARG002  # Sphinx's signature
        contnode: nodes.Element,
    ) -> nodes.reference | None:
        if typ != "req" or (entry := self.entries.get(target)) is None:
            return None
        return make_refnode(builder, fromdocname, entry.docname, target, contnode, entry.requirement.clause)

    def resolve_any_xref(
        self,
        env: BuildEnvironment,
        fromdocname: str,
        builder: Builder,
        target: str,
        node: pending_xref,
        contnode: nodes.Element,
    ) -> list[tuple[str, nodes.reference]]:
        found = self.resolve_xref(env, fromdocname, builder, "req", target, node, contnode)
        return [("mdev:req", found)] if found else []

    def get_objects(self) -> Iterator[tuple[str, str, str, str, str, int]]:
        for id, entry in self.entries.items():
            yield id, id, "requirement", entry.docname, id, 1
        for id, table in self.tables.items():
            yield id, table.cases.caption, "cases", table.docname, table.anchor, 2
        for id, (erratum, docname) in self.errata.items():
            yield id, erratum.title, "erratum", docname, id, 2

    @cached_property
    def numbers(self) -> dict[str, str]:
        """Return the display number of each requirement by id. It is computed once; use it after all pages are read."""
        return {entry.requirement.id: number for number, entry in self.in_order()}

    @cached_property
    def terms(self) -> Terms:
        """Return the terms of the glossary. They are computed once; use them after all pages are read."""
        objects = self.env.domains.standard_domain.objects
        return Terms({name: place for (kind, name), place in objects.items() if kind == "term"})

    def in_order(self) -> list[tuple[str, Entry]]:
        """Return every requirement with its display number (chapter and position), in the order of the toctrees.

        Chapters without requirements are counted too, so that the numbers agree with the table of contents.
        """
        by_page: dict[str, list[Entry]] = {}
        for entry in self.entries.values():
            by_page.setdefault(entry.docname, []).append(entry)
        numbered: list[tuple[str, Entry]] = []
        for chapter, docname in _chapters(self.env, set(by_page)):
            entries = sorted(by_page[docname], key=lambda entry: entry.requirement.place.line)
            numbered += [(f"{chapter}.{count}", entry) for count, entry in enumerate(entries, 1)]
        return numbered


def domain_of(env: BuildEnvironment) -> MdevDomain:
    """Return the ``mdev`` domain of an environment."""
    return cast(MdevDomain, env.domains[MdevDomain.name])


def clause_of(node: nodes.Element) -> list[nodes.Element]:
    """Return the children of a requirement except its scenarios: the clause and its explanation."""
    return [
        child
        for child in node.children
        if isinstance(child, nodes.Element)
        and "scenario" not in child.attributes
        and not isinstance(child, nodes.comment | nodes.system_message)
    ]


def _section_title(node: nodes.Node, otherwise: str) -> str:
    while node.parent is not None:
        node = node.parent
        if isinstance(node, nodes.section):
            return node[0].astext()
    return otherwise


def _mark_keywords(part: nodes.Element) -> None:
    for text in list(part.findall(nodes.Text)):
        if isinstance(text.parent, nodes.literal | nodes.literal_block):
            continue
        pieces: Iterable[str] = KEYWORD.split(text.astext())
        marked = [
            nodes.strong(piece, piece, classes=["keyword"]) if KEYWORD.fullmatch(piece) else nodes.Text(piece)
            for piece in pieces
            if piece
        ]
        if len(marked) > 1:
            text.parent.replace(text, marked)


def _chapters(env: BuildEnvironment, wanted: set[str]) -> Iterator[tuple[int, str]]:
    """Yield the wanted pages in the order of the toctrees, each with its position in the toctree that lists it."""
    seen: set[str] = set()

    def walk(docname: str) -> Iterator[tuple[int, str]]:
        for place, child in enumerate(env.toctree_includes.get(docname, []), 1):
            if child not in seen:
                seen.add(child)
                if child in wanted:
                    yield place, child
                yield from walk(child)

    yield from walk(env.config.root_doc)
    # Sphinx warns about a page outside of every toctree. Its requirements are listed nevertheless.
    yield from ((0, docname) for docname in sorted(wanted - seen))
