"""The overview pages: summary, verdict matrix, a page per target, step catalogue, fault detection and deviations."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

from mdevref.suite import data
from mdevref.suite.errors import BadInput
from mdevref.suite.interface.releases import parse_release
from mdevref.suite.interface.terms import INTERFACES, LEVELS, Level
from mdevref.suite.results import ledger, shell
from mdevref.suite.results.verdicts import VERDICTS
from mdevref.suite.run import step_modules
from mdevref.suite.spec import catalogue
from mdevref.suite.spec.model import Chapter, Section, Spec
from mdevref.suite.sphinx.coverage import COVERAGE, compared, coverage
from mdevref.suite.sphinx.domain import Entry, MdevDomain, domain_of
from mdevref.suite.sphinx.freshness import ledgers, miniatures_table
from mdevref.suite.sphinx.markup import render
from mdevref.suite.sphinx.runs import CALM, VERDICT_MEANINGS, Run

Uri = Callable[[str], str]


class overview_node(nodes.General, nodes.Element):  # docutils names nodes in lower case
    """The placeholder of an overview on a page; ``["kind"]`` is the name of its directive."""


class OverviewDirective(SphinxDirective):
    """``.. verdict-summary::`` and similar directives. Their content is only known after all pages are read."""

    def run(self) -> list[nodes.Node]:
        domain = domain_of(self.env)
        domain.readers.add(self.env.docname)
        domain.places[self.name] = self.env.docname
        return [overview_node(kind=self.name)]


def visit_overview(self: HTML5Translator, node: nodes.Element) -> None:
    builder = self.builder
    self.body.append(OVERVIEWS[node["kind"]](domain_of(builder.env), _uris(builder, builder.current_docname)))
    raise nodes.SkipNode


def _uris(builder: Builder, page: str) -> Uri:
    return cache(lambda docname: builder.get_relative_uri(page, docname))


def _docs(domain: MdevDomain) -> Path:
    return Path(domain.env.srcdir)


def _levels(domain: MdevDomain) -> dict[str, Level]:
    return {id: entry.requirement.level for id, entry in domain.entries.items()}


def _tested(domain: MdevDomain) -> int:
    """Return the number of requirements with scenarios."""
    return sum(bool(entry.requirement.scenarios) for entry in domain.entries.values())


def _by_chapter(domain: MdevDomain) -> dict[str, list[tuple[str, Entry]]]:
    chapters: dict[str, list[tuple[str, Entry]]] = {}
    for number, entry in domain.in_order():
        chapters.setdefault(entry.docname, []).append((number, entry))
    return chapters


def summary(domain: MdevDomain, uri: Uri) -> str:
    """Return the summary: a row per target with its conformance, and the counts of each level as a bar and in words."""
    return render(
        "summary.html", domain=domain, runs=domain.runs, levels=_levels(domain), tested=_tested(domain), LEVELS=LEVELS,
        uri=uri,
    )  # fmt: skip


def matrix(domain: MdevDomain, uri: Uri) -> str:
    """Return the table of requirements by target, with the form that filters it."""
    found = {verdict for run in domain.runs for verdict in run.requirements.values()}
    entries = [entry.requirement for entry in domain.entries.values()]
    choices = {
        "verdict": [verdict for verdict in reversed(VERDICTS) if verdict in found],
        "level": [level for level in LEVELS if any(entry.level == level for entry in entries)],
        "interface": [name for name in INTERFACES if any(entry.interface == name for entry in entries)],
    }
    return render("matrix.html", chapters=_by_chapter(domain).values(), runs=domain.runs, uri=uri, choices=choices)


def targets(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield a page for each results file, on ``html-collect-pages``, and delete the pages of earlier files."""
    domain = domain_of(app.env)
    pages = {run.page for run in domain.runs}
    for written in sorted((app.outdir / "targets").glob("*.html")):
        if f"targets/{written.stem}" not in pages:
            written.unlink()
    for run in domain.runs:
        body = target(domain, run, _uris(app.builder, run.page))
        yield run.page, {"title": run.label, "body": body, "meta": {}}, "page.html"


def target(domain: MdevDomain, run: Run, uri: Uri) -> str:
    """Return the page of a target: its environment, its counts, and the requirements that did not pass, worst first."""
    groups: dict[str, list[Entry]] = {verdict: [] for verdict in reversed(VERDICTS) if verdict not in CALM}
    for _, entry in domain.in_order():
        groups.get(run.verdict(entry.requirement.id) or "", []).append(entry)
    return render(
        "target.html",
        run=run,
        groups={verdict: entries for verdict, entries in groups.items() if entries},
        unsupported=_by_reason(run, groups["unsupported"]),
        deviations=_ledger_entries(domain, run),
        other_spec=run.results.header.suite.spec != data.spec_checksum(data.spec()),
        meanings=VERDICT_MEANINGS,
        levels=_levels(domain),
        tested=_tested(domain),
        LEVELS=LEVELS,
        CALM=CALM,
        shell=shell.lines,
        uri=uri,
    )


def _by_reason(run: Run, entries: list[Entry]) -> dict[str, list[Entry]]:
    """Return the unsupported requirements by reason: one reason often applies to many."""
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        scenarios = run.scenarios[entry.requirement.id]
        reason = next((each.reason for each in scenarios if each.verdict == "unsupported" and each.reason), "")
        found.setdefault(reason, []).append(entry)
    return found


def _ledger_entries(domain: MdevDomain, run: Run) -> dict[str, list[ledger.Deviation]]:
    """Return the entries in the ledger of the target's kernel, by requirement."""
    found: dict[str, list[ledger.Deviation]] = {}
    for path in ledgers(_docs(domain)):
        if _release(path) == run.results.header.release:
            for deviation in ledger.load(path).deviations:
                found.setdefault(deviation.requirement, []).append(deviation)
    return found


def step_catalogue(domain: MdevDomain, uri: Uri) -> str:
    """Return the step catalogue: every step definition with the scenarios that use it."""
    spec = _spec(domain)
    found = step_modules.load_catalogue(data.steps())
    uses = catalogue.uses(found, spec)
    return render("steps.html", catalogue=found, uses=uses, domain=domain, uri=uri, anchor=_anchor)


def _anchor(requirement: str, scenario: str) -> str:
    return f"{requirement}--{nodes.make_id(scenario)}"


def _spec(domain: MdevDomain) -> Spec:
    """Return the spec as the engine models it, built from the pages that Sphinx has read without parsing them again."""
    chapters = []
    for docname, numbered in _by_chapter(domain).items():
        sections: dict[str, list[Entry]] = {}
        for _, entry in numbered:
            sections.setdefault(entry.section, []).append(entry)
        chapters.append(
            Chapter(
                docname.rpartition("/")[2],
                numbered[0][1].chapter,
                tuple(
                    Section(title, nodes.make_id(title), tuple(entry.requirement for entry in entries))
                    for title, entries in sections.items()
                ),
            )
        )
    return Spec(tuple(chapters), {id: table.cases for id, table in domain.tables.items()}, checksum="")


def miniatures(domain: MdevDomain, uri: Uri) -> str:
    """Return the fault detection page: each miniature with the requirements that it breaks, and the reverse."""
    path = miniatures_table()
    table = tomllib.loads(path.read_text())["miniature"] if path.is_file() else None
    broken_by: dict[str, list[str]] = {entry.requirement.id: [] for _, entry in domain.in_order()}
    for row in table or ():
        for id in row["breaks"]:
            broken_by.setdefault(id, []).append(row["name"])
    by_requirement = {id: names for id, names in broken_by.items() if names}
    musts = [id for id, entry in domain.entries.items() if entry.requirement.level == "must"]
    context = {"table": table, "by_requirement": by_requirement, "musts": musts}
    return render("fault-detection.html", domain=domain, uri=uri, **context)


@dataclass(frozen=True, slots=True)
class Seen:
    """A deviation of one kernel: the entry in its ledger, and the runs on that kernel."""

    release: str
    known: ledger.Deviation
    runs: list[Run]


def deviations(domain: MdevDomain, uri: Uri) -> str:
    """Return the deviations page: each statement once, with the kernels that deviate from it."""
    found: dict[tuple[str, str], list[Seen]] = {}
    for path in sorted(ledgers(_docs(domain)), key=lambda path: parse_release(_release(path))):
        runs = [run for run in domain.runs if run.results.header.release == _release(path)]
        for known in ledger.load(path).deviations:
            statement = (known.requirement, known.statement or "")
            found.setdefault(statement, []).append(Seen(_release(path), known, runs))
    rows = [
        (entry, statement, seen)
        for _, entry in domain.in_order()
        for (requirement, statement), seen in found.items()
        if requirement == entry.requirement.id
    ]
    return render("deviations.html", deviations=rows, uri=uri)


def _release(path: Path) -> str:
    return path.stem.removeprefix("linux-")


def check(_app: Sphinx, env: BuildEnvironment) -> None:
    """Check, on ``env-updated``, that results and ledgers only name requirements of the spec."""
    domain = domain_of(env)
    try:
        for path in ledgers(_docs(domain)):
            ledger.check_requirements(ledger.load(path), domain.entries)
    except BadInput as error:
        raise ExtensionError(str(error)) from error
    for run in domain.runs:
        if unknown := next((id for id in run.requirements if id not in domain.entries), None):
            raise ExtensionError(f"{run.results.path}: unknown requirement {unknown!r}")


OVERVIEWS: dict[str, Callable[[MdevDomain, Uri], str]] = {
    "verdict-summary": summary,
    "verdict-matrix": matrix,
    "step-catalogue": step_catalogue,
    "miniatures": miniatures,
    "deviations": deviations,
    COVERAGE: coverage,
    "document-editions": compared,
}
