"""``mdevref hosts``, ``mount``, ``serve`` and ``run``: a reference host for other programs."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from mdevref.suite.errors import BadInput

app = typer.Typer()


@app.command()
def hosts(
    host: Annotated[
        str | None, typer.Argument(metavar="[HOST]", help="A host's name, or the path of a .toml that describes one.")
    ] = None,
) -> int:
    """List the hosts that come along, or tell what one has."""
    from mdevref.hosts import HostError
    from mdevref.hosts.listing import overview, show

    try:
        sys.stdout.write(overview() if host is None else show(host))
    except HostError as error:
        raise BadInput(str(error)) from None
    return 0


_ERA = typer.Option(metavar="ERA", help="How kernels of that time behave, such as 5.10.", show_default="4.13")
_DRIVER = typer.Option(
    metavar="NAME[:OPTION=VALUE,...]",
    help="Load this vendor driver; may be given several times.",
    show_default="mtty, mdpy",
)
_HOST = typer.Option("--host", metavar="HOST", help="A described host instead: its name, or its .toml.")


@app.command()
def mount(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the tree is to be.")],
    era: Annotated[str | None, _ERA] = None,
    driver: Annotated[list[str], _DRIVER] = [],  # noqa: B006  # typer copies it
    host: Annotated[str | None, _HOST] = None,
    root: Annotated[
        bool, typer.Option("--root", help="Make DIR a root, as for MDEVCTL_ENV_ROOT, with the tree in DIR/sys.")
    ] = False,
) -> int:
    """Mount a host's /sys on a folder, until Ctrl-C or until it is unmounted."""
    from mdevref.servers import choice
    from mdevref.servers.sysfs import foreground, mounting

    try:
        foreground.serve(folder, lambda: choice.make_host(era, driver, host), as_root=root)
    except (choice.ChoiceError, mounting.MountError) as error:
        raise BadInput(str(error)) from error
    return 0


@app.command()
def serve(
    type: Annotated[str, typer.Argument(metavar="TYPE", help="The type of the device, as mtty-2.")],
    socket: Annotated[Path, typer.Option("--socket", metavar="PATH", help="Where VMMs are to connect.")],
    uuid: Annotated[str | None, typer.Option(metavar="UUID", help="The device's name.", show_default="any")] = None,
    era: Annotated[str | None, _ERA] = None,
    driver: Annotated[list[str], _DRIVER] = [],  # noqa: B006  # typer copies it
    host: Annotated[str | None, _HOST] = None,
) -> int:
    """Serve a device of a host to a VMM that speaks vfio-user, such as QEMU from 10.1 on, until Ctrl-C.

    At the end, and on SIGUSR1, it tells how many messages there were and what they cost.
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
    command: Annotated[list[str], typer.Argument(metavar="COMMAND", help="What to run.")],
    era: Annotated[str | None, _ERA] = None,
    driver: Annotated[list[str], _DRIVER] = [],  # noqa: B006  # typer copies it
    host: Annotated[str | None, _HOST] = None,
    root: Annotated[
        bool, typer.Option("--root", help="Make a root with the tree in its sys, too, and name it in MDEVCTL_ENV_ROOT.")
    ] = False,
    udev: Annotated[
        bool,
        typer.Option("--udev", help="Tell of uevents as udevd does; the command has an empty /run and no network."),
    ] = False,
) -> int:
    """Run a command in a mount namespace in which /sys is a host's; the exit status is the command's.

    As an unprivileged user the command finds itself as root of a user namespace.
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
