"""The mediated devices of a scenario: created, held open by users, and looked up in the tree."""

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
    """A mediated device with its UUID and directory. Its driver and group are set when they are first looked up."""

    uuid: str
    path: str
    driver: str | None = None
    group: str | None = None


class Users(dict[str, HeldDevice]):
    """The devices that users hold open, by name or UUID."""

    @property
    def holds_something(self) -> bool:
        """Return whether a removal may have to wait for a user."""
        return bool(self)

    def let_go(self) -> None:
        """Close all devices that users hold open."""
        for held in self.values():
            quietly(held.close)


def fresh_uuid(rng: Random) -> str:
    """Return a random UUID."""
    return str(uuids.UUID(int=rng.getrandbits(128), version=4))


class Devices(dict[str, Mediated]):
    """The devices by their names in steps, such as A and B.

    In scenarios of the driver interface they include physical devices, whose ``uuid`` is their name.
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
        """Create a device with a fresh UUID and record it as ``name``; return the outcome."""
        uuid = fresh_uuid(self._rng)
        self[name] = Mediated(uuid, f"{type.parent.path}/{uuid}")
        return self._attributes.write(f"{type.path}/create", uuid.encode())

    def remove(self, name: str) -> Outcome:
        """Remove a device through the bus; return the outcome."""
        return self._attributes.write(f"{BUS}/devices/{self[name].uuid}/remove", b"1")

    # -- Paths

    def directory(self, uuid: str) -> str:
        """Return the directory of a device by its UUID: where its link in the bus leads, or where it would be."""
        paths = [f"{type.parent.path}/{uuid}" for type in self._types.chosen] or [f"{self._types.parent.path}/{uuid}"]
        try:
            found = self._tree.follow(f"{BUS}/devices/{uuid}")
        except OSError:
            return paths[0]
        return found if found in paths else paths[0]

    def driver(self, name: str) -> str:
        """Return the directory of the driver that a device is bound to, or was bound to when last looked up."""
        device = self[name]
        if device.driver is None:
            device.driver = self._tree.follow(f"{device.path}/driver")
        return device.driver

    def group(self, name: str) -> str:
        """Return the directory of the IOMMU group of a device, as first looked up."""
        return self._group(self[name])

    def group_number(self, name: str) -> str:
        """Return the number of the IOMMU group, which is also the number of the VFIO group."""
        return self.group(name).rpartition("/")[2]

    def _group(self, device: Mediated) -> str:
        if device.group is None:
            device.group = self._tree.follow(f"{device.path}/iommu_group")
        return device.group

    # -- Held open by users

    def hold(self, device: str) -> None:
        """Open a device, given by name or UUID, as a VMM does. Its directory is looked up again."""
        uuid = self[device].uuid if device in self else device
        self._users[device] = self._open(Mediated(uuid, self.directory(uuid)))

    def hold_where_created(self, name: str) -> HeldDevice:
        """Open a device as :meth:`hold` does, but in the directory where it was created."""
        self._users[name] = held = self._open(self[name])
        return held

    def _open(self, device: Mediated) -> HeldDevice:
        try:
            process = self._machine.process()  # a separate process, if the target has processes
        except Unsupported:
            return self._machine.open_device(device.uuid)
        return vmm.hold(process, device.uuid, self._group(device).rpartition("/")[2])

    def close(self, device: str) -> None:
        """Close the device on behalf of its user."""
        self._users.pop(device).close()
