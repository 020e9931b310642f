"""Pages that look at the whole: summary, matrix, the page of each target, steps, miniatures, departures."""

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
    """The place of an overview on a page; ``["kind"]`` is the name of its directive."""


class OverviewDirective(SphinxDirective):
    """``.. verdict-summary::`` and its like: they stand for what is known only when everything has been read."""

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
    """How many requirements have scenarios."""
    return sum(bool(entry.requirement.scenarios) for entry in domain.entries.values())


def _by_chapter(domain: MdevDomain) -> dict[str, list[tuple[str, Entry]]]:
    chapters: dict[str, list[tuple[str, Entry]]] = {}
    for number, entry in domain.in_order():
        chapters.setdefault(entry.docname, []).append((number, entry))
    return chapters


def summary(domain: MdevDomain, uri: Uri) -> str:
    """A line a target: whether it conforms, and the counts of each level as a bar and in words."""
    return render(
        "summary.html", domain=domain, runs=domain.runs, levels=_levels(domain), tested=_tested(domain), LEVELS=LEVELS,
        uri=uri,
    )  # fmt: skip


def matrix(domain: MdevDomain, uri: Uri) -> str:
    """Requirement by target, with the form that filters it."""
    found = {verdict for run in domain.runs for verdict in run.requirements.values()}
    entries = [entry.requirement for entry in domain.entries.values()]
    choices = {
        "verdict": [verdict for verdict in reversed(VERDICTS) if verdict in found],
        "level": [level for level in LEVELS if any(entry.level == level for entry in entries)],
        "interface": [name for name in INTERFACES if any(entry.interface == name for entry in entries)],
    }
    return render("matrix.html", chapters=_by_chapter(domain).values(), runs=domain.runs, uri=uri, choices=choices)


def targets(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """For ``html-collect-pages``: a page for each results file; pages of files that are not given any more go."""
    domain = domain_of(app.env)
    pages = {run.page for run in domain.runs}
    for written in sorted((app.outdir / "targets").glob("*.html")):
        if f"targets/{written.stem}" not in pages:
            written.unlink()
    for run in domain.runs:
        body = target(domain, run, _uris(app.builder, run.page))
        yield run.page, {"title": run.label, "body": body, "meta": {}}, "page.html"


def target(domain: MdevDomain, run: Run, uri: Uri) -> str:
    """The environment, the counts, and every requirement that did not pass, the worst first."""
    groups: dict[str, list[Entry]] = {verdict: [] for verdict in reversed(VERDICTS) if verdict not in CALM}
    for _, entry in domain.in_order():
        groups.get(run.verdict(entry.requirement.id) or "", []).append(entry)
    return render(
        "target.html",
        run=run,
        groups={verdict: entries for verdict, entries in groups.items() if entries},
        unsupported=_by_reason(run, groups["unsupported"]),
        deviations=_deviations(domain, run),
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
    """Why requirements are unsupported, with those that each reason stops: often it is one reason for many."""
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        scenarios = run.scenarios[entry.requirement.id]
        reason = next((each.reason for each in scenarios if each.verdict == "unsupported" and each.reason), "")
        found.setdefault(reason, []).append(entry)
    return found


def _deviations(domain: MdevDomain, run: Run) -> dict[str, list[ledger.Deviation]]:
    """What the ledger of the target's kernel says of each requirement that it names."""
    found: dict[str, list[ledger.Deviation]] = {}
    for path in ledgers(_docs(domain)):
        if _release(path) == run.results.header.release:
            for deviation in ledger.load(path).deviations:
                found.setdefault(deviation.requirement, []).append(deviation)
    return found


def step_catalogue(domain: MdevDomain, uri: Uri) -> str:
    """Every step that a scenario may use, with the scenarios that do."""
    spec = _spec(domain)
    found = step_modules.load_catalogue(data.steps())
    uses = catalogue.uses(found, spec)
    return render("steps.html", catalogue=found, uses=uses, domain=domain, uri=uri, anchor=_anchor)


def _anchor(requirement: str, scenario: str) -> str:
    return f"{requirement}--{nodes.make_id(scenario)}"


def _spec(domain: MdevDomain) -> Spec:
    """What the engine calls a spec, from the pages that Sphinx has read: nothing is parsed twice."""
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
    """The deliberately wrong implementations, what each is built to break, and by which each requirement is broken."""
    path = miniatures_table()
    table = tomllib.loads(path.read_text())["miniature"] if path.is_file() else None
    broken_by: dict[str, list[str]] = {entry.requirement.id: [] for _, entry in domain.in_order()}
    for row in table or ():
        for id in row["breaks"]:
            broken_by.setdefault(id, []).append(row["name"])
    by_requirement = {id: names for id, names in broken_by.items() if names}
    musts = [id for id, entry in domain.entries.items() if entry.requirement.level == "must"]
    context = {"table": table, "by_requirement": by_requirement, "musts": musts}
    return render("miniatures.html", domain=domain, uri=uri, **context)


@dataclass(frozen=True, slots=True)
class Seen:
    """A departure in one kernel: what its ledger says, and the runs on that kernel."""

    release: str
    known: ledger.Deviation
    runs: list[Run]


def departures(domain: MdevDomain, uri: Uri) -> str:
    """Where the document and the kernels part: each statement once, with the kernels that do not keep it."""
    found: dict[tuple[str, str], list[Seen]] = {}
    for path in sorted(ledgers(_docs(domain)), key=lambda path: parse_release(_release(path))):
        runs = [run for run in domain.runs if run.results.header.release == _release(path)]
        for known in ledger.load(path).deviations:
            statement = (known.requirement, known.statement or "")
            found.setdefault(statement, []).append(Seen(_release(path), known, runs))
    parted = [
        (entry, statement, seen)
        for _, entry in domain.in_order()
        for (requirement, statement), seen in found.items()
        if requirement == entry.requirement.id
    ]
    return render("departures.html", departures=parted, uri=uri)


def _release(path: Path) -> str:
    return path.stem.removeprefix("linux-")


def check(_app: Sphinx, env: BuildEnvironment) -> None:
    """For ``env-updated``: results and ledgers may speak only of requirements that the spec has."""
    domain = domain_of(env)
    try:
        for path in ledgers(_docs(domain)):
            ledger.check_requirements(ledger.load(path), domain.entries)
    except BadInput as error:
        raise ExtensionError(str(error)) from error
    for run in domain.runs:
        if unknown := next((id for id in run.requirements if id not in domain.entries), None):
            raise ExtensionError(f"{run.results.path}: the spec knows no requirement {unknown!r}")


OVERVIEWS: dict[str, Callable[[MdevDomain, Uri], str]] = {
    "verdict-summary": summary,
    "verdict-matrix": matrix,
    "step-catalogue": step_catalogue,
    "miniatures": miniatures,
    "departures": departures,
    COVERAGE: coverage,
    "document-editions": compared,
}
