"""Build the site, and rebuild it while the spec, the steps or the code are being edited.

The watched site runs ``python -m mdevref.suite.site TARGET RESULTS`` before each build.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from mdevref.suite import data
from mdevref.suite.errors import BadInput
from mdevref.suite.results import format as results
from mdevref.suite.results.format import ResultsError

#: A file that every finished build contains. An output folder with other files must contain it.
MARK = "objects.inv"
#: Files whose changes do not trigger a build: byte code, and temporary files of editors.
_PASSING = r"__pycache__|\.py[co]$|~$|\.sw[a-z]$|/\.#|/4913$"


class SiteError(BadInput):
    """The site cannot be built; the text is the reason."""


def committed() -> list[Path]:
    """Return the committed results in ``docs/results``, which the site shows by default."""
    return sorted((data.docs() / "results").glob("*.ndjson"))


def build(given: Sequence[Path], output: Path, *, docs: Path | None = None, jobs: int = 1) -> Path:
    """Build the site in ``output`` with the results ``given``, or with the committed ones; return its first page.

    ``docs`` is the Sphinx project, by default that of the suite. ``jobs`` is the number of processes.
    Raise :class:`SiteError` on every warning of Sphinx, so that no incomplete site is published. In this case the
    doctrees are deleted: otherwise the next build would not read the page again and would not repeat the warning.
    """
    from sphinx.application import Sphinx
    from sphinx.errors import SphinxError
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    paths = [str(path.resolve()) for path in _readable(given)]
    _check_output(output)
    doctrees = output / ".doctrees"
    warnings = io.StringIO()
    docs = docs or data.docs()
    try:
        with patch_docutils(str(docs)), docutils_namespace():
            app = Sphinx(
                docs, docs, output, doctrees, "html",
                {"mdevref_results": paths}, status=None, warning=warnings, warningiserror=True, parallel=jobs,
            )  # fmt: skip
            app.build()
    except SphinxError as error:
        shutil.rmtree(doctrees, ignore_errors=True)
        raise SiteError(_plain(f"{warnings.getvalue()}{error}")) from error
    if app.statuscode:
        shutil.rmtree(doctrees, ignore_errors=True)
        raise SiteError(_plain(warnings.getvalue()) or "internal error: Sphinx failed without an error message")
    # If a writing process fails, Sphinx 9.0 ends the others without an error message (ParallelTasks.add_task).
    if unwritten := [name for name in sorted(app.env.found_docs) if not (output / f"{name}.html").is_file()]:
        shutil.rmtree(doctrees, ignore_errors=True)
        raise SiteError(f"internal error: Sphinx did not write {len(unwritten)} pages, such as {unwritten[0]}")
    return output / "index.html"


def watch(given: Sequence[Path], output: Path, *, target: str = "reference", port: int = 0) -> None:
    """Serve the site on this machine until Ctrl-C. On every change, run the suite on ``target``, rebuild and reload.

    Results of other targets are shown unchanged. If ``port`` is 0, a free port is used.
    """
    from sphinx_autobuild.__main__ import main as autobuild

    others = [path for path in _readable(given) if results.read(path).header.target != target]
    _check_output(output)
    # The output folder is not watched, so the results of a run do not trigger another run.
    fresh = (output / ".watch" / "fresh.ndjson").resolve()
    fresh.parent.mkdir(parents=True, exist_ok=True)
    os.environ["MDEVREF_RESULTS"] = os.pathsep.join(str(path.resolve()) for path in (fresh, *others))
    watched = (data.spec(), data.steps(), data.PACKAGE)
    autobuild(
        [
            str(data.docs()),
            str(output),
            "--port", str(port),
            "--jobs", "auto",
            "--re-ignore", _PASSING,
            "--pre-build", shlex.join([sys.executable, "-m", "mdevref.suite.site", target, str(fresh)]),
            *(word for folder in watched for word in ("--watch", str(folder))),
        ]
    )  # fmt: skip


def run_again(target: str, fresh: Path) -> int:
    """Derive the features, run the suite, and return 0 if it wrote complete results, whatever the verdicts are.

    The site also shows targets that do not conform and scenarios with an internal error.
    """
    mdevref = [sys.executable, "-c", "from mdevref.cli import main; main()"]
    derived = subprocess.run([*mdevref, "derive"], check=False)  # noqa: S603  # our own command
    if derived.returncode:
        return derived.returncode
    part = fresh.with_suffix(".part")
    part.unlink(missing_ok=True)
    check = [*mdevref, "check", target, "--results", str(part)]
    checked = subprocess.run(check, check=False)  # noqa: S603  # our own command
    try:
        results.read(part)
    except ResultsError as error:
        print(f"mdevref: {error}", file=sys.stderr)
        return checked.returncode or 2
    part.replace(fresh)
    return 0


def _readable(given: Sequence[Path]) -> list[Path]:
    paths = list(given) or committed()
    for path in paths:
        results.read(path)
    return paths


def _check_output(output: Path) -> None:
    if output.exists() and not output.is_dir():
        raise SiteError(f"{output}: not a directory")
    held = [path.name for path in output.iterdir()] if output.is_dir() else []
    if held and MARK not in held and not set(held) <= {".doctrees", ".watch"}:
        raise SiteError(f"{output}: contains files that are not from an earlier build; name a new directory")


def _plain(text: str) -> str:
    """Return Sphinx's output without escape sequences for colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text).strip()


if __name__ == "__main__":
    sys.exit(run_again(sys.argv[1], Path(sys.argv[2])))
