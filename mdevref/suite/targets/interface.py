"""What the steps ask of an implementation under test, and nothing more.

A *target* is opened once for a run and hands out a *machine* for each scenario. A machine is a clean start: no
mediated device of an earlier scenario, the vendor drivers loaded. Paths are those of sysfs without the leading
``/sys/`` (``bus/mdev/devices``); every failure of an operation is an :class:`OSError` with the errno that the
implementation gave. Whatever a target has not got raises :class:`Unsupported` with a reason that a reader understands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

Interface = Literal["management", "driver", "device", "translation", "sample"]
Kind = Literal["directory", "file", "link"]


class Unsupported(Exception):
    """The target has no such interface, or a precondition cannot be set up there; the text says which."""


@dataclass(frozen=True, slots=True)
class Stat:
    """What ``lstat`` tells of an entry: its kind, its permission bits (0o0000 to 0o7777) and its size in bytes."""

    kind: Kind
    mode: int
    size: int


@dataclass(frozen=True, slots=True)
class Uevent:
    """One uevent: action (``add``), devpath (``/devices/...``), and its environment without ACTION, DEVPATH, SEQNUM."""

    action: str
    devpath: str
    environment: Mapping[str, str] = field(default_factory=dict)


class OpenFile(Protocol):
    """An attribute held open: each call is one read(2) or write(2) on the same open file."""

    def read(self) -> bytes: ...
    def write(self, data: bytes) -> int: ...
    def close(self) -> None: ...


class Files(Protocol):
    """A tree that looks like /sys."""

    def listdir(self, path: str) -> list[str]: ...
    def read(self, path: str) -> bytes: ...
    def write(self, path: str, data: bytes) -> int:
        """Open for writing as a shell's ``>`` does, write ``data`` in one write(2), close; the count that write(2) gave."""

    def readlink(self, path: str) -> str: ...
    def lstat(self, path: str) -> Stat: ...
    def open(self, path: str, flags: int) -> OpenFile:
        """``flags`` as for open(2): ``os.O_RDONLY``, ``os.O_WRONLY``, with ``O_CREAT``, ``O_TRUNC``, ``O_APPEND``."""


class Pending(Protocol):
    """An operation that was started beside the scenario and may block."""

    def is_blocked(self) -> bool:
        """Whether the operation waits inside the implementation; gives it time to get there before saying so."""

    def result(self) -> object:
        """Wait for the end, within the target's deadline (TimeoutError past it); its value, or raise its OSError."""


class Device(Protocol):
    """A mediated device held open through its device API."""

    def close(self) -> None: ...


class Vendor(Protocol):
    """The scripted vendor driver: a driver that misbehaves on request. Only the reference has one."""

    parent: str  #: name of its parent device, as in ``class/mdev_bus``
    types: Sequence[str]  #: its type ids

    def refuse_create(self, errno: int) -> None: ...
    def refuse_remove(self, errno: int) -> None: ...
    def refuse_probe(self, errno: int) -> None: ...
    def hold(self, callback: Literal["create", "remove"]) -> None:
        """From now on the callback stops in the middle, until :meth:`release`."""

    def await_held(self, callback: Literal["create", "remove"]) -> None:
        """Return when some caller stands inside the held callback."""

    def release(self, callback: Literal["create", "remove"]) -> None: ...
    def calls(self) -> Sequence[tuple[str, str]]:
        """The callbacks so far, in order, as (callback, uuid)."""


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

    def open_device(self, uuid: str) -> Device: ...
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
