"""What a scenario knows while it runs: what it does on its machine, what came of it, and what it has to undo."""

from __future__ import annotations

import contextlib
import errno as errnos
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Literal

from mdevref.suite.interface import vmm
from mdevref.suite.interface.device import HeldDevice
from mdevref.suite.interface.drivers import Vendor
from mdevref.suite.interface.files import OpenFile
from mdevref.suite.interface.selection import BUS, TYPES, Type
from mdevref.suite.interface.target import Machine, Pending, Target, Uevent
from mdevref.suite.interface.unsupported import Unsupported
from mdevref.suite.scenario import snapshot
from mdevref.suite.scenario.access.access import Access
from mdevref.suite.scenario.cards import Card
from mdevref.suite.scenario.checks import Mismatch
from mdevref.suite.scenario.outcomes import Outcome
from mdevref.suite.scenario.stage import Stage
from mdevref.suite.scenario.translation.translating import Translating
from mdevref.suite.scenario.words import Mediated, Places

_UUID = 36  # characters


@dataclass(frozen=True, slots=True)
class _Begun:
    """An operation beside the scenario; ``path`` and ``written`` where it is a write."""

    pending: Pending
    path: str
    written: bytes


class World(Places):
    """One scenario on one machine.

    ``target`` and ``machine`` are what it runs on, ``rng`` gives its UUIDs; ``watches`` says that a step will ask
    whether anything else changed, so that it is worth to look before.
    """

    def __init__(self, target: Target, machine: Machine, *, rng: Random, watches: bool = False) -> None:
        super().__init__(target, machine, rng)
        self.unsupported: str | None = None  #: why the scenario could not be run, for the hooks
        self.outcomes: list[Outcome] = []  #: of all writes and reads, in order
        self.race: list[Outcome] = []  #: of the writers that wrote at once
        self.texts: list[bytes] = []  #: what the last step that read has read
        self.opened: OpenFile | None = None
        self.opened_path = ""
        self.users: dict[str, HeldDevice] = {}
        self.cards: dict[str, Card] = {}  #: of the sample driver, among the devices that users hold open
        self.vendor: Vendor | None = None
        self.held: Literal["create", "remove"] | None = None  #: the callback that the scripted vendor stops inside
        self.noted: int | None = None  #: available instances
        self._begun: dict[str, _Begun] = {}
        self._passed_over = 0  # uevents
        self._first: int | None = None  # outcome since the stage was set
        self._watches = watches
        self._before: snapshot.Snapshot | None = None
        self._said: dict[str, tuple[bool, str]] = {}  # UUID -> (said to be there, path of its parent)
        self._made: dict[str, str] = {}  # UUID -> directory
        self._undo: list[Callable[[], object]] = []
        self._unloaded: list[str] = []
        self._drivers: Stage | None = None
        self._access: Access | None = None
        self._translation: Translating | None = None

    # -- What a scenario does

    def begin(self) -> None:
        """The stage is set: look at everything, if a step will ask what changed."""
        if self._first is not None:
            return
        self._first = len(self.outcomes)
        if self._watches:
            self._before = self._look()

    def attempt(self, call: Callable[[], object], size: int | None = None) -> Outcome:
        """Do something and keep what came of it; ``size`` in bytes where it writes."""
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
        outcome = self.attempt(partial(self._at_once, path, written), len(written))
        if outcome.succeeded:
            self.wrote(path, written)
        return outcome

    def _at_once(self, path: str, written: bytes) -> object:
        # A host that waits for what the scenario itself holds would wait for ever, and the suite with it.
        if not (self.users or self.held or (self._access and self._access.holds_something)):
            return self.files.write(path, written)
        self.settle()
        self.start("the write", partial(self.files.write, path, written), path, written)
        if self.waits("the write"):
            raise Mismatch("that the write does not wait", "it waits")
        return self._begun.pop("the write").pending.result()

    def hold(self, uuid: str) -> HeldDevice:
        """Open a mediated device as a VMM does: by a process of its own, where the target has such."""
        return self._hold(Mediated(uuid, self.directory_of(uuid)))

    def _hold(self, device: Mediated) -> HeldDevice:
        try:
            process = self.machine.process()
        except Unsupported:
            return self.machine.open_device(device.uuid)
        return vmm.hold(process, device.uuid, self.group_number(device))

    def hold_card(self, name: str) -> None:
        """Open a device of the sample driver, whose name a scenario knows; what is known of the card stays known."""
        self.users[name] = device = self._hold(self.devices[name])
        self.cards.setdefault(name, Card(device)).device = device

    def wrote(self, path: str, written: bytes) -> None:
        """Remember the device that a write to ``create`` may have made: it is the scenario's own."""
        directory, _, name = path.rpartition("/")
        if name == "create" and len(written) >= _UUID:
            uuid = written[:_UUID].decode("latin-1").lower()
            self._made[uuid] = f"{directory.partition(f'/{TYPES}/')[0]}/{uuid}"

    def create(self, name: str, type: Type) -> Outcome:
        """Create a mediated device with a fresh UUID and give it a name."""
        uuid = self.fresh_uuid()
        self.devices[name] = Mediated(uuid, f"{type.parent.path}/{uuid}")
        return self.write(f"{type.path}/create", uuid.encode())

    def remove(self, device: Mediated) -> Outcome:
        """Remove a mediated device through the bus."""
        return self.write(f"{BUS}/devices/{device.uuid}/remove", b"1")

    def start(self, name: str, operation: Callable[[], object], path: str = "", written: bytes = b"") -> None:
        """Begin something that may block, under the name that later steps know it by."""
        self._begun[name] = _Begun(self.machine.start(operation), path, written)

    def waits(self, name: str) -> bool:
        """Whether what was begun stands inside the implementation."""
        return self._begun[name].pending.is_blocked()

    def settle(self) -> None:
        """Wait until whatever was begun stands inside the implementation, or has ended."""
        for begun in self._begun.values():
            begun.pending.is_blocked()

    def finish(self, name: str) -> Outcome:
        """Wait for the end of what was begun. TimeoutError: it does not end."""
        begun = self._begun[name]
        outcome = self.attempt(begun.pending.result, len(begun.written))
        if outcome.succeeded:
            self.wrote(begun.path, begun.written)
        del self._begun[name]
        return outcome

    def unload(self, module: str) -> None:
        """Unload a driver, and load it again at the end of the scenario unless the scenario does."""
        self.alone()
        self.machine.unload(module)
        self._unloaded.append(module)

    def alone(self) -> None:
        """Unsupported where there are devices that the scenario has not made: a driver must not go with them."""
        foreign = set(self.files.listdir(f"{BUS}/devices")) - self._made.keys()
        if foreign:
            raise Unsupported(f"drivers stay loaded: there are devices of others, such as {min(foreign)}")

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

    @property
    def drivers(self) -> Stage:
        """The driver interface of the machine; Unsupported where it has none."""
        if self._drivers is None:
            self._drivers = Stage(self.machine.drivers())
        return self._drivers

    @property
    def access(self) -> Access:
        """The device interface of the machine, and what the scenario has open there."""
        if self._access is None:
            self._access = Access(
                self.machine,
                lambda name: self.group_number(self.devices[name]),
                lambda name: self.files.listdir(f"{self.devices[name].path}/vfio-dev")[0],
            )
        return self._access

    @property
    def translation(self) -> Translating:
        """The translation interface of the machine; Unsupported where it has none."""
        if self._translation is None:
            interface = self.machine.translation()
            self._translation = Translating(interface, self.access, lambda name: self.devices[name].uuid)
        return self._translation

    def group_number(self, device: Mediated) -> str:
        """The number of the IOMMU group of a device, which its VFIO group has, too."""
        return self.group(device).rpartition("/")[2]

    # -- What came of it

    @property
    def the_open_file(self) -> OpenFile:
        """The attribute that a step has opened."""
        if self.opened is None:
            raise RuntimeError("no step of this scenario has opened an attribute")
        return self.opened

    @property
    def last(self) -> Outcome:
        """What came of the last operation."""
        return self.outcomes[-1]

    @property
    def since_begin(self) -> list[Outcome]:
        """What came of the operations since the stage was set."""
        return self.outcomes[self._first or 0 :]

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
        return snapshot.differences(before, self._look(), came, went, parents)

    def _look(self) -> snapshot.Snapshot:
        return snapshot.take(getattr(self.files, "unrecorded", self.files), self.root)

    # -- The end

    def clean_up(self) -> None:
        """Let go of everything, wait for what was begun, remove the devices that the scenario made."""
        if self.vendor and self.held:
            self.vendor.release(self.held)
        if self._drivers:
            self._drivers.let_go()
        if self._access:
            self._access.let_go()
        for user in self.users.values():
            _quietly(user.close)
        for name in tuple(self._begun):
            _quietly(partial(self.finish, name))
        if self.opened:
            _quietly(self.opened.close)
        for undo in reversed(self._undo):
            _quietly(undo)
        for module in reversed(self._unloaded):
            _quietly(partial(self.machine.load, module))
        for uuid in self._left():
            _quietly(partial(self.files.write, f"{self._made[uuid]}/remove", b"1"))
        if self.vendor and self._left():
            # Until 5.1 a vendor that refuses keeps its device; unregistering does not ask.
            for module, parent in self.machine.vendor_drivers().items():
                if parent == self.vendor.parent:
                    _quietly(partial(self.machine.unload, module))
        if self._drivers:
            _quietly(self._drivers.interface.close)

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
