"""What the words of a scenario mean on its machine: the type, device A, the driver of A, ``{uuid}``."""

from __future__ import annotations

import contextlib
import uuid as uuids
from dataclasses import dataclass
from random import Random

from mdevref.suite.interface import selection
from mdevref.suite.interface.selection import BUS, CLASS, Parent, Type
from mdevref.suite.interface.target import Machine, Target
from mdevref.suite.interface.unsupported import Unsupported
from mdevref.suite.spec import notation

_PLACES = {"the mdev bus": BUS, "the mdev_bus class": CLASS}


@dataclass(slots=True)
class Mediated:
    """A mediated device of a scenario: its UUID and the directory it has; driver and group once somebody looked."""

    uuid: str
    path: str
    driver: str | None = None
    group: str | None = None


class Places:
    """What was chosen and made on a machine, and where it is. ``rng`` gives the UUIDs."""

    def __init__(self, target: Target, machine: Machine, rng: Random) -> None:
        self.target = target
        self.machine = machine
        self.files = machine.files
        self.parent_chosen: Parent | None = None
        self.types: list[Type] = []
        self.devices: dict[str, Mediated] = {}
        self._rng = rng
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
        return str(uuids.UUID(int=self._rng.getrandbits(128), version=4))

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
