"""The state of a running scenario: its parts by name, each defined in a separate module."""

from __future__ import annotations

from random import Random

from mdevref.suite.interface.target import Machine, Target
from mdevref.suite.scenario.access.access import Access
from mdevref.suite.scenario.attributes import Attributes, Holder
from mdevref.suite.scenario.cards import Cards
from mdevref.suite.scenario.changes import Changes
from mdevref.suite.scenario.devices import Devices, Users
from mdevref.suite.scenario.made import Made
from mdevref.suite.scenario.modules import Modules
from mdevref.suite.scenario.outcomes import Outcomes
from mdevref.suite.scenario.stage import Stage
from mdevref.suite.scenario.translation.translating import Translating
from mdevref.suite.scenario.tree import Tree
from mdevref.suite.scenario.types import Types
from mdevref.suite.scenario.uevents import Uevents
from mdevref.suite.scenario.undo import Undo, quietly
from mdevref.suite.scenario.vendor import ScriptedVendor
from mdevref.suite.scenario.words import Words
from mdevref.suite.scenario.writers import Writers


class World:
    """One scenario on one machine.

    It runs on ``machine`` of ``target``; ``rng`` generates its UUIDs. ``watches`` is set if a step will check
    whether anything else changed. Each part receives only the parts that it uses, never the world.
    """

    def __init__(self, target: Target, machine: Machine, *, rng: Random, watches: bool = False) -> None:
        self.target = target
        self.machine = machine
        self.files = files = machine.files
        self.unsupported: str | None = None  #: for the hooks: why the scenario could not run
        self.outcomes = outcomes = Outcomes()  #: of operations, with the texts that were read
        self.undo = undo = Undo()  #: actions for the end of the scenario
        self.uevents = Uevents(machine)
        self.tree = tree = Tree(files, target)  #: all parents, types and links
        self.types = types = Types(tree)  #: the types that were chosen
        self.changes = Changes(tree, watches=watches)  #: since the stage was set
        self.vendor = ScriptedVendor(machine)
        self._made = made = Made(files)
        self._users = users = Users()
        self._holders: list[Holder] = [self.vendor, users]
        self.writers = writers = Writers(machine, outcomes, made)  #: and other operations that run concurrently
        self.attributes = attributes = Attributes(files, outcomes, writers, made, self._holders)  #: to write to
        self.devices = devices = Devices(machine, tree, types, users, attributes, rng)  #: A, B and so on
        self.cards = Cards(devices)  #: devices of the sample driver, while a user holds them open
        self.words = Words(types, devices, rng)  #: resolves the texts and places of a step
        self.modules = Modules(machine, types, made, writers, undo)  #: drivers that are unloaded and loaded again
        self._has_begun = False
        self._drivers: Stage | None = None
        self._access: Access | None = None
        self._translation: Translating | None = None

    @property
    def drivers(self) -> Stage:
        """Return the driver interface of the machine; raise Unsupported if it has none."""
        if self._drivers is None:
            self._drivers = Stage(self.machine.drivers())
        return self._drivers

    @property
    def access(self) -> Access:
        """Return the device interface of the machine, with the files that the scenario has open."""
        if self._access is None:
            self._access = Access(self.machine, self.devices)
            self._holders.append(self._access.handles)
        return self._access

    @property
    def translation(self) -> Translating:
        """Return the translation interface of the machine; raise Unsupported if it has none."""
        if self._translation is None:
            self._translation = Translating(self.machine.translation(), self.access, self.devices)
        return self._translation

    def begin(self) -> None:
        """Begin to record outcomes and changes when this is first called: the stage is set."""
        if not self._has_begun:
            self._has_begun = True
            self.outcomes.begin()
            self.changes.begin()

    def clean_up(self) -> None:
        """Release what is held, wait for pending operations, undo changes, and remove the devices of the scenario."""
        # First release everything that may block an operation.
        self.vendor.let_go()
        if self._drivers:
            self._drivers.let_go()
        if self._access:
            self._access.handles.let_go()
        self._users.let_go()
        self.writers.finish_all()
        self.attributes.close()
        self.undo.run()
        self.modules.load_all_again()
        self._made.remove_left()
        if self.vendor.is_loaded and self._made.left():
            # Until 5.1 a vendor driver can refuse a removal, but not the removal on unregistration.
            self.vendor.unload()
        if self._drivers:
            quietly(self._drivers.interface.close)
