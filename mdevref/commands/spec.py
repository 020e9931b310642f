"""``mdevref derive`` and ``mdevref trace``: compare the spec with its features and with the source document."""

import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def derive(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; show differences and exit with 1 if there are any.")
    ] = False,
) -> int:
    """Derive the feature files from the spec."""
    from mdevref.suite import data
    from mdevref.suite.run import step_modules
    from mdevref.suite.run.lint import lint
    from mdevref.suite.spec import reader as spec
    from mdevref.suite.spec.derivation import difference, features, write
    from mdevref.suite.spec.model import SpecError

    read = spec.read(data.spec())
    problems = lint(read, data.spec(), step_modules.load_catalogue(data.steps()), data.steps())
    if problems:
        raise SpecError(problems)
    derived = features(read)
    if check:
        diff = difference(derived, data.features())
        sys.stdout.write(diff)
        return 1 if diff else 0
    changed = write(derived, data.features())
    print(f"{len(derived)} features, {len(changed)} changed")
    return 0


@app.command()
def trace(
    document: Annotated[
        Path | None,
        typer.Argument(
            help="An edition of the kernel's vfio-mediated-device document, or a directory that contains one.",
            show_default="from the directory MDEVREF_DOCUMENTS, or the source of a fetched kernel",
        ),
    ] = None,
    format: Annotated[str, typer.Option(metavar="FORMAT", help="text or json.")] = "text",
    accept: Annotated[
        bool,
        typer.Option(
            "--accept", help="Make this edition the baseline, and add its uncovered statements to spec/trace.toml."
        ),
    ] = False,
    edition: Annotated[
        str, typer.Option(metavar="NAME", help="Name of the edition; default: the release in the file name.")
    ] = "",
) -> int:
    """Compare an edition of the kernel's document with the spec.

    Exit with 1 if a statement is not covered, has vanished or was reworded.
    """
    from mdevref.suite.trace import command as tracing

    said, status = tracing.run(document, format, accept, edition)
    sys.stdout.write(said)
    return status
