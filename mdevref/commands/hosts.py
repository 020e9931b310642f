"""``mdevref hosts``, ``mount``, ``serve`` and ``run``: offer a reference host to other programs."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from mdevref.suite.errors import BadInput

app = typer.Typer()


@app.command()
def hosts(
    host: Annotated[
        str | None, typer.Argument(metavar="[HOST]", help="Name of a host, or path of a .toml file that describes one.")
    ] = None,
) -> int:
    """List the simulated hosts, or show what one contains."""
    from mdevref.hosts import HostError
    from mdevref.hosts.listing import overview, show

    try:
        sys.stdout.write(overview() if host is None else show(host))
    except HostError as error:
        raise BadInput(str(error)) from None
    return 0


_ERA = typer.Option(metavar="ERA", help="Behave as kernels of this era, such as 5.10.", show_default="4.13")
_DRIVER = typer.Option(
    metavar="NAME[:OPTION=VALUE,...]",
    help="Load this vendor driver; repeatable.",
    show_default="mtty, mdpy",
)
_HOST = typer.Option("--host", metavar="HOST", help="Use this simulated host: a name or a .toml file.")


@app.command()
def mount(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Directory to mount on.")],
    era: Annotated[str | None, _ERA] = None,
    driver: Annotated[list[str], _DRIVER] = [],  # noqa: B006  # typer copies it
    host: Annotated[str | None, _HOST] = None,
    root: Annotated[
        bool, typer.Option("--root", help="Mount on DIR/sys, so that DIR can be MDEVCTL_ENV_ROOT.")
    ] = False,
) -> int:
    """Mount the /sys of a simulated host on a directory.

    The command ends on Ctrl-C, or when the directory is unmounted.
    """
    from mdevref.servers import choice
    from mdevref.servers.sysfs import foreground, mounting

    try:
        foreground.serve(folder, lambda: choice.make_host(era, driver, host), as_root=root)
    except (choice.ChoiceError, mounting.MountError) as error:
        raise BadInput(str(error)) from error
    return 0


@app.command()
def serve(
    type: Annotated[str, typer.Argument(metavar="TYPE", help="Type of the device, such as mtty-2.")],
    socket: Annotated[Path, typer.Option("--socket", metavar="PATH", help="Unix socket for VMMs to connect to.")],
    uuid: Annotated[str | None, typer.Option(metavar="UUID", help="UUID of the device.", show_default="random")] = None,
    era: Annotated[str | None, _ERA] = None,
    driver: Annotated[list[str], _DRIVER] = [],  # noqa: B006  # typer copies it
    host: Annotated[str | None, _HOST] = None,
) -> int:
    """Serve a device to a VMM over vfio-user.

    QEMU supports vfio-user from 10.1 on. The command ends on Ctrl-C. At the end and on SIGUSR1, it prints the number
    of messages and their processor time.
    """
    from mdevref.servers import choice
    from mdevref.servers.vfio_user import service

    try:
        service.serve(lambda: choice.make_host(era, driver, host), type, socket, uuid)
    except (choice.ChoiceError, service.NotServedError) as error:
        raise BadInput(str(error)) from error
    return 0


@app.command(context_settings={"allow_interspersed_args": False})
def run(
    command: Annotated[list[str], typer.Argument(metavar="COMMAND", help="Command to run.")],
    era: Annotated[str | None, _ERA] = None,
    driver: Annotated[list[str], _DRIVER] = [],  # noqa: B006  # typer copies it
    host: Annotated[str | None, _HOST] = None,
    root: Annotated[
        bool, typer.Option("--root", help="Also set MDEVCTL_ENV_ROOT, to a directory whose sys is the tree.")
    ] = False,
    udev: Annotated[
        bool,
        typer.Option("--udev", help="Send uevents as udevd does; the command gets an empty /run and no network."),
    ] = False,
) -> int:
    """Run a command with the /sys of a simulated host.

    The command runs in its own mount namespace; mdevref exits with its status. For an unprivileged user, it runs as
    root of a new user namespace.
    """
    from mdevref.servers import choice
    from mdevref.servers.sysfs import mounting, private

    try:
        return private.run(lambda: choice.make_host(era, driver, host), command, with_root=root, with_udev=udev)
    except private.NotRunError as error:
        print(f"mdevref: {error}", file=sys.stderr)
        return error.status
    except (choice.ChoiceError, mounting.MountError) as error:
        raise BadInput(str(error)) from error
