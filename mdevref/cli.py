"""The ``mdevref`` command. Each subcommand imports what it needs when it runs: ``mdevref --help`` must be quick."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Annotated

import typer

#: What typer raises for a wrong option, argument or command; it exports only this one's child.
UsageError: type[Exception] = typer.BadParameter.__mro__[1]

app = typer.Typer(
    name="mdevref",
    epilog="Exit status: 0 conforming, 1 not conforming (or different), 2 the suite or its use is at fault.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from mdevref import __version__

        print(f"mdevref {__version__}")
        raise typer.Exit


@app.callback()
def mdevref(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Tell whether an implementation of Linux VFIO mediated devices does what its document says."""


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


vm = typer.Typer(help="Kernels for vm: targets.", rich_markup_mode=None, no_args_is_help=True)
app.add_typer(vm, name="vm")


@vm.command()
def fetch(
    versions: Annotated[list[str], typer.Argument(metavar="VERSION...", help="5.10, 6.1, 6.12 or 7.3.")],
) -> int:
    """Bring kernels of the distribution into the cache, and build the sample vendor drivers for them."""
    from mdevref.suite.results import console
    from mdevref.suite.vm.fetch import fetch as fetch_kernel

    for version in versions:
        with console.waiting() as tell:
            fetched = fetch_kernel(version, tell)
        print(f"Linux {fetched.release} ({fetched.package}) in {fetched.folder}")
    return 0


@vm.command("run", context_settings={"ignore_unknown_options": True})
def run_in_guest(
    kernel: Annotated[str, typer.Argument(help="A version, or the path of a bzImage or vmlinux.")],
    command: Annotated[list[str], typer.Argument(metavar="-- COMMAND...", help="What to run in the guest, as root.")],
    modules: Annotated[Path | None, typer.Option(metavar="DIR", help="Where the kernel's modules are.")] = None,
    module: Annotated[
        list[Path], typer.Option(metavar="FILE", help="A vendor driver (.ko) for the guest, instead of samples.")
    ] = [],  # noqa: B006  # typer copies it
    deadline: Annotated[float, typer.Option(metavar="SECONDS", help="End the guest after that time.")] = 300,
) -> int:
    """Run a command in a guest and show what it prints; the exit status is the command's."""
    from mdevref.suite.results import console
    from mdevref.suite.vm import boot, guests

    with console.waiting() as tell:
        guest = guests.guest_for(kernel, modules, module, tell)
    # Its errors would go where the kernel's log goes.
    with_errors = ["sh", "-c", 'exec "$@" 2>&1', "sh", *command]
    return boot.run_guest(guest, with_errors, print, deadline=deadline, silence=deadline).exit_status


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


@app.command()
def hosts(
    host: Annotated[
        str | None, typer.Argument(metavar="[HOST]", help="A host's name, or the path of a .toml that describes one.")
    ] = None,
) -> int:
    """List the hosts that come along, or tell what one has."""
    from mdevref.hosts import HostError
    from mdevref.hosts.listing import overview, show
    from mdevref.suite.errors import BadInput

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
    from mdevref.suite.errors import BadInput

    try:
        foreground.serve(folder, lambda: choice.make_host(era, driver, host), as_root=root)
    except (choice.ChoiceError, mounting.MountError) as error:
        raise BadInput(str(error)) from error
    return 0


@app.command("serve")
def serve_device(
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
    from mdevref.servers.vfio_user import service as vfio_user_service
    from mdevref.suite.errors import BadInput

    try:
        vfio_user_service.serve(lambda: choice.make_host(era, driver, host), type, socket, uuid)
    except (choice.ChoiceError, vfio_user_service.NotServedError) as error:
        raise BadInput(str(error)) from error
    return 0


@app.command("run", context_settings={"allow_interspersed_args": False})
def run_privately(
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
    from mdevref.suite.errors import BadInput

    try:
        return private.run(lambda: choice.make_host(era, driver, host), command, with_root=root, with_udev=udev)
    except private.NotRunError as error:
        print(f"mdevref: {error}", file=sys.stderr)
        return error.status
    except (choice.ChoiceError, mounting.MountError) as error:
        raise BadInput(str(error)) from error


@app.command()
def report(
    results: Annotated[list[Path], typer.Argument(metavar="RESULTS...", help="Files that check --results wrote.")],
    format: Annotated[str, typer.Option(metavar="FORMAT", help="junit, ktap, earl, badge or markdown.")] = "markdown",
) -> int:
    """Turn results into a report for another program, on stdout."""
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
            print(f"mdevref: {each.path} was measured against another text of the spec", file=sys.stderr)
    sys.stdout.write(render(format, found, known))
    return 0


@app.command()
def diff(
    old: Annotated[Path, typer.Argument(help="The results before.")],
    new: Annotated[Path, typer.Argument(help="The results after.")],
) -> int:
    """Compare two results, requirement by requirement.

    Exits 1 if something got worse.
    """
    from mdevref.suite.results.diff import got_worse, lines
    from mdevref.suite.results.format import read

    before, after = read(old), read(new)
    for line in lines(before, after):
        print(line)
    return 1 if got_worse(before, after) else 0


@app.command()
def site(
    results: Annotated[
        list[Path] | None, typer.Argument(metavar="[RESULTS...]", help="Results to show; else the committed ones.")
    ] = None,
    output: Annotated[Path, typer.Option(metavar="DIR", help="Where the site goes.")] = Path("site"),
    watch: Annotated[
        bool, typer.Option("--watch", help="Run the suite again, build and reload when spec, steps or code change.")
    ] = False,
) -> int:
    """Build the site: the spec with a verdict at each clause."""
    from mdevref.suite import site as pages

    if watch:
        pages.watch(results or [], output)
    else:
        print(pages.build(results or [], output, jobs=os.cpu_count() or 1))
    return 0


def main(arguments: list[str] | None = None) -> None:
    """Run the command; bad input is one clear line on stderr and status 2."""
    sys.exit(run(arguments))


#: What a shell would see of a command that Ctrl-C ended, or that nobody reads any more.
_INTERRUPTED, _UNREAD = 128 + signal.SIGINT, 128 + signal.SIGPIPE


def run(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit status."""
    from mdevref.suite.errors import BadInput

    try:
        # Without a command there is nothing to say but the help, and no fault in asking.
        status = app((sys.argv[1:] if arguments is None else arguments) or ["--help"], "mdevref", standalone_mode=False)
        sys.stdout.flush()
    except UsageError as error:
        said = getattr(error, "format_message", error.__str__)()
        print(f"mdevref: {said} (see mdevref --help)", file=sys.stderr)
        return 2
    except BadInput as error:
        for line in str(error).splitlines():
            print(f"mdevref: {line}", file=sys.stderr)
        return 2
    except (BrokenPipeError, SystemExit):  # typer makes the one into the other, with a status that is a verdict here
        # What is still to be written must not fail once more when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _UNREAD
    except (KeyboardInterrupt, typer.Abort):
        print("mdevref: interrupted", file=sys.stderr)
        return _INTERRUPTED
    except Exception:
        # Never 1: that would be a verdict.
        traceback.print_exc()
        print("mdevref: this is a fault of the suite itself", file=sys.stderr)
        return 2
    return status if isinstance(status, int) else 0
