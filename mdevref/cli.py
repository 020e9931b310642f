"""The ``mdevref`` command: its subcommands together, and the exit status of what they do."""

import os
import signal
import sys
import traceback
from typing import Annotated

import typer

from mdevref.commands import check, hosts, results, spec, vm
from mdevref.suite.errors import BadInput

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


for family in (check, spec, hosts, results):
    app.add_typer(family.app)
app.add_typer(vm.app, name="vm")


def main(arguments: list[str] | None = None) -> None:
    """Run the command; bad input is one clear line on stderr and status 2."""
    sys.exit(run(arguments))


#: What a shell would see of a command that Ctrl-C ended, or that nobody reads any more.
_INTERRUPTED, _UNREAD = 128 + signal.SIGINT, 128 + signal.SIGPIPE


def run(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit status."""
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
