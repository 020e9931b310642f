"""A small target for tests of the engine: a few files in a dict, with various faults."""

from __future__ import annotations

import errno
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from mdevref.suite.interface.device import HeldDevice, Process
from mdevref.suite.interface.drivers import Drivers, Vendor
from mdevref.suite.interface.files import OpenFile, Stat
from mdevref.suite.interface.target import Pending, Uevent
from mdevref.suite.interface.terms import Interface
from mdevref.suite.interface.translation import Translation
from mdevref.suite.interface.unsupported import Unsupported


@dataclass
class FakeFiles:
    content: dict[str, bytes]

    def _get(self, path: str) -> bytes:
        if path not in self.content:
            raise OSError(errno.ENOENT, "No such file or directory")
        return self.content[path]

    def listdir(self, path: str) -> list[str]:
        return sorted(name for name in self.content if name.startswith(path))

    def read(self, path: str) -> bytes:
        return self._get(path)

    def write(self, path: str, data: bytes) -> int:
        self._get(path)
        self.content[path] = data
        return len(data)

    def readlink(self, path: str) -> str:
        return self._get(path).decode()

    def lstat(self, path: str) -> Stat:
        return Stat("file", 0o644, len(self._get(path)))

    def open(self, path: str, flags: int) -> OpenFile:
        self._get(path)
        return FakeOpenFile(self, path, flags)


@dataclass
class FakeOpenFile:
    files: FakeFiles
    path: str
    flags: int

    def read(self) -> bytes:
        return self.files.read(self.path)

    def write(self, data: bytes) -> int:
        return self.files.write(self.path, data)

    def close(self) -> None:
        """Do nothing."""


@dataclass
class FakeMachine:
    files: FakeFiles
    left: Callable[[], Sequence[str]] = list
    closed: list[str] = field(default_factory=list)

    def uevents(self) -> Sequence[Uevent]:
        raise Unsupported("a fake has no uevents")

    def load(self, driver: str) -> None:
        """Accept every driver."""

    def unload(self, driver: str) -> None:
        raise OSError(errno.EBUSY, "Device or resource busy")

    def vendor_drivers(self) -> Mapping[str, str]:
        return {}

    def scripted_vendor(self, without: Sequence[str] = ()) -> Vendor:
        raise Unsupported("a fake has no scripted vendor")

    def drivers(self) -> Drivers:
        raise Unsupported("a fake has no driver interface")

    def translation(self) -> Translation:
        raise Unsupported("a fake has no translation interface")

    def process(self) -> Process:
        raise Unsupported("a fake has no nodes")

    def nodes(self) -> Collection[str]:
        raise Unsupported("a fake has no nodes")

    def open_device(self, uuid: str) -> HeldDevice:
        raise Unsupported("a fake has no devices")

    def start(self, operation: Callable[[], object]) -> Pending:
        return FakePending(operation)

    def leftovers(self) -> Sequence[str]:
        return self.left()

    def close(self) -> None:
        self.closed.append("closed")


@dataclass
class FakePending:
    operation: Callable[[], object]

    def is_blocked(self) -> bool:
        return False

    def result(self) -> object:
        return self.operation()


@dataclass
class FakeTarget:
    name: str = "fake"
    content: dict[str, bytes] = field(default_factory=lambda: {"frame": b"wood\n"})
    interfaces: frozenset[Interface] = frozenset({"management"})
    release: tuple[int, int] | None = (5, 10)
    left: Callable[[], Sequence[str]] = list
    refuse: Exception | None = None
    machines: list[FakeMachine] = field(default_factory=list)
    closed: bool = False

    def environment(self) -> Mapping[str, str]:
        return {"kind": "a fake"}

    def machine(self) -> FakeMachine:
        if self.refuse:
            raise self.refuse
        self.machines.append(FakeMachine(FakeFiles(dict(self.content)), self.left))
        return self.machines[-1]

    def shell_path(self, path: str) -> str:
        return f"/fake/{path}"

    def close(self) -> None:
        self.closed = True


def good() -> FakeTarget:
    """Return a target on which the small spec passes."""
    return FakeTarget()


def bad() -> FakeTarget:
    """Return a target whose frame is of iron."""
    return FakeTarget(content={"frame": b"iron\n"})


def no_target() -> int:
    """Return an object that is not a target."""
    return 7


def breaks() -> FakeTarget:
    """Raise an error, as a target that cannot be opened."""
    raise RuntimeError("no frame today")
