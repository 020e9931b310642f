"""Open a target by its name on the command line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from mdevref.suite.interface.target import Target
from mdevref.suite.targets.errors import TargetError

if TYPE_CHECKING:
    from mdevref.suite.results.format import Scenario
    from mdevref.suite.results.ledger import Ledger


@runtime_checkable
class Elsewhere(Protocol):
    """A target that runs the suite itself, because the steps cannot reach it from this process."""

    def run_suite(
        self,
        wanted: Sequence[tuple[str, str]],
        *,
        seed: int,
        ledger: Ledger,
        report: Callable[[Scenario], None],
    ) -> None:
        """Run the scenarios, each given as requirement and title; ``report`` is called with each when it is judged."""


def _untold(message: str) -> None:
    """Ignore a progress message."""


@dataclass(frozen=True, slots=True)
class Access:
    """The options for opening a target.

    ``allow_changes`` permits changes to a real machine. ``modules`` (a folder) and ``drivers`` (files) are kernel
    modules for a guest. ``tell`` is called with a message before each slow operation.
    """

    allow_changes: bool = False
    modules: Path | None = None
    drivers: Sequence[Path] = ()
    tell: Callable[[str], None] = _untold


@dataclass(frozen=True, slots=True)
class TargetKind:
    """A kind of target.

    ``many`` says that several processes can open it at once, independently. ``kernel`` says that its release is that of
    a kernel, so that the ledger of that kernel applies.
    """

    argument: str
    open: Callable[[str, Access], Target]
    many: bool
    kernel: bool


def _reference(argument: str, _access: Access) -> Target:
    from mdevref.suite.targets.reference.target import open_reference

    return open_reference(argument)


def _sysfs(argument: str, access: Access) -> Target:
    from mdevref.suite.targets.sysfs.opening import open_sysfs

    return open_sysfs(argument, allow_changes=access.allow_changes)


def _vm(argument: str, access: Access) -> Target:
    from mdevref.suite.targets.vm import VmTarget

    return VmTarget(argument, access.modules, access.drivers, access.tell)


def _vfio_user(argument: str, _access: Access) -> Target:
    from mdevref.suite.targets.vfio_user.target import VfioUserTarget

    return VfioUserTarget(argument)


def _python(argument: str, _access: Access) -> Target:
    from mdevref.suite.targets.python import open_python

    return open_python(argument)


KINDS: dict[str, TargetKind] = {
    "reference": TargetKind("[:era=5.10]", _reference, many=True, kernel=True),
    "sysfs": TargetKind(":ROOT", _sysfs, many=False, kernel=True),
    "vm": TargetKind(":VERSION, vm:PATH", _vm, many=False, kernel=True),
    "vfio-user": TargetKind(":SOCKET", _vfio_user, many=False, kernel=False),
    "python": TargetKind(":MODULE:NAME", _python, many=True, kernel=False),
}


def kind_of(text: str) -> TargetKind:
    """Return the kind of the target that ``text`` names. Raises :class:`TargetError` if the kind is unknown."""
    name = text.partition(":")[0]
    if name not in KINDS:
        known = ", ".join(f"{kind}{KINDS[kind].argument}" for kind in KINDS)
        raise TargetError(f"unknown target {text!r} (choose from {known})")
    return KINDS[name]


def open_target(
    text: str,
    *,
    allow_changes: bool = False,
    modules: Path | None = None,
    drivers: Sequence[Path] = (),
    tell: Callable[[str], None] = _untold,
) -> Target:
    """Open the target that ``text`` names, with the options of :class:`Access`.

    Raises :class:`TargetError` if the target is unknown or cannot be opened.
    """
    kind = kind_of(text)
    if (modules or drivers) and kind is not KINDS["vm"]:
        raise TargetError(f"{text}: kernel modules are supported for vm: targets only")
    try:
        return kind.open(text.partition(":")[2], Access(allow_changes, modules, drivers, tell))
    except (ValueError, OSError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or error
        raise TargetError(f"{text}: {reason}") from error
