"""What the written pages depend on beyond their own sources, so that an incremental build equals a clean one.

Sphinx writes a page again when its source changed. But every page shows the titles of the others in its sidebar, and
pages with verdicts show results files, ledgers, step definitions. A digest of each such input is kept beside the
output, once the pages are written; where one differs, the pages that show it are written again. None is read again.
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
    """For ``env-updated``: the pages of which something other than their own source has changed."""
    domain = domain_of(env)
    domain.inputs = now = inputs(app, env)
    before = _read(app)
    changed = {name for name in now if now[name] != before.get(name)}
    if SEEN_BY_ALL in changed:
        return sorted(env.found_docs)
    return sorted(domain.readers) if changed else []


def record(app: Sphinx, exception: Exception | None) -> None:
    """For ``build-finished``: keep the digests, now that the pages that were made from these inputs stand written."""
    if exception is None and (now := domain_of(app.env).inputs):
        (app.outdir / RECORD).write_text(json.dumps(now, indent=1, sort_keys=True))


def forget_index_entries(app: Sphinx) -> list[tuple[str, dict[str, object], str]]:
    """For ``html-collect-pages``, adding no page: the search index goes without the entries of the general index.

    Sphinx 9.0 keeps those of the pages written in this build only, so what a search finds would depend on which these
    were; and this site has no general index.
    """
    getattr(app.env, "_search_index_index_entries", {}).clear()
    return []


def inputs(app: Sphinx, env: BuildEnvironment) -> dict[str, str]:
    """Name of an input -> digest of what it is now."""
    domain = domain_of(env)
    titles = [(name, env.titles[name].astext(), env.toctree_includes.get(name)) for name in sorted(env.titles)]
    statics = (Path(app.confdir, folder) for folder in app.config.html_static_path)
    return {
        SEEN_BY_ALL: _digest([repr(titles), *_contents(HERE, *statics)]),
        "spec": _digest([repr(domain.in_order()), repr(sorted(domain.tables.items())), repr(domain.errata)]),
        "results": _digest(_contents(*app.config.mdevref_results)),
        "ledgers, steps, miniatures, editions": _digest(_contents(*shown_files(Path(env.srcdir)))),
    }


def miniatures_table() -> Path:
    """Where the table of miniatures is, in a checkout; an installation has no tests."""
    return data.root() / "tests" / "miniatures" / "table.toml"


def ledgers(docs: Path) -> list[Path]:
    """The ledgers of kernels that stand in a Sphinx project."""
    return sorted((docs / "deviations").glob("linux-*.toml"))


def shown_files(docs: Path) -> list[Path]:
    """Files other than pages and results that some page shows."""
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
