"""Build the site, and keep it up to date while somebody works on the spec, the steps or the code.

``python -m mdevref.suite.site TARGET RESULTS`` is what the watched site runs before each build.
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

#: What a finished build leaves in its folder: only such a folder is written into without asking.
MARK = "objects.inv"
#: Files that come and go without meaning: byte code, and what editors leave while they save.
_PASSING = r"__pycache__|\.py[co]$|~$|\.sw[a-z]$|/\.#|/4913$"


class SiteError(BadInput):
    """The site cannot be built; the text says why."""


def committed() -> list[Path]:
    """The results that stand under ``docs/results``: what the site shows when it is given none."""
    return sorted((data.docs() / "results").glob("*.ndjson"))


def build(given: Sequence[Path], output: Path, *, docs: Path | None = None, jobs: int = 1) -> Path:
    """Build the site in ``output`` with the results ``given``, or with the committed ones; its first page.

    ``docs`` is another Sphinx project than the suite's own, ``jobs`` the number of processes.
    :class:`SiteError` for every warning of Sphinx: a site with a hole in it is no site. What Sphinx keeps for its next
    build is thrown away then, so that the warning is not forgotten with it.
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
        raise SiteError(_plain(warnings.getvalue()) or "Sphinx did not build the site and does not say why")
    # Of a process that writes and breaks, Sphinx 9.0 ends the others and says nothing (ParallelTasks.add_task).
    if unwritten := [name for name in sorted(app.env.found_docs) if not (output / f"{name}.html").is_file()]:
        shutil.rmtree(doctrees, ignore_errors=True)
        raise SiteError(f"Sphinx did not write {len(unwritten)} pages, {unwritten[0]} among them, and does not say why")
    return output / "index.html"


def watch(given: Sequence[Path], output: Path, *, target: str = "reference", port: int = 0) -> None:
    """Serve the site on this machine; run the suite on ``target`` again, build and reload at every change.

    Other results than the target's are shown as they are. ``port`` 0 takes a free one. Ends with Ctrl-C.
    """
    from sphinx_autobuild.__main__ import main as autobuild

    others = [path for path in _readable(given) if results.read(path).header.target != target]
    _check_output(output)
    # Below the output, which is not watched: the run's own results are no change to run again for.
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
    """Derive the features and run the suite; 0 where whole results came out, whatever their verdicts are.

    A target that does not conform, or a scenario that broke, is what the site is to show.
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
        raise SiteError(f"{output}: not a folder")
    held = [path.name for path in output.iterdir()] if output.is_dir() else []
    if held and MARK not in held and not set(held) <= {".doctrees", ".watch"}:
        raise SiteError(f"{output}: holds other files than those of an earlier build; name a new folder")


def _plain(text: str) -> str:
    """Sphinx's own lines, without the colours that it puts into them."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text).strip()


if __name__ == "__main__":
    sys.exit(run_again(sys.argv[1], Path(sys.argv[2])))
