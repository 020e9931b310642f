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
    requirement: Annotated[list[str], typer.Option(metavar="ID", help="Run only this requirement; repeatable.")] = [],  # noqa: B006  # typer copies it
    tags: Annotated[
        str, typer.Option(metavar="EXPR", help="Run only scenarios that match, such as '@must and not @sample'.")
    ] = "",
    interface: Annotated[str, typer.Option(metavar="NAME", help="Run only the requirements of this interface.")] = "",
    results: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the results to this file as NDJSON.")
    ] = None,
    jobs: Annotated[int, typer.Option(metavar="N", help="Run in N processes.")] = 1,
    allow_changes: Annotated[
        bool, typer.Option("--allow-changes", help="Create and remove mediated devices on this machine.")
    ] = False,
    clean_up: Annotated[
        bool, typer.Option("--clean-up", help="Remove the devices of interrupted runs on a sysfs: target, and exit.")
    ] = False,
    modules: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Directory of the modules of the kernel vm:PATH.")
    ] = None,
    module: Annotated[
        list[Path], typer.Option(metavar="FILE", help="Vendor driver (.ko) to test, instead of the sample drivers.")
    ] = [],  # noqa: B006  # typer copies it
    ledger: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Known deviations, instead of those of the release.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(metavar="N", help="Seed of random UUIDs, to repeat a run with the same ones.")
    ] = None,
) -> int:
    """Test a target against the requirements of the spec."""
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
