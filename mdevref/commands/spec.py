"""``mdevref derive`` and ``mdevref trace``: the spec against its features and against the source document."""

import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def derive(
    check: Annotated[bool, typer.Option("--check", help="Write nothing; show what differs, and exit 1 if so.")] = False,
) -> int:
    """Write the features from the spec."""
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
            help="An edition of the kernel's vfio-mediated-device document, or a folder that has one.",
            show_default="from the folder MDEVREF_DOCUMENTS, or the source of a fetched kernel",
        ),
    ] = None,
    format: Annotated[str, typer.Option(metavar="FORMAT", help="text or json.")] = "text",
    accept: Annotated[
        bool, typer.Option("--accept", help="Hold the spec to this edition from now on; write what is to be filled in.")
    ] = False,
    edition: Annotated[
        str, typer.Option(metavar="NAME", help="What to call the edition; else the release in the file's name.")
    ] = "",
) -> int:
    """Hold every statement of the source document against the spec.

    Exits 1 if a statement is not covered, vanished or was reworded.
    """
    from mdevref.suite.trace import command as tracing

    said, status = tracing.run(document, format, accept, edition)
    sys.stdout.write(said)
    return status
