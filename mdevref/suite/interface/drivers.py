"""The driver interface of a target: scripted vendor drivers and bus drivers, and their callbacks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Literal, Protocol


class Vendor(Protocol):
    """The scripted vendor driver, which misbehaves on request. Only the reference has one."""

    parent: str  #: name of its parent device, as in ``class/mdev_bus``
    types: Sequence[str]  #: its type ids

    def refuse_create(self, errno: int) -> None: ...
    def refuse_remove(self, errno: int) -> None: ...
    def refuse_probe(self, errno: int) -> None: ...
    def hold(self, callback: Literal["create", "remove"]) -> None:
        """Make further calls of the callback block until :meth:`release`."""

    def await_held(self, callback: Literal["create", "remove"]) -> None:
        """Wait until a caller is blocked in the held callback."""

    def release(self, callback: Literal["create", "remove"]) -> None: ...
    def calls(self) -> Sequence[tuple[str, str]]:
        """Return the callbacks that were called so far, in order, as (callback, uuid)."""


@dataclass(frozen=True, slots=True)
class Placement:
    """The names of a physical device's driver, bus and class; an empty string means that it has none."""

    driver: str = ""
    bus: str = ""
    device_class: str = ""

    def __str__(self) -> str:
        named = {"driver": self.driver, "bus": self.bus, "class": self.device_class}
        return ", ".join(f"{kind} {name}" for kind, name in named.items() if name) or "no bus and no class"


@dataclass(frozen=True, slots=True)
class Ops:
    """The parent ops with which a scripted vendor driver registers a physical device.

    ``types`` names its type groups; None is a group without a name. ``without`` names the members that are left out.
    An attribute is written as ``name``, or as ``group/name`` if its group has a name. The attributes in ``mute`` have
    neither a show nor a store function.
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
    """A scripted bus driver: its name (None if it has none), the members left out, and the module that owns it."""

    name: str | None
    without: frozenset[str] = frozenset()
    module: str | None = None

    def __str__(self) -> str:
        lacks = f" without {_names(sorted(self.without))}" if self.without else ""
        return f"{_names([self.name])}{lacks}{f' of module {self.module}' if self.module else ''}"


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a callback: its name, its owner, the UUID of the device, and its further arguments.

    ``given`` holds those of ``type`` (the type's id), ``count``, ``offset``, ``data`` and ``request`` that the callback
    takes.
    """

    callback: str
    owner: str
    device: str
    given: Mapping[str, object] = field(default_factory=dict)


class DeviceFile(Protocol):
    """The file of a mediated device held open; each call is one system call on it. Offsets and counts are in bytes."""

    def read(self, count: int, offset: int) -> bytes: ...
    def write(self, data: bytes, offset: int) -> int: ...
    def ioctl(self, request: int) -> object: ...
    def mmap(self, count: int, offset: int) -> object: ...
    def close(self) -> None: ...


class Drivers(Protocol):
    """The functions that drivers call in the core and those that the core calls in them, with scripted drivers.

    A physical device is identified by its path. ``owner`` of a callback is that path for the ops of a physical device,
    and the driver's name for a bus driver. A callback succeeds unless the scenario configured another result, which it
    may do before registration. Releases that name these functions differently are called by their own names.
    """

    def add_device(self, name: str, placement: Placement) -> str:
        """Create a physical device that is not registered with the core, and return its path."""

    def add_child(self, device: str, name: str) -> str:
        """Create a child of a physical device that is not a mediated device, and return its path."""

    def bind_device(self, device: str, driver: str) -> None:
        """Bind a driver to a physical device that is on a bus and has no driver."""

    def add_module(self, name: str) -> None:
        """Load a module of this name that registers nothing."""

    def register_device(self, device: str | None, ops: Ops | None) -> None: ...
    def unregister_device(self, device: str) -> None: ...
    def register_driver(self, driver: BusDriver) -> None: ...
    def unregister_driver(self, name: str, was_refused: bool) -> None:
        """Unregister the bus driver that was registered under this name, or whose registration failed.

        If there was neither, unregister a driver that the core has never seen.
        """

    def fail(self, owner: str, callback: str, errno: int) -> None:
        """Make further calls of the callback fail with ``errno``."""

    def answer(self, owner: str, callback: str, value: object) -> None:
        """Make further calls of the callback return ``value``."""

    def hold(self, owner: str, callback: str) -> None:
        """Make further calls of the callback block until :meth:`release`."""

    def is_held(self, owner: str, callback: str) -> bool:
        """Return whether a caller is blocked in the held callback."""

    def release(self, owner: str, callback: str) -> None: ...
    def calls(self) -> Sequence[Call]:
        """Return the calls of callbacks so far, in order."""

    def kernel_log(self) -> Sequence[str]:
        """Return the lines of the kernel log since the machine was handed out, oldest first."""

    def open(self, uuid: str) -> DeviceFile: ...
    def let_go(self) -> None:
        """Release every held callback, and make every further call succeed at once."""

    def close(self) -> None:
        """Unregister every driver and device that is registered, and remove every device that was created."""
