"""The target ``vfio-user:PATH``: the one device that a vfio-user server has, as a VMM sees it.

There is no tree, no group and no container, so what is left of the suite is what can be asked of an open device.
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

NO_TREE = "a vfio-user server has a device, and no /sys"
NO_NODES = "a vfio-user server has a device, and no groups and containers"
NO_MODULES = "a vfio-user server has a device, and no drivers to load"


def _never(reason: str) -> Callable[..., NoReturn]:
    """What cannot be done here, whatever it is given."""

    def refuse(*_arguments: object, **_named: object) -> NoReturn:
        raise Unsupported(reason)

    return refuse


class Files:
    """No tree: whoever looks for one is told so."""

    listdir = read = write = readlink = lstat = open = staticmethod(_never(NO_TREE))


class VfioUserMachine:
    """The server's device for one scenario. Each holder is a connection of its own."""

    def __init__(self, path: Path) -> None:
        self.files = Files()
        self._path = path
        self._opened: list[VfioUserDevice] = []

    def open_device(self, uuid: str) -> HeldDevice:
        if uuid:
            raise Unsupported("a vfio-user server's device has no UUID")
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
    """A server at a socket. Its device is that of no kernel release."""

    interfaces: frozenset[Interface] = frozenset({"device"})
    release: Release | None = None

    def __init__(self, argument: str) -> None:
        """ValueError without a path; OSError where no server answers there."""
        if not argument:
            raise ValueError("vfio-user takes the path of a server's socket")
        self._path = Path(argument)
        self.name = f"vfio-user:{argument}"
        connection = Connection(self._path)
        self._capabilities = connection.capabilities
        connection.close()

    def environment(self) -> Mapping[str, str]:
        """Facts for a report: what the server told of itself."""
        told = self._capabilities
        said = [f"{name} {value}" for name in told.__struct_fields__ if (value := getattr(told, name)) is not None]
        return {
            "protocol": f"vfio-user {protocol.MAJOR}.{protocol.MINOR}",
            "capabilities": ", ".join(said) or "none told",
        }

    def machine(self) -> Machine:
        return VfioUserMachine(self._path)

    def shell_path(self, path: str) -> str:
        return f"/sys/{path}"

    def close(self) -> None:
        """Nothing is kept between machines."""
