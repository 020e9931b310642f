"""The interface of an implementation under test, as far as the steps use it.

A *target* is opened once for a run and hands out a *machine* for each scenario. A machine starts clean: its vendor
drivers are loaded, and it has no mediated device of an earlier scenario. Paths are those of sysfs without the leading
``/sys/`` (``bus/mdev/devices``). A failed operation raises :class:`OSError` with the errno that the implementation
returned. An operation that the target does not offer raises :class:`Unsupported`, with a reason for the report.
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

#: Variables that are left out of a uevent's environment, since action and devpath already hold them or they are noise.
NOT_ENVIRONMENT = frozenset(("ACTION", "DEVPATH", "SEQNUM"))


@dataclass(frozen=True, slots=True)
class Uevent:
    """One uevent: action (``add``), devpath (``/devices/...``), and its environment without ``NOT_ENVIRONMENT``."""

    action: str
    devpath: str
    environment: Mapping[str, str] = field(default_factory=dict)


class Pending(Protocol):
    """An operation that runs concurrently with the scenario and may block."""

    def is_blocked(self) -> bool:
        """Return whether the operation is blocked inside the implementation, after giving it time to get there."""

    def result(self) -> object:
        """Wait until the operation ends, and return its value or raise its OSError.

        Raises TimeoutError if the operation exceeds the target's time limit.
        """


class Machine(Protocol):
    """One clean implementation for one scenario."""

    @property
    def files(self) -> Files: ...

    def uevents(self) -> Sequence[Uevent]:
        """Return the uevents since the machine was handed out, oldest first.

        Raises Unsupported if the target cannot observe uevents.
        """

    def load(self, driver: str) -> None:
        """Load a driver by its module name (a bus driver or a vendor driver)."""

    def unload(self, driver: str) -> None: ...
    def vendor_drivers(self) -> Mapping[str, str]:
        """Map the module name of each loaded vendor driver that can be reloaded to the name of its parent."""

    def scripted_vendor(self, without: Sequence[str] = ()) -> Vendor:
        """Load the scripted vendor driver; its types lack the optional attributes named in ``without``."""

    def drivers(self) -> Drivers:
        """Return the driver interface, the same object on each call. Raises Unsupported if there is none."""

    def translation(self) -> Translation:
        """Return the translation interface, the same object on each call. Raises Unsupported if there is none."""

    def process(self) -> Process:
        """Return a new user process that may open the VFIO nodes. Raises Unsupported if there are no such nodes."""

    def nodes(self) -> Collection[str]:
        """Return the nodes below ``/dev/vfio`` by their paths below ``/dev`` (``vfio/vfio``).

        Raises Unsupported if there are none.
        """

    def open_device(self, uuid: str) -> HeldDevice:
        """Open a mediated device on a target that has no user processes; other targets raise Unsupported.

        A target without the ``management`` interface has exactly one device. It has no UUID: pass ``""``.
        """

    def start(self, operation: Callable[[], object]) -> Pending: ...
    def leftovers(self) -> Sequence[str]:
        """Describe what the scenario left behind after its own devices were removed; empty if nothing."""

    def close(self) -> None: ...


class Target(Protocol):
    """An implementation under test."""

    name: str  #: as on the command line: ``reference``, ``sysfs:/sys``
    interfaces: frozenset[Interface]
    release: tuple[int, int] | None  #: the kernel release that it is or models, None if it has no such release

    def environment(self) -> Mapping[str, str]:
        """Return the facts that a report shows: kernel, drivers, versions."""

    def machine(self) -> Machine: ...
    def shell_path(self, path: str) -> str:
        """Return the path by which a shell reaches ``path`` of this target (``/sys/bus/mdev/devices``)."""

    def close(self) -> None: ...
