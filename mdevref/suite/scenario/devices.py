"""The mediated devices of a scenario: created, held open by users, and found in the tree."""

from __future__ import annotations

import uuid as uuids
from dataclasses import dataclass
from random import Random

from mdevref.suite.interface import vmm
from mdevref.suite.interface.device import HeldDevice
from mdevref.suite.interface.selection import BUS, Type
from mdevref.suite.interface.target import Machine
from mdevref.suite.interface.unsupported import Unsupported
from mdevref.suite.scenario.attributes import Attributes
from mdevref.suite.scenario.outcomes import Outcome
from mdevref.suite.scenario.tree import Tree
from mdevref.suite.scenario.types import Types
from mdevref.suite.scenario.undo import quietly


@dataclass(slots=True)
class Mediated:
    """A mediated device: its UUID and its directory; its driver and its group once somebody looked."""

    uuid: str
    path: str
    driver: str | None = None
    group: str | None = None


class Users(dict[str, HeldDevice]):
    """The devices that users hold open, by their names or their UUIDs."""

    @property
    def holds_something(self) -> bool:
        """Whether a removal may have to wait for a user."""
        return bool(self)

    def let_go(self) -> None:
        """Close whatever users hold open."""
        for held in self.values():
            quietly(held.close)


def fresh_uuid(rng: Random) -> str:
    """A UUID that no device has."""
    return str(uuids.UUID(int=rng.getrandbits(128), version=4))


class Devices(dict[str, Mediated]):
    """The devices by the names that steps know them by: A, B.

    In scenarios of the driver interface a physical device is among them; its UUID is then its name.
    """

    def __init__(
        self, machine: Machine, tree: Tree, types: Types, users: Users, attributes: Attributes, rng: Random
    ) -> None:  # fmt: skip
        super().__init__()
        self._users = users
        self._machine = machine
        self._tree = tree
        self._types = types
        self._attributes = attributes
        self._rng = rng

    def create(self, name: str, type: Type) -> Outcome:
        """Create a device with a fresh UUID and give it a name."""
        uuid = fresh_uuid(self._rng)
        self[name] = Mediated(uuid, f"{type.parent.path}/{uuid}")
        return self._attributes.write(f"{type.path}/create", uuid.encode())

    def remove(self, name: str) -> Outcome:
        """Remove a device through the bus."""
        return self._attributes.write(f"{BUS}/devices/{self[name].uuid}/remove", b"1")

    # -- Where they are

    def directory(self, uuid: str) -> str:
        """The directory of a device by its UUID: where the bus says it is, or where it would be."""
        paths = [f"{type.parent.path}/{uuid}" for type in self._types.chosen] or [f"{self._types.parent.path}/{uuid}"]
        try:
            found = self._tree.follow(f"{BUS}/devices/{uuid}")
        except OSError:
            return paths[0]
        return found if found in paths else paths[0]

    def driver(self, name: str) -> str:
        """The directory of the driver that a device is, or was last seen, bound to."""
        device = self[name]
        if device.driver is None:
            device.driver = self._tree.follow(f"{device.path}/driver")
        return device.driver

    def group(self, name: str) -> str:
        """The directory of the IOMMU group that a device is, or was last seen, in."""
        return self._group(self[name])

    def group_number(self, name: str) -> str:
        """The number of that group, which the device's VFIO group has, too."""
        return self.group(name).rpartition("/")[2]

    def _group(self, device: Mediated) -> str:
        if device.group is None:
            device.group = self._tree.follow(f"{device.path}/iommu_group")
        return device.group

    # -- Held open by users

    def hold(self, device: str) -> None:
        """Open a device, by its name or its UUID, as a VMM does; where it is, is looked up again."""
        uuid = self[device].uuid if device in self else device
        self._users[device] = self._open(Mediated(uuid, self.directory(uuid)))

    def hold_where_created(self, name: str) -> HeldDevice:
        """As :meth:`hold`, of a device whose directory need not be looked up."""
        self._users[name] = held = self._open(self[name])
        return held

    def _open(self, device: Mediated) -> HeldDevice:
        try:
            process = self._machine.process()  # one of its own, where the target has processes
        except Unsupported:
            return self._machine.open_device(device.uuid)
        return vmm.hold(process, device.uuid, self._group(device).rpartition("/")[2])

    def close(self, device: str) -> None:
        """The user closes what it holds open."""
        self._users.pop(device).close()
