"""What the steps ask of an implementation under test, and nothing more.

A *target* is opened once for a run and hands out a *machine* for each scenario. A machine is a clean start: no
mediated device of an earlier scenario, the vendor drivers loaded. Paths are those of sysfs without the leading
``/sys/`` (``bus/mdev/devices``); every failure of an operation is an :class:`OSError` with the errno that the
implementation gave. Whatever a target has not got raises :class:`Unsupported` with a reason that a reader understands.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from mdevref.suite.interface.device import HeldDevice, Process
from mdevref.suite.interface.drivers import Drivers, Vendor
from mdevref.suite.interface.files import Files
from mdevref.suite.interface.terms import Interface
from mdevref.suite.interface.translation import Translation

NOT_ENVIRONMENT = frozenset(("ACTION", "DEVPATH", "SEQNUM"))  #: variables that say nothing beside action and devpath


@dataclass(frozen=True, slots=True)
class Uevent:
    """One uevent: action (``add``), devpath (``/devices/...``), and its environment without ``NOT_ENVIRONMENT``."""

    action: str
    devpath: str
    environment: Mapping[str, str] = field(default_factory=dict)


class Pending(Protocol):
    """An operation that was started beside the scenario and may block."""

    def is_blocked(self) -> bool:
        """Whether the operation waits inside the implementation; gives it time to get there before saying so."""

    def result(self) -> object:
        """Wait for the end, within the target's deadline (TimeoutError past it); its value, or raise its OSError."""


class Machine(Protocol):
    """One clean implementation for one scenario."""

    @property
    def files(self) -> Files: ...

    def uevents(self) -> Sequence[Uevent]:
        """The uevents since the machine was handed out, oldest first; Unsupported where they cannot be seen."""

    def load(self, driver: str) -> None:
        """Load a driver by its module name (a bus driver or a vendor driver)."""

    def unload(self, driver: str) -> None: ...
    def vendor_drivers(self) -> Mapping[str, str]:
        """Module name -> name of its parent, of the vendor drivers loaded now that can be unloaded and loaded again."""

    def scripted_vendor(self, without: Sequence[str] = ()) -> Vendor:
        """Load the scripted vendor driver, its types without the named optional attributes."""

    def drivers(self) -> Drivers:
        """The driver interface; each call gives the same. Unsupported where there is none."""

    def translation(self) -> Translation:
        """The translation interface; each call gives the same. Unsupported where there is none."""

    def process(self) -> Process:
        """A new user process, which may open the nodes of VFIO; Unsupported where there are none."""

    def nodes(self) -> Collection[str]:
        """The nodes below ``/dev/vfio``, by their paths below ``/dev`` (``vfio/vfio``); Unsupported as above."""

    def open_device(self, uuid: str) -> HeldDevice:
        """Hold a mediated device open, where that is not for processes to do; else Unsupported.

        Where the target's interfaces are without ``management`` there is but one device, which has no UUID: ``""``.
        """

    def start(self, operation: Callable[[], object]) -> Pending: ...
    def leftovers(self) -> Sequence[str]:
        """What the scenario left behind after its own devices were removed, in words; empty when clean."""

    def close(self) -> None: ...


class Target(Protocol):
    """An implementation under test."""

    name: str  #: as on the command line: ``reference``, ``sysfs:/sys``
    interfaces: frozenset[Interface]
    release: tuple[int, int] | None  #: the kernel release that it is or models, None where that means nothing

    def environment(self) -> Mapping[str, str]:
        """Facts for a report: kernel, drivers, versions."""

    def machine(self) -> Machine: ...
    def shell_path(self, path: str) -> str:
        """The path that a person types to reach ``path`` of this target (``/sys/bus/mdev/devices``)."""

    def close(self) -> None: ...
