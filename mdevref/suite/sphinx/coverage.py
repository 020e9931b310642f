"""The pages on the source document: how the spec covers its statements, and how its editions differ.

The document is not part of the project. The pages show the kind and name of each statement, and the words of the
requirements, the errata and ``spec/trace.toml``. They show its text only if the environment names a folder with the
editions while the site is built.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby, pairwise
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.writers.html5 import HTML5Translator

from mdevref.suite import data
from mdevref.suite.errors import BadInput
from mdevref.suite.results import verdicts
from mdevref.suite.results.verdicts import Verdict
from mdevref.suite.spec.directives import ERRATUM_PARTS
from mdevref.suite.spec.model import Erratum
from mdevref.suite.sphinx.domain import Entry, MdevDomain, domain_of
from mdevref.suite.sphinx.markup import macro, render
from mdevref.suite.sphinx.runs import VERDICT_NAMES, Run
from mdevref.suite.trace.account import STATES, Account, State, accounting
from mdevref.suite.trace.command import VARIABLE
from mdevref.suite.trace.drift import Change, drift
from mdevref.suite.trace.editions import Edition, Listed

Uri = Callable[[str], str]
COVERAGE = "document-coverage"

STATE_MEANINGS: dict[State, str] = {
    "required": "A requirement rests on the statement.",
    "defect": "The statement is wrong or misleading. An erratum describes the defect; no requirement rests on it.",
    "informative": "The statement requires nothing.",
    "unknown": "The specification does not cover the statement.",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A statement as the page shows it. ``verdicts`` has one element per run: the worst verdict, or None if not run."""

    listed: Listed
    state: State
    text: str
    entries: tuple[Entry, ...]
    errata: tuple[str, ...]
    why: str
    verdicts: tuple[Verdict | None, ...]

    @property
    def anchor(self) -> str:
        return anchor_of(self.listed.key)


@dataclass(frozen=True, slots=True)
class Outlined:
    """A section of the document with its statements."""

    slug: str
    title: str
    depth: int
    cells: list[Cell] = field(default_factory=list)


def anchor_of(key: str) -> str:
    """Return the id of a statement on the coverage page."""
    return key.replace("/", "--")


def account(domain: MdevDomain) -> Account:
    """Return how the spec covers the document. Call this only after Sphinx has read all pages."""
    if domain.account is not None:
        return domain.account
    required: dict[str, tuple[str, ...]] = {}
    errata: dict[str, tuple[str, ...]] = {}
    for _, entry in domain.in_order():
        for key in entry.requirement.sources:
            required[key] = (*required.get(key, ()), entry.requirement.id)
    for erratum, _ in domain.errata.values():
        for key in erratum.sources:
            errata[key] = (*errata.get(key, ()), erratum.id)
    domain.account = accounting(data.spec(), required, errata)
    return domain.account


def check(_app: Sphinx, env: BuildEnvironment) -> None:
    """Read what the pages need, on ``env-updated``. A writing process of Sphinx would fail without an error message."""
    try:
        for edition in account(domain_of(env)).editions:
            _texts(edition)
    except BadInput as error:
        raise ExtensionError(str(error)) from error


def coverage(domain: MdevDomain, uri: Uri) -> str:
    """Return the coverage page: the outline of the document, and a table of the statements of each section."""
    known = account(domain)
    sections = outlined(domain, known)
    cells = [cell for section in sections for cell in section.cells]
    found = {verdict for cell in cells for verdict in cell.verdicts if cell.state == "required"}
    counts = {state: sum(cell.state == state for cell in cells) for state in STATES}
    return render(
        "coverage.html", domain=domain, uri=uri, edition=known.edition, sections=sections, total=len(cells),
        counts={state: count for state, count in counts.items() if count or state != "unknown"},
        legend=[verdict for verdict in verdicts.VERDICTS if verdict in found] + [None] * (None in found),
        meanings=STATE_MEANINGS, runs=domain.runs, has_text=any(cell.text for cell in cells), names=VERDICT_NAMES,
    )  # fmt: skip


def outlined(domain: MdevDomain, known: Account) -> list[Outlined]:
    """Return the sections of the edition that the spec is checked against, with their statements."""
    told = _texts(known.edition.name)
    sections = {slug: Outlined(slug, known.section_name(slug), depth) for slug, depth in known.edition.sections.items()}
    for listed in known.edition.statements:
        entries = tuple(domain.entries[id] for id in known.touched(listed.key))
        sections[listed.section].cells.append(
            Cell(
                listed, known.state(listed.key), told.get(listed.key, ""), entries,
                known.errata.get(listed.key, ()), known.informative.get(listed.key, ""),
                tuple(_verdict(run, entries) for run in domain.runs),
            )
        )  # fmt: skip
    return list(sections.values())


def _verdict(run: Run, entries: tuple[Entry, ...]) -> Verdict | None:
    found = [verdict for entry in entries if (verdict := run.verdict(entry.requirement.id))]
    return verdicts.worst(found) if found else None


# -- Editions


@dataclass(frozen=True, slots=True)
class Side:
    """A statement in one edition. ``why`` is the reason why it requires nothing, or its summary."""

    listed: Listed
    text: str
    requirements: tuple[str, ...] = ()
    errata: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """The two sides of a change, or the number of unchanged statements (``change`` is then empty)."""

    change: str
    old: Side | None = None
    new: Side | None = None
    same: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """The changes from one edition to the next."""

    old: str
    new: str
    counts: Mapping[str, int]
    sections: Mapping[str, list[Row]]


def compared(domain: MdevDomain, uri: Uri) -> str:
    """Return the editions page: each edition side by side with the one before it."""
    known = account(domain)
    steps = [_step(old, new, known) for old, new in pairwise(known.editions.values())]
    coverage = domain.places.get(COVERAGE, "")
    return render(
        "editions.html", domain=domain, uri=uri, steps=steps, base=known.edition.name, coverage=coverage,
        anchor=anchor_of, words=known.section_name, in_base=known.edition.all_keys(),
    )  # fmt: skip


def _step(old: Edition, new: Edition, known: Account) -> Step:
    told = _texts(old.name), _texts(new.name)
    changes = drift(old, new)
    by_key = {change.statement.key: change for change in changes}
    order = [each.key for each in new.statements]
    for change in changes:
        if change.new is None:
            order.insert(_behind(change, changes, order), change.statement.key)
    sections: dict[str, list[Row]] = {}
    for section, keys in groupby(order, key=lambda key: key.partition("/")[0]):
        rows = sections.setdefault(section, [])
        for found, group in groupby(keys, key=by_key.get):
            rows.append(_row(found, known, *told) if found else Row("", same=sum(1 for _ in group)))
    kinds = [change.kind for change in changes]
    return Step(old.name, new.name, {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)}, sections)


def _behind(change: Change, changes: list[Change], order: list[str]) -> int:
    """Return the index in ``order`` for a vanished statement: before the next change that the new edition contains."""
    later = changes[changes.index(change) + 1 :]
    following = (order.index(each.statement.key) for each in later if each.statement.key in order)
    return next(following, len(order))


def _row(change: Change, known: Account, old_texts: Mapping[str, str], new_texts: Mapping[str, str]) -> Row:
    was, now = change.old, change.new
    old = new = None
    if was is not None:
        said = known.touched(was.key), known.errata.get(was.key, ()), known.informative.get(was.key, "")
        old = Side(was, old_texts.get(was.key, ""), *said)
    if now is not None:
        new = Side(now, new_texts.get(now.key, ""), why=known.paraphrases.get(now.key, ""))
    return Row(change.kind, old, new)


# -- The text of the statements, where it is available


def _texts(edition: str) -> dict[str, str]:
    """Return the text of each statement by key; empty if the text of the edition is not available."""
    return next((_read(path, path.stat().st_mtime_ns) for path in documents(edition)), {})


@cache
def _read(path: Path, _changed: int) -> dict[str, str]:
    """Read a document in a separate process: in this one Sphinx has replaced the directives of docutils."""
    command = [sys.executable, "-m", "mdevref.suite.trace.document", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # our own command
    if done.returncode:
        raise ExtensionError(done.stderr.strip().removeprefix("mdevref: "))
    rows = (line.split("\t", 2) for line in done.stdout.splitlines())
    return {key: text for key, _, text in rows}


def documents(edition: str = "*") -> Iterator[Path]:
    """Yield the files of the editions whose text the environment allows this build to show."""
    if folder := os.environ.get(VARIABLE):
        yield from sorted(Path(folder).glob(f"vfio-mediated-device-{edition}.rst"))


# -- Errata


def visit_erratum(self: HTML5Translator, node: nodes.Element) -> None:
    """Write an erratum: its title, location, defect, evidence, correction, and the verdicts of its requirements."""
    erratum: Erratum = node["erratum"]
    builder = self.builder
    domain = domain_of(builder.env)

    def uri(docname: str) -> str:
        return builder.get_relative_uri(builder.current_docname, docname)

    level = min(self.section_level + 1, 6)
    known = account(domain)
    keys = known.edition.all_keys()
    sources = [(key, anchor_of(key) if key in keys else "") for key in erratum.sources]
    place = domain.places.get(COVERAGE)
    self.body.append(
        macro("erratum.html", "head")(erratum, level, sources, uri(place) if place else "", known.section_name)
    )
    bodies = {field[0].astext(): field[1] for field in node.findall(nodes.field)}
    for part in ERRATUM_PARTS:
        self.body.append(macro("erratum.html", "part")(part))
        for child in bodies[part].children:
            child.walkabout(self)
        self.body.append("</dd>\n")
    found = [(domain.entries[id], _by_verdict(domain.runs, id)) for id in erratum.requirements if id in domain.entries]
    self.body.append(macro("erratum.html", "tail")(found, uri))
    raise nodes.SkipNode


def _by_verdict(runs: Sequence[Run], requirement: str) -> dict[Verdict, list[Run]]:
    """Return the runs of a requirement by verdict, the best verdict first."""
    found: dict[Verdict, list[Run]] = {}
    for run in runs:
        if verdict := run.verdict(requirement):
            found.setdefault(verdict, []).append(run)
    return {verdict: found[verdict] for verdict in verdicts.VERDICTS if verdict in found}
