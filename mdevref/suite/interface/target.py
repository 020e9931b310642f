"""What the steps ask of an implementation under test, and nothing more.

A *target* is opened once for a run and hands out a *machine* for each scenario. A machine is a clean start: no
mediated device of an earlier scenario, the vendor drivers loaded. Paths are those of sysfs without the leading
``/sys/`` (``bus/mdev/devices``); every failure of an operation is an :class:`OSError` with the errno that the
implementation gave. Whatever a target has not got raises :class:`Unsupported` with a reason that a reader understands.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Literal, Protocol

from mdevref.suite.interface.device import HeldDevice, Process
from mdevref.suite.interface.translation import Translation

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
        """Open for writing as a shell's ``>`` does, write ``data`` in one write(2), close; the count of write(2)."""

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


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a physical device is: its driver, its bus, its class, by name; empty where it has none of that kind."""

    driver: str = ""
    bus: str = ""
    device_class: str = ""

    def __str__(self) -> str:
        named = {"driver": self.driver, "bus": self.bus, "class": self.device_class}
        return ", ".join(f"{kind} {name}" for kind, name in named.items() if name) or "no bus and no class"


@dataclass(frozen=True, slots=True)
class Ops:
    """What a scripted vendor driver registers a physical device with.

    ``types`` names its type groups, None for one without a name. ``without`` names members that are left out.
    Attributes are ``name``, or ``group/name`` in a group that has a name; those in ``mute`` neither show nor store.
    """

    types: Sequence[str | None] = ("1", "2")
    without: frozenset[str] = frozenset()
    parent_attributes: Sequence[str] = ()
    device_attributes: Sequence[str] = ()
    type_attributes: Sequence[str] = ("name", "device_api", "available_instances")
    mute: frozenset[str] = frozenset()

    def __str__(self) -> str:
        special = [
            f"{each.name}: {_names(value)}"
            for each in fields(self)
            if (value := getattr(self, each.name)) != each.default
        ]
        return f"ops with {'; '.join(special)}" if special else "complete ops"


def _names(names: Collection[str | None]) -> str:
    return ", ".join(name or "(no name)" for name in names) or "none"


@dataclass(frozen=True, slots=True)
class BusDriver:
    """A scripted bus driver: its name (None: it has none), the members that it lacks, the module that it belongs to."""

    name: str | None
    without: frozenset[str] = frozenset()
    module: str | None = None

    def __str__(self) -> str:
        lacks = f" without {_names(sorted(self.without))}" if self.without else ""
        return f"{_names([self.name])}{lacks}{f' of module {self.module}' if self.module else ''}"


@dataclass(frozen=True, slots=True)
class Call:
    """A callback that was called: its name, whose it is, the UUID of the device, and what else it was given.

    ``given`` has, as the callback has them, ``type`` (the type's id), ``count``, ``offset``, ``data``, ``request``.
    """

    callback: str
    owner: str
    device: str
    given: Mapping[str, object] = field(default_factory=dict)


class DeviceFile(Protocol):
    """The file of a mediated device held open, each call one system call on it. Offsets and counts are in bytes."""

    def read(self, count: int, offset: int) -> bytes: ...
    def write(self, data: bytes, offset: int) -> int: ...
    def ioctl(self, request: int) -> object: ...
    def mmap(self, count: int, offset: int) -> object: ...
    def close(self) -> None: ...


class Drivers(Protocol):
    """What drivers call in the core, and what the core calls in them, with scripted drivers of the scenario's own.

    A physical device is known by its path. ``owner`` is that path for the callbacks of a physical device's ops, or the
    name of a bus driver. A callback accepts whatever comes unless it was told otherwise, be it before it is registered.
    Where a release has the functions of this interface by other names, they are meant.
    """

    def add_device(self, name: str, placement: Placement) -> str:
        """Make a physical device that nobody has registered; its path."""

    def add_child(self, device: str, name: str) -> str:
        """Make a child device of a physical device that is no mediated device; its path."""

    def bind_device(self, device: str, driver: str) -> None:
        """Bind a physical device that is on a bus and has no driver."""

    def add_module(self, name: str) -> None:
        """Load a module of this name that does nothing of itself."""

    def register_device(self, device: str | None, ops: Ops | None) -> None: ...
    def unregister_device(self, device: str) -> None: ...
    def register_driver(self, driver: BusDriver) -> None: ...
    def unregister_driver(self, name: str, was_refused: bool) -> None:
        """Unregister the bus driver that was registered under the name, or the one that was refused under it.

        Where there was none, it is one that the core has never seen.
        """

    def fail(self, owner: str, callback: str, errno: int) -> None:
        """From now on the callback fails with ``errno``."""

    def answer(self, owner: str, callback: str, value: object) -> None:
        """From now on the callback gives ``value``."""

    def hold(self, owner: str, callback: str) -> None:
        """From now on the callback stops in the middle, until :meth:`release`."""

    def is_held(self, owner: str, callback: str) -> bool:
        """Whether a caller stands inside the held callback."""

    def release(self, owner: str, callback: str) -> None: ...
    def calls(self) -> Sequence[Call]:
        """The callbacks so far, in the order in which they were called."""

    def kernel_log(self) -> Sequence[str]:
        """The lines of the kernel log since the machine was handed out, oldest first."""

    def open(self, uuid: str) -> DeviceFile: ...
    def let_go(self) -> None:
        """From now on every callback returns at once and accepts."""

    def close(self) -> None:
        """Unregister what is registered, and take away what was made."""


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
