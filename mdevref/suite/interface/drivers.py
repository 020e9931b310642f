"""What the steps ask of a target's driver interface: scripted vendor drivers and bus drivers, and their calls."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Literal, Protocol


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
