"""The target ``sysfs:ROOT``: any tree that behaves like /sys, through the files of the operating system.

A tree of files shows no uevents, loads no modules and opens no devices: those raise Unsupported with that reason, and a
target that can do them overrides them. The machine is somebody's: the suite writes to types and to devices that it made
itself, and to nothing else; on ``/sys`` it writes at all only when it was told that it may.
"""

from __future__ import annotations

import os
import re
import stat as stats
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from mdevref.servers.sysfs.watcher import tag_at
from mdevref.suite.interface.device import HeldDevice, Process
from mdevref.suite.interface.selection import BUS, CLASS, SAMPLE, TYPES, instances, parents, types
from mdevref.suite.interface.target import Drivers, Interface, OpenFile, Pending, Stat, Uevent, Unsupported, Vendor
from mdevref.suite.interface.translation import Translation
from mdevref.suite.spec.model import Release, parse_release
from mdevref.suite.targets.live.nodes import LiveNodes, OwnNodes, there_are_nodes
from mdevref.suite.targets.sysfs.journal import Journal, clean, has_entries

_PAGE = 4096
_UUID = 36  # characters
_CREATE = re.compile(rf"(^|/){TYPES}/[^/]+/create$")
_BIND = re.compile(rf"^{BUS}/drivers/[^/]+/(bind|unbind)$")
DEADLINE = 10.0  # seconds that an operation may take; the slowest real one, an unload in a guest, takes 1.5
_GLANCE = 0.02  # seconds between two looks at a thread
_ASLEEP = 3  # looks in a row that must find a thread asleep in the kernel

_here = threading.local()

READ_ONLY = "nothing is changed on this machine without --allow-changes"


#: What goes round a write of these bytes to this path.
Writing = Callable[[str, bytes], AbstractContextManager[None]]


class Files:
    """The tree below ``root``, through open, read and write. ``may_write`` raises what forbids a write."""

    def __init__(self, root: str, may_write: Callable[[str, bytes], None], writing: Writing) -> None:
        self._root = root
        self._may_write = may_write
        self._writing = writing

    def _path(self, path: str) -> str:
        return f"{self._root}/{path}"

    def listdir(self, path: str) -> list[str]:
        return os.listdir(self._path(path))

    def read(self, path: str) -> bytes:
        descriptor = os.open(self._path(path), os.O_RDONLY)
        try:
            parts = []
            while part := os.read(descriptor, _PAGE):
                parts.append(part)
            return b"".join(parts)
        finally:
            os.close(descriptor)

    def write(self, path: str, data: bytes) -> int:
        with self._writing(path, data):
            return within_deadline(lambda: _write(self._path(path), data, os.O_WRONLY | os.O_CREAT | os.O_TRUNC))

    def readlink(self, path: str) -> str:
        return os.readlink(self._path(path))

    def lstat(self, path: str) -> Stat:
        found = os.lstat(self._path(path))
        if stats.S_ISLNK(found.st_mode):
            return Stat("link", stats.S_IMODE(found.st_mode), found.st_size)
        kind = "directory" if stats.S_ISDIR(found.st_mode) else "file"
        return Stat(kind, stats.S_IMODE(found.st_mode), found.st_size)  # type: ignore[arg-type]  # one of two literals

    def open(self, path: str, flags: int) -> OpenFile:
        if flags & (os.O_WRONLY | os.O_RDWR):
            self._may_write(path, b"")
        return _OpenFile(os.open(self._path(path), flags, 0o666), path, self._writing)


class _OpenFile:
    def __init__(self, descriptor: int, path: str, writing: Writing) -> None:
        self._descriptor = descriptor
        self._path = path
        self._writing = writing

    def read(self) -> bytes:
        return os.read(self._descriptor, _PAGE)

    def write(self, data: bytes) -> int:
        with self._writing(self._path, data):
            return within_deadline(lambda: os.write(self._descriptor, data))

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


class Started:
    """An operation in a thread of its own: a write may wait in the kernel for as long as a device is open."""

    def __init__(self, operation: Callable[[], object]) -> None:
        self._operation = operation
        self._value: object = None
        self._error: BaseException | None = None
        self._over = threading.Event()
        # Not waited for at the end of the process: nobody can interrupt a thread that waits inside a driver.
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        _here.is_started = True
        try:
            self._value = self._operation()
        except BaseException as error:
            self._error = error
        self._over.set()

    def is_blocked(self) -> bool:
        """Whether the thread sleeps in the kernel: several looks in a row find it asleep, and it uses no time."""
        deadline, asleep, used = time.monotonic() + DEADLINE, 0, -1
        while not self._over.wait(_GLANCE):
            state, now_used = _thread_state(self._thread.native_id)
            asleep = asleep + 1 if state in "SD" and now_used == used else 0
            used = now_used
            if asleep >= _ASLEEP:
                return True
            if time.monotonic() > deadline:
                raise TimeoutError(f"a thread is neither done nor asleep after {DEADLINE:.0f} s")
        return False

    def result(self) -> object:
        if not self._over.wait(DEADLINE):
            raise TimeoutError(f"no end within {DEADLINE:.0f} s")
        if self._error:
            raise self._error
        return self._value


def _thread_state(thread: int | None) -> tuple[str, int]:
    """The state letter of a thread of this process, and the clock ticks that it has used; proc(5)."""
    with suppress(OSError):
        fields = Path(f"/proc/self/task/{thread}/stat").read_text().rpartition(")")[2].split()
        return fields[0], int(fields[11]) + int(fields[12])
    return "X", 0


def within_deadline(operation: Callable[[], int]) -> int:
    """Run an operation that may block; TimeoutError where it has not come back within the deadline."""
    if getattr(_here, "is_started", False):  # whoever has started this thread keeps to the deadline
        return operation()
    value = Started(operation).result()
    assert isinstance(value, int)
    return value


class SysfsMachine:
    """Somebody's machine, for one scenario: it knows the devices that the scenario made, and touches no others."""

    def __init__(
        self, root: str, *, allow_changes: bool, journal: Journal | None = None, has_nodes: bool = False
    ) -> None:  # fmt: skip
        """``has_nodes``: the tree is that of this machine's kernel, whose nodes can be opened."""
        self._allow_changes = allow_changes
        self._journal = journal
        self._own: set[str] = set()
        self.files = Files(root, self._check, self._writing)
        self._nodes: LiveNodes | None = OwnNodes(self.files, self._own) if has_nodes else None
        self._root = root
        self._before = self._look()

    def _check(self, path: str, data: bytes) -> None:
        """Raise Unsupported for a write that would touch what is not ours."""
        if not self._allow_changes:
            raise Unsupported(READ_ONLY)
        if _CREATE.search(path):
            return
        own = any(part.lower() in self._own for part in path.split("/"))
        if _BIND.match(path):
            own = data.decode("latin-1").strip().lower() in self._own or not data
        if not own:
            raise Unsupported(f"the suite writes to types and to its own devices only, not to {path}")

    @contextmanager
    def _writing(self, path: str, data: bytes) -> Iterator[None]:
        """A device is in the journal before it is made, and ours when the write to ``create`` was accepted."""
        self._check(path, data)
        if not (data and _CREATE.search(path)):
            yield
            return
        uuid = data[:_UUID].decode("latin-1").lower()
        if self._journal is None:
            yield
        else:
            with self._journal.device(path, uuid):
                yield
        self._own.add(uuid)

    def _look(self) -> dict[str, str]:
        """What a scenario must leave as it was: parents, types, their instances, devices."""
        seen: dict[str, str] = {}
        with suppress(OSError):
            for parent in parents(self.files, self._root):
                seen[parent.path] = "there"
                for type in types(self.files, parent):
                    seen[f"{type.path}/available_instances"] = str(instances(self.files, type))
        with suppress(OSError):
            seen |= dict.fromkeys((f"{BUS}/devices/{name}" for name in self.files.listdir(f"{BUS}/devices")), "there")
        return seen

    def uevents(self) -> Sequence[Uevent]:
        raise Unsupported("a tree of files shows no uevents")

    def load(self, driver: str) -> None:
        raise Unsupported(f"a tree of files cannot load the driver {driver}")

    def unload(self, driver: str) -> None:
        raise Unsupported(f"a tree of files cannot unload the driver {driver}")

    def vendor_drivers(self) -> Mapping[str, str]:
        """None: what cannot be unloaded and loaded again does not count."""
        return {}

    def scripted_vendor(self, without: Sequence[str] = ()) -> Vendor:  # noqa: ARG002  # the interface has it
        raise Unsupported("only the reference has the scripted vendor driver")

    def drivers(self) -> Drivers:
        raise Unsupported("the target has no driver interface")

    def translation(self) -> Translation:
        raise Unsupported("what drivers pin, groups hold and back ends refuse is a running kernel's own affair")

    def process(self) -> Process:
        return self._nodes_of_vfio().process()

    def nodes(self) -> Collection[str]:
        return self._nodes_of_vfio().paths()

    def open_device(self, uuid: str) -> HeldDevice:
        raise Unsupported(f"a tree of files opens no devices, such as {uuid}")

    def _nodes_of_vfio(self) -> LiveNodes:
        if self._nodes is None:
            raise Unsupported("a tree of files opens no devices")
        return self._nodes

    def start(self, operation: Callable[[], object]) -> Pending:
        return Started(operation)

    def leftovers(self) -> Sequence[str]:
        """The scenario's own devices that are still there are removed, and told, like all else that has changed."""
        found = []
        for uuid in sorted(self._own):
            path = f"{BUS}/devices/{uuid}"
            with suppress(FileNotFoundError):
                self.files.lstat(path)
                found.append(f"the device {uuid} was still there")
                with suppress(OSError, Unsupported):
                    self.files.write(f"{path}/remove", b"1")
        if self._journal is not None:
            self._journal.strike_gone()
        after = self._look()
        for path in sorted({*self._before, *after}):
            before, now = self._before.get(path, "absent"), after.get(path, "absent")
            if before != now:
                found.append(f"{path}: {now}, was {before}")
        return found

    def close(self) -> None:
        """Let go of what processes have open."""
        if self._nodes is not None:
            self._nodes.close()


class SysfsTarget:
    """A tree at ``root``; ``release`` is the kernel's, where the tree is not this machine's own."""

    interfaces: frozenset[Interface] = frozenset({"management"})

    def __init__(self, root: str, *, allow_changes: bool = False, release: Release | None = None) -> None:
        """ValueError where ``root`` shows no parent of mediated devices."""
        self.root = os.path.abspath(root)
        self.name = f"sysfs:{root}"
        self.is_this_machine = os.path.realpath(root) == "/sys"
        self.release: Release | None = release or (_running_release() if self.is_this_machine else None)
        self.allow_changes = allow_changes or not self.is_this_machine
        self.journal: Journal | None = None
        self.has_nodes = self.is_this_machine and there_are_nodes()
        if self.has_nodes:
            self.interfaces |= {"device"}
        if not os.path.isdir(self.root):
            raise ValueError("no such directory")
        if not os.path.isdir(f"{self.root}/{CLASS}"):
            raise ValueError(f"no {CLASS} below it: no parent of mediated devices is registered there")
        if os.path.isdir(f"{self.root}/{CLASS}/{SAMPLE}"):
            self.interfaces |= {"sample"}

    def environment(self) -> Mapping[str, str]:
        machine = self.machine()
        names = ", ".join(parent.name for parent in parents(machine.files, self.root))
        kernel = f"{os.uname().sysname} {os.uname().release}" if self.is_this_machine else "of the tree"
        return {"kernel": kernel, "parents": names or "none"}

    def machine(self) -> SysfsMachine:
        return SysfsMachine(
            self.root, allow_changes=self.allow_changes, journal=self.journal, has_nodes=self.has_nodes
        )  # fmt: skip

    def shell_path(self, path: str) -> str:
        return f"{self.root}/{path}"

    def close(self) -> None:
        if self.journal is not None:
            self.journal.close()


def _running_release() -> Release | None:
    found = re.match(r"\d+\.\d+", os.uname().release)
    return parse_release(found[0]) if found else None


def open_sysfs(argument: str, *, allow_changes: bool = False) -> SysfsTarget:
    """The target for what stands after ``sysfs:``: a directory, and ``:release=6.1`` where it is not this kernel's.

    What a killed run has left there is removed first, where anything may be changed, and told on stderr. ValueError for
    any other argument; BadInput where no journal can be kept.
    """
    root, release = split_argument(argument)
    if tag := tag_at(root):
        from mdevref.suite.targets.sysfs.mount import MountTarget

        with suppress(ConnectionRefusedError):  # the mount of mdevref run, which only has a tree
            return MountTarget(root, tag)
    target = SysfsTarget(root, allow_changes=allow_changes, release=parse_release(release) if release else None)
    if target.allow_changes:
        target.journal = Journal(target.root)
        if told := clean(target.journal, remove).told():
            print(f"mdevref: {told}", file=sys.stderr)
    elif has_entries(target.root):
        print(f"mdevref: an earlier run has left devices: mdevref check --clean-up {target.name}", file=sys.stderr)
    return target


def split_argument(argument: str) -> tuple[str, str]:
    """What stands after ``sysfs:``: the directory, and the release or nothing. ValueError: no directory is named."""
    root, _, release = argument.partition(":release=")
    if not root:
        raise ValueError("sysfs takes a directory, as in sysfs:/sys")
    return root, release


def remove(path: str) -> int:
    """Write to the ``remove`` of a device. OSError as the kernel gives it; TimeoutError: somebody uses the device."""
    return within_deadline(lambda: _write(path, b"1", os.O_WRONLY))


def _write(path: str, data: bytes, flags: int) -> int:
    descriptor = os.open(path, flags, 0o666)
    try:
        return os.write(descriptor, data)
    finally:
        os.close(descriptor)
