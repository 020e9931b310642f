"""The inputs of the pages besides their own sources, so that an incremental build equals a clean one.

Sphinx only rewrites a page if its source has changed. But each page shows the titles of the others in its sidebar, and
pages with verdicts show results files, ledgers and step definitions. After a build, a digest of each such input is
stored in the output folder. If a digest differs in the next build, the pages that show the input are written again.
They are not read again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from mdevref.suite import data
from mdevref.suite.sphinx import coverage
from mdevref.suite.sphinx.domain import domain_of
from mdevref.suite.sphinx.markup import HERE
from mdevref.suite.trace import account as trace
from mdevref.suite.trace import editions

RECORD = ".mdevref-written"
SEEN_BY_ALL = "everything"


def pages_to_write(app: Sphinx, env: BuildEnvironment) -> Iterable[str]:
    """Return the pages to rewrite because of an input other than their own source, on ``env-updated``."""
    domain = domain_of(env)
    domain.inputs = now = inputs(app, env)
    before = _read(app)
    changed = {name for name in now if now[name] != before.get(name)}
    if SEEN_BY_ALL in changed:
        return sorted(env.found_docs)
    return sorted(domain.readers) if changed else []


def record(app: Sphinx, exception: Exception | None) -> None:
    """Store the digests, on ``build-finished``: the pages that depend on these inputs have been written."""
    if exception is None and (now := domain_of(app.env).inputs):
        (app.outdir / RECORD).write_text(json.dumps(now, indent=1, sort_keys=True))


def forget_index_entries(app: Sphinx) -> list[tuple[str, dict[str, object], str]]:
    """Remove the entries of the general index from the search index, on ``html-collect-pages``; return no page.

    Sphinx 9.0 only keeps the entries of pages that this build has written, so the search results of an incremental
    build would differ from those of a clean one. This site has no general index.
    """
    getattr(app.env, "_search_index_index_entries", {}).clear()
    return []


def inputs(app: Sphinx, env: BuildEnvironment) -> dict[str, str]:
    """Return the current digest of each input by name."""
    domain = domain_of(env)
    titles = [(name, env.titles[name].astext(), env.toctree_includes.get(name)) for name in sorted(env.titles)]
    statics = (Path(app.confdir, folder) for folder in app.config.html_static_path)
    return {
        SEEN_BY_ALL: _digest([repr(titles), *_contents(HERE, *statics)]),
        "spec": _digest([repr(domain.in_order()), repr(sorted(domain.tables.items())), repr(domain.errata)]),
        "terms": _digest([repr(domain.terms.places)]),
        "results": _digest(_contents(*app.config.mdevref_results)),
        "ledgers, steps, miniatures, editions": _digest(_contents(*shown_files(Path(env.srcdir)))),
    }


def miniatures_table() -> Path:
    """Return the path of the table of miniatures. It only exists in a checkout: an installation contains no tests."""
    return data.root() / "tests" / "miniatures" / "table.toml"


def ledgers(docs: Path) -> list[Path]:
    """Return the ledgers of kernels in a Sphinx project."""
    return sorted((docs / "deviations").glob("linux-*.toml"))


def shown_files(docs: Path) -> list[Path]:
    """Return the files that pages show, except page sources and results."""
    table = miniatures_table()
    accounted = [
        data.spec() / trace.FILE,
        *(editions.path_of(data.spec(), name) for name in editions.names(data.spec())),
    ]
    steps = sorted(data.steps().glob("*.py"))
    return [*ledgers(docs), *steps, *([table] if table.is_file() else []), *accounted, *coverage.documents()]


def _contents(*paths: str | Path) -> Iterable[str]:
    for path in map(Path, paths):
        files = sorted(file for file in path.rglob("*") if "__pycache__" not in file.parts) if path.is_dir() else [path]
        for file in files:
            if file.is_file():
                yield file.name
                yield hashlib.sha256(file.read_bytes()).hexdigest()


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _read(app: Sphinx) -> dict[str, str]:
    try:
        read: dict[str, str] = json.loads((app.outdir / RECORD).read_text())
    except (OSError, ValueError):
        return {}
    return read
