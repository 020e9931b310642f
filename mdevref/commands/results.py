"""``mdevref report``, ``diff`` and ``site``: process results."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def report(
    results: Annotated[list[Path], typer.Argument(metavar="RESULTS...", help="Files written by check --results.")],
    format: Annotated[str, typer.Option(metavar="FORMAT", help="junit, ktap, earl, badge or markdown.")] = "markdown",
) -> int:
    """Convert results to a report on stdout."""
    from mdevref.suite import data
    from mdevref.suite.results.format import read
    from mdevref.suite.results.reports.formats import render
    from mdevref.suite.spec import reader as spec

    known = spec.read(data.spec())
    ids = {requirement.id for requirement in known.requirements()}
    found = [read(path, ids) for path in results]
    checksum = data.spec_checksum(data.spec())
    for each in found:
        if each.header.suite.spec != checksum:
            print(f"mdevref: {each.path}: produced with a different version of the spec", file=sys.stderr)
    sys.stdout.write(render(format, found, known))
    return 0


@app.command()
def diff(
    old: Annotated[Path, typer.Argument(help="Earlier results file.")],
    new: Annotated[Path, typer.Argument(help="Later results file.")],
) -> int:
    """Compare the verdicts of two results files.

    Scenarios that were renamed in between are compared under their current names. Exit with 1 if a verdict got
    worse.
    """
    from mdevref.suite import data
    from mdevref.suite.results.diff import got_worse, lines
    from mdevref.suite.results.format import read
    from mdevref.suite.results.renaming import comparable
    from mdevref.suite.spec.renamed import load

    before, after, renamed = comparable(read(old), read(new), data.spec_checksum(data.spec()), load(data.spec()))
    if renamed:
        print(f"Renamed scenarios, compared under their current names: {renamed}")
    for line in lines(before, after):
        print(line)
    return 1 if got_worse(before, after) else 0


@app.command()
def site(
    results: Annotated[
        list[Path] | None, typer.Argument(metavar="[RESULTS...]", help="Results to show instead of the committed ones.")
    ] = None,
    output: Annotated[Path, typer.Option(metavar="DIR", help="Output directory.")] = Path("site"),
    watch: Annotated[
        bool, typer.Option("--watch", help="Rerun the suite, rebuild and reload when spec, steps or code change.")
    ] = False,
) -> int:
    """Build the site: the spec with its verdicts."""
    from mdevref.suite import site as pages

    if watch:
        pages.watch(results or [], output)
    else:
        print(pages.build(results or [], output, jobs=os.cpu_count() or 1))
    return 0
