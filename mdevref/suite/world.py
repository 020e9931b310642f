"""What a scenario knows while it runs: its machine, what it chose and made there, and what came of it."""

from __future__ import annotations

import contextlib
import errno as errnos
import uuid as uuids
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from mdevref.suite import notation, selection, snapshot
from mdevref.suite.selection import BUS, CLASS, Parent, Type
from mdevref.suite.targets.interface import (
    Device,
    Files,
    Machine,
    OpenFile,
    Pending,
    Target,
    Uevent,
    Unsupported,
    Vendor,
)

_UUID = 36  # characters
_PLACES = {"the mdev bus": BUS, "the mdev_bus class": CLASS}


class Mismatch(AssertionError):
    """The implementation did otherwise: what was expected, and what was seen, each in words."""

    def __init__(self, expected: str, seen: str) -> None:
        super().__init__(f"expected {expected}; seen: {seen}")
        self.expected = expected
        self.seen = seen


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an operation gave: the bytes of a read, the count of a write, or an errno (0: none).

    ``size`` is the number of bytes that a write was given.
    """

    errno: int = 0
    value: object = None
    size: int = 0

    @property
    def succeeded(self) -> bool:
        """Whether it did all that it was asked: a write that took only some bytes did not."""
        return not self.errno and (not isinstance(self.value, int) or self.value == self.size)

    def __str__(self) -> str:
        if self.errno:
            return errnos.errorcode.get(self.errno, str(self.errno))
        if isinstance(self.value, bytes):
            return notation.shown(self.value)
        return f"{self.value} of {self.size} bytes" if isinstance(self.value, int) else "success"


@dataclass(slots=True)
class Mediated:
    """A mediated device of a scenario: its UUID and the directory it has; driver and group once somebody looked."""

    uuid: str
    path: str
    driver: str | None = None
    group: str | None = None


class World:
    """One scenario on one machine.

    ``target`` and ``machine`` are what it runs on, ``rng`` gives its UUIDs; ``watches`` says that a step will ask
    whether anything else changed, so that it is worth to look before.
    """

    def __init__(self, target: Target, machine: Machine, *, rng: Random, watches: bool = False) -> None:
        self.target = target
        self.machine = machine
        self.files: Files = machine.files
        self.rng = rng
        self.unsupported: str | None = None  #: why the scenario could not be run, for the hooks
        self.parent_chosen: Parent | None = None
        self.types: list[Type] = []
        self.devices: dict[str, Mediated] = {}
        self.outcomes: list[Outcome] = []  #: of all writes, reads and loads, in order
        self.race: list[Outcome] = []  #: of the writers that wrote at once
        self.texts: list[bytes] = []  #: what was read, in order
        self.opened: OpenFile | None = None
        self.opened_path = ""
        self.pending: dict[str, tuple[Pending, int]] = {}
        self.users: dict[str, Device] = {}
        self.vendor: Vendor | None = None
        self.held: Literal["create", "remove"] | None = (
            None  #: the callback that the scripted vendor driver stops inside
        )
        self.noted: int | None = None  #: available instances
        self._passed_over = 0  # uevents
        self._first = 0  # outcome since the stage was set
        self._begun = False
        self._watches = watches
        self._before: snapshot.Snapshot | None = None
        self._said: dict[str, tuple[bool, str]] = {}  # UUID -> (said to be there, path of its parent)
        self._made: dict[str, str] = {}  # UUID -> directory
        self._undo: list[Callable[[], object]] = []
        self._unloaded: list[str] = []
        self._uuid = ""
        self._root = ""

    # -- Names and paths

    @property
    def root(self) -> str:
        """The path that an absolute link of this target would begin with."""
        if not self._root:
            self._root = self.target.shell_path("")
        return self._root

    @property
    def uuid(self) -> str:
        """The fresh UUID of the scenario, in lower case."""
        if not self._uuid:
            self._uuid = self.fresh_uuid()
        return self._uuid

    def fresh_uuid(self) -> str:
        """A UUID that no device has."""
        return str(uuids.UUID(int=self.rng.getrandbits(128), version=4))

    def text(self, written: str) -> str:
        """A text of a step, with its names and escapes resolved."""
        return notation.resolve(written, self._named) if "{" in written or "\\" in written else written

    def _named(self, name: str) -> str | None:
        if name in ("uuid", "UUID"):
            return self.uuid if name == "uuid" else self.uuid.upper()
        if name in ("parent", "type"):
            return self.parent.name if name == "parent" else self.type().id
        return self.devices[name].uuid if name in self.devices else None

    @property
    def parent(self) -> Parent:
        """The parent that was chosen, be it by one of its types."""
        return self.parent_chosen or self.type().parent

    def type(self, which: str = "the type") -> Type:
        """The type that a step calls ``the type``, ``the first type`` or ``the second type``."""
        if which == "the second type":
            return self.types[1]
        if not self.types:
            self.types.append(self.choose(1))
        return self.types[0]

    def path(self, place: str) -> str:
        """The path of what a step calls a place. OSError: the link that leads there is missing."""
        if place in self.devices:
            return self.devices[place].path
        if place.endswith("type"):
            return self.type(place).path
        if place.startswith("the driver of "):
            return self.driver(self.devices[place[-1]])
        if place.startswith("the IOMMU group of "):
            return self.group(self.devices[place[-1]])
        if place.startswith("the mediated device "):
            return self.directory_of(self.text(place.split('"')[1]))
        return self.parent.path if place == "the parent" else _PLACES[place]

    def entry(self, entry: str, place: str) -> str:
        """The path of an entry of a place."""
        return f"{self.path(place)}/{self.text(entry)}"

    def directory_of(self, uuid: str) -> str:
        """The directory of a device by its name: where the bus says it is, or where it would be."""
        paths = [f"{type.parent.path}/{uuid}" for type in self.types] or [f"{self.parent.path}/{uuid}"]
        try:
            found = self.follow(f"{BUS}/devices/{uuid}")
        except OSError:
            return paths[0]
        return found if found in paths else paths[0]

    def driver(self, device: Mediated) -> str:
        """The directory of the driver that a device is, or was last seen, bound to."""
        if device.driver is None:
            device.driver = self.follow(f"{device.path}/driver")
        return device.driver

    def group(self, device: Mediated) -> str:
        """The directory of the IOMMU group that a device is, or was last seen, in."""
        if device.group is None:
            device.group = self.follow(f"{device.path}/iommu_group")
        return device.group

    def follow(self, path: str) -> str:
        """Where a link leads, as a path."""
        return selection.follow(self.files, path, self.root)

    def driver_string(self, parent: Parent) -> str:
        """The name of a parent's driver; of its bus or class, to which ``subsystem`` leads, where it has no driver."""
        for link in ("driver", "subsystem"):
            with contextlib.suppress(OSError):
                return self.follow(f"{parent.path}/{link}").rpartition("/")[2]
        return ""

    # -- What there is to choose from

    def parents(self) -> list[Parent]:
        """Every parent that the class lists."""
        return list(selection.parents(self.files, self.root))

    def all_types(self) -> list[Type]:
        """Every type of every parent; Unsupported where there is none."""
        found = [type for parent in self.parents() for type in selection.types(self.files, parent)]
        if not found:
            raise Unsupported("there is no parent with a type")
        return found

    def choose(self, least: int, *, but: Parent | None = None) -> Type:
        """A type with so many instances available: of the chosen parent, if there is one, or of any ``but`` one."""
        if self.parent_chosen and not but:
            among = iter((self.parent_chosen,))
        else:
            among = (parent for parent in selection.parents(self.files, self.root) if parent != but)
        for type in selection.fitting(self.files, among, least):
            return type
        whose = "of another parent " if but else ""
        raise Unsupported(f"no type {whose}has {least} or more instances available")

    # -- What a scenario does

    def begin(self) -> None:
        """The stage is set: look at everything, if a step will ask what changed."""
        if self._begun:
            return
        self._begun = True
        self._first = len(self.outcomes)
        if self._watches:
            self._before = snapshot.take(self.files, self.root)

    def attempt(self, call: Callable[[], object], size: int = 0) -> Outcome:
        """Do something and keep what came of it."""
        try:
            outcome = Outcome(value=call(), size=size)
        except TimeoutError:
            raise
        except OSError as error:
            outcome = Outcome(errno=error.errno or errnos.EIO, size=size)
        self.outcomes.append(outcome)
        return outcome

    def write(self, path: str, written: bytes) -> Outcome:
        """Write to an attribute by its path."""
        outcome = self.attempt(lambda: self.files.write(path, written), len(written))
        if outcome.succeeded:
            self.wrote(path, written)
        return outcome

    def wrote(self, path: str, written: bytes) -> None:
        """Remember the device that a write to ``create`` may have made: it is the scenario's own."""
        directory, _, name = path.rpartition("/")
        if name == "create" and len(written) >= _UUID:
            uuid = written[:_UUID].decode("latin-1").lower()
            self._made[uuid] = f"{directory.partition(f'/{selection.TYPES}/')[0]}/{uuid}"

    def create(self, name: str, type: Type) -> Outcome:
        """Create a mediated device with a fresh UUID and give it a name."""
        uuid = self.fresh_uuid()
        self.devices[name] = Mediated(uuid, f"{type.parent.path}/{uuid}")
        return self.write(f"{type.path}/create", uuid.encode())

    def remove(self, device: Mediated) -> Outcome:
        """Remove a mediated device through the bus."""
        return self.write(f"{BUS}/devices/{device.uuid}/remove", b"1")

    def start(self, name: str, operation: Callable[[], object], size: int = 0) -> None:
        """Begin something that may block, under the name that later steps know it by."""
        self.pending[name] = self.machine.start(operation), size

    def finish(self, name: str) -> Outcome:
        """Wait for the end of what was begun. TimeoutError: it does not end."""
        pending, size = self.pending[name]
        outcome = self.attempt(pending.result, size)
        del self.pending[name]
        return outcome

    def unload(self, module: str) -> None:
        """Unload a driver, and load it again at the end of the scenario unless the scenario does."""
        self.machine.unload(module)
        self._unloaded.append(module)

    def load_again(self, module: str = "") -> None:
        """Load a driver that was unloaded, the last one unless it is named."""
        module = module or self._unloaded[-1]
        self.machine.load(module)
        self._unloaded.remove(module)

    def at_the_end(self, undo: Callable[[], object]) -> None:
        """Do this when the scenario is over."""
        self._undo.append(undo)

    def module(self) -> str:
        """The vendor driver of the parent; Unsupported where it cannot be unloaded."""
        for module, parent in self.machine.vendor_drivers().items():
            if parent == self.parent.name:
                return module
        raise Unsupported(f"the vendor driver of {self.parent.name} cannot be unloaded and loaded again")

    def uevents(self) -> Sequence[Uevent]:
        """The uevents since the scenario began, or since it passed some over."""
        return self.machine.uevents()[self._passed_over :]

    def pass_over_uevents(self) -> None:
        """Look only at uevents from here on."""
        self._passed_over = len(self.machine.uevents())

    # -- What came of it

    @property
    def last(self) -> Outcome:
        """What came of the last operation."""
        return self.outcomes[-1]

    @property
    def since_begin(self) -> list[Outcome]:
        """What came of the operations since the stage was set."""
        return self.outcomes[self._first :]

    @property
    def said(self) -> bytes:
        """The text that was read last; Mismatch where reading failed."""
        if not self.texts:
            raise Mismatch("a text", str(self.last))
        return self.texts[-1]

    # -- What a scenario says

    def say(self, uuid: str, there: bool, parent: str) -> None:
        """A step has said that a device is there, or is not: that much has changed."""
        self._said[uuid] = there, parent

    def changes(self) -> list[str]:
        """What changed since the stage was set, apart from what the steps have said."""
        before = self._before
        if before is None:
            raise RuntimeError("the hooks have not told that this scenario watches for changes")
        was = {uuid: f"{BUS}/devices/{uuid}" in before for uuid in self._said}
        came = [uuid for uuid, (there, _) in self._said.items() if there and not was[uuid]]
        went = [uuid for uuid, (there, _) in self._said.items() if was[uuid] and not there]
        parents = {self._said[uuid][1] for uuid in (*came, *went)}
        return snapshot.differences(before, snapshot.take(self.files, self.root), came, went, parents)

    # -- The end

    def clean_up(self) -> None:
        """Let go of everything, wait for what was begun, remove the devices that the scenario made."""
        if self.vendor and self.held:
            self.vendor.release(self.held)
        for user in self.users.values():
            _quietly(user.close)
        for pending, _ in self.pending.values():
            _quietly(pending.result)
        if self.opened:
            _quietly(self.opened.close)
        for undo in reversed(self._undo):
            _quietly(undo)
        for module in reversed(self._unloaded):
            _quietly(lambda module=module: self.machine.load(module))
        for uuid in self._left():
            _quietly(lambda uuid=uuid: self.files.write(f"{self._made[uuid]}/remove", b"1"))
        if self.vendor and self._left():
            # Until 5.1 a vendor that refuses keeps its device; unregistering does not ask.
            for module, parent in self.machine.vendor_drivers().items():
                if parent == self.vendor.parent:
                    _quietly(lambda module=module: self.machine.unload(module))

    def _left(self) -> list[str]:
        if not self._made:
            return []
        try:
            there = set(self.files.listdir(f"{BUS}/devices"))
        except OSError:
            return []
        return [uuid for uuid in self._made if uuid in there]


def _quietly(call: Callable[[], object]) -> None:
    """What cannot be cleaned up is found by the machine, which looks for leftovers."""
    with contextlib.suppress(OSError, Unsupported):
        call()
