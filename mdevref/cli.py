"""The ``mdevref`` command: collects the subcommands and maps their outcome to an exit status."""

import os
import signal
import sys
import traceback
from typing import Annotated

import typer

from mdevref.commands import check, hosts, results, spec, vm
from mdevref.suite.errors import BadInput

#: What typer raises for an invalid option, argument or command. Typer exports only a subclass of it.
UsageError: type[Exception] = typer.BadParameter.__mro__[1]

app = typer.Typer(
    name="mdevref",
    epilog="Exit status: 0 conforming, 1 not conforming (or results differ), 2 internal error or invalid usage.",
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
    """Check whether a kernel implements VFIO mediated devices as documented."""


for family in (check, spec, hosts, results):
    app.add_typer(family.app)
app.add_typer(vm.app, name="vm")


def main(arguments: list[str] | None = None) -> None:
    """Run the command and exit. Invalid input prints a message on stderr and exits with status 2."""
    sys.exit(run(arguments))


#: The exit statuses that a shell reports after Ctrl-C, and after a reader closed the pipe.
_INTERRUPTED, _UNREAD = 128 + signal.SIGINT, 128 + signal.SIGPIPE


def run(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit status."""
    try:
        # Without a command, show the help and exit with 0.
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
    except (BrokenPipeError, SystemExit):  # typer turns BrokenPipeError into SystemExit(1), and 1 is a verdict
        # Redirect stdout, so that Python does not fail again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _UNREAD
    except (KeyboardInterrupt, typer.Abort):
        print("mdevref: interrupted", file=sys.stderr)
        return _INTERRUPTED
    except Exception:
        # Not 1, which is the verdict "not conforming".
        traceback.print_exc()
        print("mdevref: internal error", file=sys.stderr)
        return 2
    return status if isinstance(status, int) else 0
