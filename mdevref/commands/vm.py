"""``mdevref vm``: fetch and run kernels for ``vm:`` targets."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Fetch and run kernels for vm: targets.", rich_markup_mode=None, no_args_is_help=True)


@app.command()
def fetch(
    versions: Annotated[list[str], typer.Argument(metavar="VERSION...", help="5.10, 6.1, 6.12 or 7.3.")],
) -> int:
    """Fetch Debian kernels and their sample drivers.

    The command downloads the kernels to the cache, and builds the sample vendor drivers for them.
    """
    from mdevref.suite.results import console
    from mdevref.suite.vm.fetch import fetch as fetch_kernel

    for version in versions:
        with console.waiting() as tell:
            fetched = fetch_kernel(version, tell)
        print(f"Linux {fetched.release} ({fetched.package}) in {fetched.folder}")
    return 0


@app.command(context_settings={"ignore_unknown_options": True})
def run(
    kernel: Annotated[str, typer.Argument(help="Version, or path of a bzImage or vmlinux.")],
    command: Annotated[list[str], typer.Argument(metavar="-- COMMAND...", help="Command to run in the guest as root.")],
    modules: Annotated[Path | None, typer.Option(metavar="DIR", help="Directory of the kernel's modules.")] = None,
    module: Annotated[
        list[Path],
        typer.Option(metavar="FILE", help="Vendor driver (.ko) for the guest, instead of the sample drivers."),
    ] = [],  # noqa: B006  # typer copies it
    deadline: Annotated[float, typer.Option(metavar="SECONDS", help="Stop the guest after this time.")] = 300,
) -> int:
    """Run a command in a guest.

    Show the output of the command, and exit with its status.
    """
    from mdevref.suite.results import console
    from mdevref.suite.vm import boot, guests

    with console.waiting() as tell:
        guest = guests.guest_for(kernel, modules, module, tell)
    # Redirect stderr, which would otherwise go to the kernel's log.
    with_errors = ["sh", "-c", 'exec "$@" 2>&1', "sh", *command]
    return boot.run_guest(guest, with_errors, print, deadline=deadline, silence=deadline).exit_status
