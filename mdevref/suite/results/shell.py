"""Shell lines that repeat the operations of a scenario, to reproduce a failure by hand.

They use POSIX shell with GNU ``stat``, and Python for system calls that a shell cannot make. One ``printf`` makes one
write(2), as the suite does.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator

from mdevref.suite.results.format import Operation
from mdevref.suite.results.operations import CALLS
from mdevref.suite.spec.notation import shown

_REDIRECTIONS = {"O_WRONLY": ">", "O_RDWR": "<>"}
#: The read-only operations, with the shell command for each.
LOOKS = {
    "listdir": "ls -A {}",
    "read": "cat {}",
    "readlink": "readlink {}",
    "lstat": "stat -c '%F, mode %a, %s bytes' {}",
}


#: Start a Python process that reads lines from the shell; it keeps the scenario's files open between them.
_BESIDE = (
    "mkfifo process; python3 -iq < process & exec 9> process; rm process",
    "echo 'import fcntl, mmap, os' >&9",
)


def lines(operations: Iterable[Operation], shell_path: Callable[[str], str]) -> Iterator[str]:
    """Yield the shell lines in order; an operation that a shell cannot repeat becomes a comment.

    ``shell_path`` maps a path of the target to a path for the shell.
    """
    is_beside = False
    for operation in operations:
        if operation.op in CALLS:
            if not is_beside:
                yield from _BESIDE
            is_beside = operation.op != "exit"
            yield f"echo {shlex.quote(operation.data or '')} >&9"
            continue
        path = shlex.quote(shell_path(operation.path))
        data = operation.data or ""
        match operation.op:
            case "listdir" | "read" | "readlink" | "lstat":
                yield LOOKS[operation.op].format(path)
            case "write":
                yield f"{printing(data)} > {path}"
            case "open":
                yield f"exec 3{_redirection(data)} {path}"
            case "read open file":
                yield "cat <&3"
            case "write open file":
                yield f"{printing(data)} >&3"
            case "close" if operation.path.count("/"):
                yield "exec 3>&-"
            case "load" if operation.path != "scripted":
                yield f"modprobe {shlex.quote(operation.path)}"
            case "unload":
                yield f"rmmod {shlex.quote(operation.path)}"
            case _:
                yield f"# {_spoken(operation, data)}"


def _redirection(flags: str) -> str:
    names = flags.split(", ")
    if "O_APPEND" in names:
        return ">>"
    return next((sign for name, sign in _REDIRECTIONS.items() if name in names), "<")


def printing(data: str) -> str:
    """Return a command that writes these bytes, one for each character of ``data``, in one write(2)."""
    text = data.removesuffix("\n")
    if text and all(" " <= character <= "~" for character in text):
        return f"printf '%s{chr(92)}n' {shlex.quote(text)}" if data != text else f"printf %s {shlex.quote(text)}"
    escaped = "".join(map(_escaped, data))
    # printf would take a format that begins with a hyphen for an option.
    return f"printf {shlex.quote(f'{chr(92)}055{escaped[1:]}' if escaped.startswith('-') else escaped)}"


def _escaped(character: str) -> str:
    if character in "\\%":
        return character * 2
    return character if " " <= character <= "~" else f"\\{ord(character):03o}"


def told(operation: Operation) -> str:
    """Return one operation on one line: ``write class/.../create "83b8" -> EEXIST``."""
    data = operation.data or ""
    if operation.data is not None and "write" in operation.op:
        data = shown(operation.data)
    return f"{_spoken(operation, data)} -> {operation.result}"


def _spoken(operation: Operation, data: str) -> str:
    """Return operation, path and data. A call of a vendor driver begins with ``the vendor driver:``."""
    if operation.path.endswith("vendor driver"):
        return f"{operation.path}: {operation.op} {data}".rstrip()
    return " ".join(part for part in (operation.op, operation.path, data) if part)
