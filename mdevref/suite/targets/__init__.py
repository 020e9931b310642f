"""Open a target by its name on the command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mdevref.suite.errors import BadInput
from mdevref.suite.targets.interface import Target


class TargetError(BadInput):
    """There is no such target, or it cannot be opened; the text says why."""


@dataclass(frozen=True, slots=True)
class TargetKind:
    """A kind of target.

    ``many``: it can be opened several times at once, by processes that do not see each other. ``kernel``: its release
    is that of a kernel, so that the kernel's ledger is its own.
    """

    argument: str
    help: str
    open: Callable[[str, bool], Target]
    many: bool
    kernel: bool


def _reference(argument: str, _allow_changes: bool) -> Target:
    from mdevref.suite.targets.reference import open_reference

    return open_reference(argument)


def _sysfs(argument: str, allow_changes: bool) -> Target:
    from mdevref.suite.targets.sysfs import open_sysfs

    return open_sysfs(argument, allow_changes=allow_changes)


def _python(argument: str, _allow_changes: bool) -> Target:
    from mdevref.suite.targets.python import open_python

    return open_python(argument)


KINDS: dict[str, TargetKind] = {
    "reference": TargetKind("[:era=5.10]", "the host in this process", _reference, many=True, kernel=True),
    "sysfs": TargetKind(":ROOT", "any tree that behaves like /sys", _sysfs, many=False, kernel=True),
    "python": TargetKind(":MODULE:NAME", "an implementation in Python", _python, many=True, kernel=False),
}


def kind_of(text: str) -> TargetKind:
    """The kind of the target that ``text`` names; :class:`TargetError` where there is no such kind."""
    name = text.partition(":")[0]
    if name not in KINDS:
        known = ", ".join(f"{kind}{KINDS[kind].argument}" for kind in KINDS)
        raise TargetError(f"there is no target {text!r}; there are {known}")
    return KINDS[name]


def open_target(text: str, *, allow_changes: bool = False) -> Target:
    """Open the target that ``text`` names; :class:`TargetError` says why that is not possible.

    ``allow_changes``: the target may be changed although it is somebody's machine.
    """
    kind = kind_of(text)
    try:
        return kind.open(text.partition(":")[2], allow_changes)
    except (ValueError, OSError) as error:
        raise TargetError(f"{text}: {error}") from error
