"""The HTML of requirements, scenarios and tables of cases on the pages of the spec."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.writers.html5 import HTML5Translator

from mdevref.suite.interface.releases import Releases
from mdevref.suite.spec.directives import scenario_node
from mdevref.suite.spec.model import Cases, Requirement, Scenario
from mdevref.suite.sphinx.coverage import COVERAGE, account, anchor_of
from mdevref.suite.sphinx.domain import MdevDomain, clause_of, domain_of
from mdevref.suite.sphinx.markup import macro, render
from mdevref.suite.sphinx.runs import Run

_FILE = "requirement.html"


def visit_requirement(self: HTML5Translator, node: nodes.Element) -> None:
    """Write a requirement: heading, clause, verdicts, and the folded scenarios."""
    requirement: Requirement = node["requirement"]
    # The heading is one level below that of the section, so that navigation by headings reaches every requirement.
    level = min(self.section_level + 1, 6)
    number = _domain(self).numbers[requirement.id]
    self.body.append(macro(_FILE, "head")(requirement, number, level, labels(requirement)))
    clause = clause_of(node)
    _domain(self).terms.link(clause, partial(_page, self))
    for child in clause:
        child.walkabout(self)
    self.body.append(macro(_FILE, "verdicts")(requirement, _shown(self, _domain(self).runs)))
    if requirement.sources:
        self.body.append(_sources(self, requirement))
    scenarios = [child for child in node.children if isinstance(child, scenario_node)]
    if scenarios:
        self.body.append(macro(_FILE, "fold")(len(scenarios)))
        for child in scenarios:
            child.walkabout(self)
        self.body.append("</details>\n")
    self.body.append("</div>\n</section>\n")
    raise nodes.SkipNode


def visit_scenario(self: HTML5Translator, node: nodes.Element) -> None:
    """Write a scenario: title, steps, a link to the table of an outline, and the runs in which it did not pass."""
    scenario: Scenario = node["scenario"]
    requirement: Requirement = node.parent["requirement"]
    domain = _domain(self)
    table = domain.tables.get(scenario.cases) if scenario.cases else None
    findings = [
        (run, uri, found)
        for run, uri in _shown(self, _domain(self).runs)
        if (found := run.not_passing(requirement.id, scenario.title))
    ]
    level = min(self.section_level + 2, 6)
    anchor = f"{requirement.id}--{nodes.make_id(scenario.title)}"
    href = f"{_page(self, table.docname)}#{table.anchor}" if table else ""
    self.body.append(macro(_FILE, "scenario")(scenario, anchor, level, table, href, requirement, findings))
    raise nodes.SkipNode


def visit_cases(self: HTML5Translator, node: nodes.Element) -> None:
    """Write a table of cases, with the requirements whose scenarios run once for each row."""
    cases: Cases = node["cases"]
    users = [
        (f"{_page(self, entry.docname)}#{entry.requirement.id}", entry.requirement.id)
        for _, entry in _domain(self).in_order()
        if any(scenario.cases == cases.id for scenario in entry.requirement.scenarios)
    ]
    self.body.append(render("cases.html", cases=cases, anchor=node["ids"][0], users=users, slug=_slug))
    raise nodes.SkipNode


def _slug(name: str) -> str:
    """Return the id of a row. ``make_id`` alone would strip the number from "4 bytes"."""
    return nodes.make_id(f"x{name}")[1:].lstrip("-")


class OneIdATable(SphinxPostTransform):
    """Remove duplicate ids: furo wraps a table in a container with the same id."""

    default_priority = 501  # furo wraps at 500
    formats = ("html",)

    def run(self, **_kwargs: Any) -> None:
        for table in self.document.findall(nodes.table):
            if isinstance(table.parent, nodes.container) and table.parent["ids"] == table["ids"]:
                table.parent["ids"] = []


def name_heading_levels(
    _app: Sphinx, _page: str, _template: str, context: dict[str, Any], _doctree: nodes.document | None
) -> None:
    """Add the missing level to the captions of the sidebar, which are headings, on ``html-page-context``."""
    tree = context.get("furo_navigation_tree", "")
    context["furo_navigation_tree"] = tree.replace('role="heading"', 'aria-level="2" role="heading"')


def labels(requirement: Requirement) -> list[str]:
    """Return the labels beside a requirement's id, after its level."""
    basis = "the document" if requirement.basis == "document" else f"kernels, {releases_text(requirement.releases)}"
    return [requirement.interface, f"basis: {basis}"]


def releases_text(releases: Releases | None) -> str:
    """Return releases in words, such as ``4.18 and later``."""
    if releases is None:
        return "every release"
    since, _, until = str(releases).partition("-")
    if since and until:
        return f"{since} to {until}"
    return f"{since} and later" if since else f"up to {until}"


def _sources(self: HTML5Translator, requirement: Requirement) -> str:
    """Return the statements that a requirement rests on, and the errata of these statements."""
    domain = _domain(self)
    place = domain.places.get(COVERAGE)
    errata = [
        (erratum.title, f"{_page(self, docname)}#{erratum.id}")
        for erratum, docname in domain.errata.values()
        if requirement.id in erratum.requirements or set(erratum.sources) & set(requirement.sources)
    ]
    known = account(domain)
    names = {each.key: each.name for each in known.edition.statements}
    statements = [
        (known.section_name(key.partition("/")[0]), names.get(key) or key.partition("/")[2],
         f"{_page(self, place)}#{anchor_of(key)}" if place and key in names else "")
        for key in requirement.sources
    ]  # fmt: skip
    return macro(_FILE, "sources")(statements, errata)


def _domain(self: HTML5Translator) -> MdevDomain:
    return domain_of(self.builder.env)


def _page(self: HTML5Translator, docname: str) -> str:
    return self.builder.get_relative_uri(self.builder.current_docname, docname)


def _shown(self: HTML5Translator, runs: Sequence[Run]) -> list[tuple[Run, str]]:
    return [(run, _page(self, run.page)) for run in runs]
