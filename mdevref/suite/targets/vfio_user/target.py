"""The target ``vfio-user:PATH``: the single device of a vfio-user server, as a VMM sees it.

It has no tree, no groups and no containers, so only the requirements on an open device can be tested.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from mdevref.servers.vfio_user import protocol as protocol
from mdevref.suite.interface.device import HeldDevice
from mdevref.suite.interface.releases import Release
from mdevref.suite.interface.target import Machine, Pending
from mdevref.suite.interface.terms import Interface
from mdevref.suite.interface.unsupported import Unsupported
from mdevref.suite.targets.sysfs.started import Started
from mdevref.suite.targets.vfio_user.client import Connection, VfioUserDevice

NO_TREE = "a vfio-user server has no /sys"
NO_NODES = "a vfio-user server has no groups and containers"
NO_MODULES = "a vfio-user server has no drivers to load"


def _never(reason: str) -> Callable[..., NoReturn]:
    """Return a function that accepts every argument and raises Unsupported with this reason."""

    def refuse(*_arguments: object, **_named: object) -> NoReturn:
        raise Unsupported(reason)

    return refuse


class Files:
    """The missing tree: each operation raises Unsupported."""

    listdir = read = write = readlink = lstat = open = staticmethod(_never(NO_TREE))


class VfioUserMachine:
    """The server's device for one scenario. Each time that it is opened uses a connection of its own."""

    def __init__(self, path: Path) -> None:
        self.files = Files()
        self._path = path
        self._opened: list[VfioUserDevice] = []

    def open_device(self, uuid: str) -> HeldDevice:
        if uuid:
            raise Unsupported("the device of a vfio-user server has no UUID")
        device = VfioUserDevice(self._path)
        self._opened.append(device)
        return device

    uevents = staticmethod(_never(NO_TREE))
    load = unload = scripted_vendor = drivers = translation = staticmethod(_never(NO_MODULES))
    process = nodes = staticmethod(_never(NO_NODES))

    def vendor_drivers(self) -> Mapping[str, str]:
        return {}

    def start(self, operation: Callable[[], object]) -> Pending:
        return Started(operation)

    def leftovers(self) -> Sequence[str]:
        return ()

    def close(self) -> None:
        for device in self._opened:
            with suppress(OSError):
                device.close()


class VfioUserTarget:
    """The server at a socket. Its device belongs to no kernel release."""

    interfaces: frozenset[Interface] = frozenset({"device"})
    release: Release | None = None

    def __init__(self, argument: str) -> None:
        """Connect once. Raises ValueError if there is no path, and OSError if no server is listening at it."""
        if not argument:
            raise ValueError("the path of the server's socket is missing (expected vfio-user:SOCKET)")
        self._path = Path(argument)
        self.name = f"vfio-user:{argument}"
        connection = Connection(self._path)
        self._capabilities = connection.capabilities
        connection.close()

    def environment(self) -> Mapping[str, str]:
        """Return the facts that a report shows: the protocol and the server's capabilities."""
        told = self._capabilities
        said = [f"{name} {value}" for name in told.__struct_fields__ if (value := getattr(told, name)) is not None]
        return {
            "protocol": f"vfio-user {protocol.MAJOR}.{protocol.MINOR}",
            "capabilities": ", ".join(said) or "none",
        }

    def machine(self) -> Machine:
        return VfioUserMachine(self._path)

    def shell_path(self, path: str) -> str:
        return f"/sys/{path}"

    def close(self) -> None:
        """Do nothing: the target has no state of its own."""
