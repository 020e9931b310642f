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
    """A target that the suite is taken to, since it cannot be reached from here."""

    def run_suite(
        self,
        wanted: Sequence[tuple[str, str]],
        *,
        seed: int,
        ledger: Ledger,
        report: Callable[[Scenario], None],
    ) -> None:
        """Run scenarios, each by its requirement and its title; ``report`` gets each with its verdict, as it falls."""


def _untold(message: str) -> None:
    """What an opening target does while nobody watches."""


@dataclass(frozen=True, slots=True)
class Access:
    """How a target is opened.

    ``allow_changes``: it may be changed although it is somebody's machine. ``modules`` (a folder) and ``drivers``
    (files): kernel modules for a guest. ``tell`` hears what takes long.
    """

    allow_changes: bool = False
    modules: Path | None = None
    drivers: Sequence[Path] = ()
    tell: Callable[[str], None] = _untold


@dataclass(frozen=True, slots=True)
class TargetKind:
    """A kind of target.

    ``many``: it can be opened several times at once, by processes that do not see each other. ``kernel``: its release
    is that of a kernel, so that the kernel's ledger is its own.
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
    "vm": TargetKind(":VERSION or :PATH", _vm, many=False, kernel=True),
    "vfio-user": TargetKind(":SOCKET", _vfio_user, many=False, kernel=False),
    "python": TargetKind(":MODULE:NAME", _python, many=True, kernel=False),
}


def kind_of(text: str) -> TargetKind:
    """The kind of the target that ``text`` names; :class:`TargetError` where there is no such kind."""
    name = text.partition(":")[0]
    if name not in KINDS:
        known = ", ".join(f"{kind}{KINDS[kind].argument}" for kind in KINDS)
        raise TargetError(f"there is no target {text!r}; there are {known}")
    return KINDS[name]


def open_target(
    text: str,
    *,
    allow_changes: bool = False,
    modules: Path | None = None,
    drivers: Sequence[Path] = (),
    tell: Callable[[str], None] = _untold,
) -> Target:
    """Open the target that ``text`` names, as :class:`Access` says; :class:`TargetError`: why that is not possible."""
    kind = kind_of(text)
    if (modules or drivers) and kind is not KINDS["vm"]:
        raise TargetError(f"kernel modules are for vm: targets, not for {text}")
    try:
        return kind.open(text.partition(":")[2], Access(allow_changes, modules, drivers, tell))
    except (ValueError, OSError) as error:
        raise TargetError(f"{text}: {error}") from error
