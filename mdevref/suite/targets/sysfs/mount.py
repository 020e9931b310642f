"""The target ``sysfs:DIR`` if ``mdevref mount`` serves DIR: the reference host, reached by the kernel's file system.

The suite uses files for everything that files can do. It asks the mount's server for the rest: uevents, loading and
unloading of drivers, devices held open. Each scenario starts with the host in the state in which it was mounted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn, cast

from mdevref.servers.sysfs.control import ask
from mdevref.suite.interface.device import HeldDevice
from mdevref.suite.interface.drivers import Vendor
from mdevref.suite.interface.target import NOT_ENVIRONMENT, Uevent
from mdevref.suite.interface.unsupported import Unsupported
from mdevref.suite.targets.sysfs.machine import SysfsMachine
from mdevref.suite.targets.sysfs.started import DEADLINE, Started
from mdevref.suite.targets.sysfs.target import SysfsTarget

_GLANCE = 0.002  # seconds between two queries whether a thread is blocked


class MountMachine(SysfsMachine):
    """A mount for one scenario: the suite may write any file, and load and unload drivers."""

    def __init__(self, target: MountTarget) -> None:
        self._tag = target.tag
        self._core_owns_types = target.core_owns_types
        ask(self._tag, "reset", True)
        super().__init__(target.root, allow_changes=True)

    def _check(self, path: str, data: bytes) -> None:
        """Permit every write: the mounted host is there for the suite."""

    def uevents(self) -> Sequence[Uevent]:
        return [
            Uevent(action, devpath, {key: value for key, value in variables.items() if key not in NOT_ENVIRONMENT})
            for action, devpath, variables in ask(self._tag, "uevents")
        ]

    def load(self, driver: str) -> None:
        ask(self._tag, "load", driver, {})

    def unload(self, driver: str) -> None:
        ask(self._tag, "unload", driver)

    def vendor_drivers(self) -> Mapping[str, str]:
        return {name: name for name in ask(self._tag, "vendors")}

    def scripted_vendor(self, without: Sequence[str] = ()) -> Vendor:
        """Load the scripted driver. Raises Unsupported if the era's core itself creates an attribute of ``without``."""
        if self._core_owns_types and set(without) - {"description", "name"}:
            raise Unsupported(f"the core of this era itself creates {', '.join(without)} of every type")
        ask(self._tag, "load", "scripted", {"without": ",".join(without)})
        return _Vendor(self._tag)

    def open_device(self, uuid: str) -> HeldDevice:
        return cast(HeldDevice, _Held(self._tag, uuid))

    def start(self, operation: Callable[[], object]) -> Started:
        return _Started(self._tag, operation)

    def leftovers(self) -> Sequence[str]:
        return [str(text) for text in ask(self._tag, "leftovers")]


class MountTarget(SysfsTarget):
    """The tree that ``mdevref mount`` serves at ``root``; ``tag`` identifies the mount."""

    def __init__(self, root: str, tag: str) -> None:
        """Raise ValueError if the host has devices of another owner, or has no parent of mediated devices."""
        told = ask(tag, "describe")
        if told["devices"] and not told["is_tested"]:
            raise ValueError("the host has mediated devices, which the suite would remove; mount a host for the suite")
        super().__init__(root, allow_changes=True)
        self.tag = tag
        self.interfaces = frozenset({"management"})
        self.release = (told["release"][0], told["release"][1])
        self.core_owns_types = bool(told["core_owns_types"])
        self._told = {"kernel": f"era {told['era']}, through a mount", "drivers": ", ".join(told["drivers"])}

    def environment(self) -> Mapping[str, str]:
        from importlib.metadata import version

        return {"implementation": f"mdevref {version('mdevref')}", **self._told}

    def machine(self) -> MountMachine:
        return MountMachine(self)

    def close(self) -> None:
        """Reset the host to the state in which it was mounted, and return it to its users."""
        ask(self.tag, "reset", False)
        super().close()


class _Started(Started):
    """An operation in its own thread; the mount's server reports whether it is blocked."""

    def __init__(self, tag: str, operation: Callable[[], object]) -> None:
        self._tag = tag
        super().__init__(operation)

    def is_blocked(self) -> bool:
        deadline = time.monotonic() + DEADLINE
        while not self._over.wait(_GLANCE):
            if ask(self._tag, "is_blocked", self._thread.native_id):
                return True
            if time.monotonic() > deadline:
                raise TimeoutError(f"timed out: an operation neither ended nor blocked within {DEADLINE:.0f} s")
        return False


class _Vendor:
    """The scripted vendor driver of the mount's host."""

    parent = "scripted"

    def __init__(self, tag: str) -> None:
        self._tag = tag
        self.types: Sequence[str] = ask(tag, "vendor", "types")

    def calls(self) -> Sequence[tuple[str, str]]:
        return [(callback, uuid) for callback, uuid in ask(self._tag, "vendor", "calls")]

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return lambda *arguments: ask(self._tag, "vendor", name, *arguments)


class _Held:
    """A device that the mount's server holds open. It offers no device file, only its files in sysfs."""

    def __init__(self, tag: str, uuid: str) -> None:
        self._tag = tag
        self._handle: int | None = ask(tag, "open", uuid)

    def close(self) -> None:
        handle, self._handle = self._handle, None
        if handle is not None:
            ask(self._tag, "close_device", handle)

    def __getattr__(self, name: str) -> NoReturn:
        raise Unsupported(f"a mount has no device file for {name}")
