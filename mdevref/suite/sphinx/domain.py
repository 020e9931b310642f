"""The domain ``mdev``: where each requirement, table of cases and erratum of the spec stands, and its clauses."""

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
from mdevref.suite.trace.account import Account

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """A requirement as the site shows it: its value, its obligation as HTML, the page and the titles above it."""

    requirement: Requirement
    clause: Markup
    docname: str
    chapter: str
    section: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table of cases and the page that renders it."""

    cases: Cases
    docname: str

    @property
    def anchor(self) -> str:
        return f"cases-{self.cases.id}"


class RequirementRole(XRefRole):
    """``:req:`create.duplicate-uuid```, in every document without the domain's name before it."""

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
    # readers: the pages that show something of requirements, so that they are written again when those change.
    initial_data: ClassVar[dict[str, Any]] = {
        "entries": {}, "tables": {}, "errata": {}, "places": {}, "readers": set(),
    }  # fmt: skip

    # Of this build only: a domain's data is kept for the next one, its attributes are not.
    runs: Sequence[Run] = ()
    inputs: Mapping[str, str] | None = None  #: what the pages are written from, see freshness
    account: Account | None = None  #: what the spec says of the source document, see coverage

    @property
    def entries(self) -> dict[str, Entry]:
        return cast("dict[str, Entry]", self.data["entries"])

    @property
    def tables(self) -> dict[str, Table]:
        return cast("dict[str, Table]", self.data["tables"])

    @property
    def errata(self) -> dict[str, tuple[Erratum, str]]:
        """Each erratum and its page, by id."""
        return cast("dict[str, tuple[Erratum, str]]", self.data["errata"])

    @property
    def places(self) -> dict[str, str]:
        """The page that each overview stands on, by the name of its directive."""
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
                _log.warning("the cases %s stand in %s too", table.cases.id, earlier.docname, location=node)
            self.tables[table.cases.id] = table
            node["ids"] = [table.anchor]
        chapter = next((title.astext() for title in document.findall(nodes.title)), docname)
        for box in document.findall(requirement_node):
            requirement: Requirement = box["requirement"]
            if earlier_entry := self.entries.get(requirement.id):
                _log.warning("%s stands in %s too", requirement.id, earlier_entry.docname, location=box)
            clause = clause_of(box)
            for part in clause:
                _mark_keywords(part)
            box["ids"] = [requirement.id]
            # The first paragraph obliges; what follows explains, and stays on the requirement's own page.
            self.entries[requirement.id] = Entry(
                requirement, inline_html(clause[0]), docname, chapter, _section_title(box, chapter)
            )
        for defect in document.findall(erratum_node):
            erratum: Erratum = defect["erratum"]
            if erratum.id in self.errata:
                _log.warning("the erratum %s stands in %s too", erratum.id, self.errata[erratum.id][1], location=defect)
            self.errata[erratum.id] = erratum, docname
            defect["ids"] = [erratum.id]
        if any(any(True for _ in document.findall(kind)) for kind in (requirement_node, cases_node, erratum_node)):
            self.readers.add(docname)

    def check_consistency(self) -> None:
        for entry in self.entries.values():
            for scenario in entry.requirement.scenarios:
                if scenario.cases is not None and scenario.cases not in self.tables:
                    text = "%s: no table of cases is named %s"
                    _log.warning(text, entry.requirement.id, scenario.cases, location=entry.docname)
        for erratum, docname in self.errata.values():
            for id in erratum.requirements:
                if id not in self.entries:
                    _log.warning("erratum %s: there is no requirement %s", erratum.id, id, location=docname)

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
        """Requirement id -> display number. Ask only once everything has been read: it is counted once a build."""
        return {entry.requirement.id: number for number, entry in self.in_order()}

    def in_order(self) -> list[tuple[str, Entry]]:
        """Every requirement with its display number (chapter, then count within it), in the order of the toctrees.

        A chapter without requirements has a number too: chapters are counted as the reader of the contents does.
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
    """The domain of an environment."""
    return cast(MdevDomain, env.domains[MdevDomain.name])


def clause_of(node: nodes.Element) -> list[nodes.Element]:
    """The children of a requirement that state it: all but its scenarios."""
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
    """The wanted pages in the order of the toctrees, each with its place in the toctree that lists it."""
    seen: set[str] = set()

    def walk(docname: str) -> Iterator[tuple[int, str]]:
        for place, child in enumerate(env.toctree_includes.get(docname, []), 1):
            if child not in seen:
                seen.add(child)
                if child in wanted:
                    yield place, child
                yield from walk(child)

    yield from walk(env.config.root_doc)
    # A page outside of every toctree is Sphinx's warning to give; its requirements are not to vanish for that.
    yield from ((0, docname) for docname in sorted(wanted - seen))
