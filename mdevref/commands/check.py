"""``mdevref check``: run the suite on a target."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def check(
    target: Annotated[
        str | None,
        typer.Argument(
            help="reference[:era=5.10], sysfs:ROOT, vm:VERSION, vm:PATH, vfio-user:SOCKET or python:MODULE:NAME.",
            show_default="reference; with --clean-up sysfs:/sys",
        ),
    ] = None,
    requirement: Annotated[
        list[str], typer.Option(metavar="ID", help="Run this requirement's scenarios; may be given several times.")
    ] = [],  # noqa: B006  # typer copies it
    tags: Annotated[str, typer.Option(metavar="EXPR", help="Run what fits, as in: '@must and not @sample'.")] = "",
    interface: Annotated[str, typer.Option(metavar="NAME", help="Run the requirements of this interface.")] = "",
    results: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the results there, as NDJSON.")] = None,
    jobs: Annotated[int, typer.Option(metavar="N", help="Run in so many processes.")] = 1,
    allow_changes: Annotated[
        bool, typer.Option("--allow-changes", help="Make and remove mediated devices on this very machine.")
    ] = False,
    clean_up: Annotated[
        bool, typer.Option("--clean-up", help="Only remove what a killed run has left on a sysfs: target.")
    ] = False,
    modules: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where the modules of the kernel vm:PATH are.")
    ] = None,
    module: Annotated[
        list[Path], typer.Option(metavar="FILE", help="A vendor driver (.ko) to test in the guest, instead of samples.")
    ] = [],  # noqa: B006  # typer copies it
    ledger: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Known deviations, instead of those of the target's release.")
    ] = None,
    seed: Annotated[int | None, typer.Option(metavar="N", help="Choose the same UUIDs as another run.")] = None,
) -> int:
    """Tell, requirement by requirement, whether a target conforms."""
    from mdevref.suite.run import check as checking

    if clean_up:
        return checking.clean_up("sysfs:/sys" if target is None else target)
    return checking.check(
        checking.Options(
            target="reference" if target is None else target,
            requirements=requirement,
            tags=tags,
            interface=interface,
            results=results,
            jobs=jobs,
            allow_changes=allow_changes,
            modules=modules,
            drivers=module,
            ledger=ledger,
            seed=seed,
        )
    )
