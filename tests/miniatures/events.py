"""Hosts that send too few or too many uevents, or send them in the wrong order or with wrong values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from mdevref.kernel.device import Device
from mdevref.kernel.directories import Directory
from mdevref.kernel.files import Files
from mdevref.mdev.core import Core
from mdevref.mdev.eras import Era
from mdevref.mdev.objects import MdevDevice, MdevType, Parent
from mdevref.suite.interface.target import Uevent
from mdevref.suite.targets.reference.target import ReferenceMachine
from tests.miniatures.registry import wrong


def of_device(uevent: Uevent) -> bool:
    return uevent.environment["SUBSYSTEM"] == "mdev"


@wrong({"hotplug.add": "expected one uevent add of A; seen: "})
class devices_come_in_silence(ReferenceMachine):
    """No uevent is sent for a new device."""

    def uevents(self) -> Sequence[Uevent]:
        return [uevent for uevent in super().uevents() if uevent.action != "add" or not of_device(uevent)]


@wrong({"hotplug.add-subsystem": "expected SUBSYSTEM=mdev in each; seen: mdev_bus, mdev_bus"})
class uevents_name_another_subsystem(ReferenceMachine):
    """The uevents of devices have the class of the parents as their subsystem."""

    def uevents(self) -> Sequence[Uevent]:
        return [
            replace(uevent, environment={**uevent.environment, "SUBSYSTEM": "mdev_bus"})
            if of_device(uevent)
            else uevent
            for uevent in super().uevents()
        ]


@wrong({"hotplug.add-first": "expected add of A as the first uevent; seen: add@/devices/virtual/vfio/0, add@"})
class tells_of_the_group_first(ReferenceMachine):
    """The uevent of a device's group is sent before that of the device."""

    def uevents(self) -> Sequence[Uevent]:
        return sorted(super().uevents(), key=of_device)


@wrong({"hotplug.bind": "expected add, bind; seen: add", "hotplug.unbind": "seen: add, remove"}, era="5.10")
def binds_in_silence(era: Era) -> Era:
    """No uevent is sent when a driver is bound or unbound, as before 4.14."""
    return replace(era, kernel=replace(era.kernel, has_bind_uevents=False))


@wrong({"hotplug.no-bind": "expected add, remove; seen: add, bind, unbind, remove"})
def tells_of_binding(era: Era) -> Era:
    """Uevents are sent when a driver is bound or unbound, as from 4.14 on."""
    return replace(era, kernel=replace(era.kernel, has_bind_uevents=True))


@dataclass(frozen=True)
class _OfType:
    directory: Directory
    subsystem: ClassVar[str] = "mdev"

    def environment(self) -> dict[str, str]:
        return {}


@wrong({"hotplug.types-silent": "expected no uevent of a type; seen: "})
class tells_of_types(Core):
    """Uevents are sent for each new type and for each change of its available instances."""

    def add_type_directory(self, mtype: MdevType) -> None:
        super().add_type_directory(mtype)
        self.kernel.uevents.emit("add", _OfType(mtype.directory))

    def activate(self, mdev: MdevDevice) -> None:
        super().activate(mdev)
        self.kernel.uevents.emit("change", _OfType(mdev.type.directory))


@wrong(
    {
        "hotplug.remove": "expected one uevent remove of A; seen: ",
        "hotplug.unload": "expected one uevent remove of A; seen: ",
        "hotplug.refused-in-pairs": "expected a remove for each add; seen: add",
    }
)
class devices_go_in_silence(ReferenceMachine):
    """No uevent is sent for a removed device."""

    def uevents(self) -> Sequence[Uevent]:
        return [uevent for uevent in super().uevents() if uevent.action != "remove" or not of_device(uevent)]


@wrong(
    {
        "hotplug.remove-last": "expected remove as the last uevent; seen: add, bind, remove, unbind",
        "hotplug.unbind": "seen: add, bind, remove, unbind",
    },
    era="5.10",
)
class tells_of_removal_too_early(ReferenceMachine):
    """The uevent ``remove`` of a device is sent before its uevent ``unbind``."""

    def uevents(self) -> Sequence[Uevent]:
        return sorted(super().uevents(), key=lambda uevent: uevent.action == "unbind")


@wrong({"hotplug.refused-input-silent": "expected no uevent; seen: change@"})
class tells_of_refused_input(Core):
    """A uevent is sent for each failed write to ``create``."""

    def create_store(self, mtype: MdevType, data: bytes) -> int | None:
        try:
            return super().create_store(mtype, data)
        except OSError:
            self.kernel.uevents.emit("change", mtype.parent.device)
            raise


@wrong(
    {
        "hotplug.parent-registered": "with MDEV_STATE=registered; seen: ",
        "hotplug.parent-unregistered": "with MDEV_STATE=unregistered; seen: ",
    },
    era="5.10",
)
def parents_come_in_silence(era: Era) -> Era:
    """No uevents are sent when a parent is registered or unregistered, as before 5.3."""
    return replace(era, tells_of_parents=False)


@wrong({"hotplug.parent-unregistered": "expected remove of A before change of the parent; seen: "}, era="5.10")
class says_goodbye_first(Core):
    """The uevent for the unregistration of a parent is sent before its devices are removed."""

    def take_parent(self, device: Device) -> Parent | None:
        parent = super().take_parent(device)
        if parent is not None:
            super().tell_of_parent(parent, "unregistered")
        return parent

    def tell_of_parent(self, parent: Parent, state: str) -> None:
        if state == "registered":
            super().tell_of_parent(parent, state)


@wrong({"hotplug.parent-silent": "expected no uevent change of the parent; seen: change@"})
def tells_of_parents(era: Era) -> Era:
    """Uevents are sent when a parent is registered or unregistered, as from 5.3 on."""
    return replace(era, tells_of_parents=True)


@wrong({"hotplug.on-request": "of A; seen: none"})
class sends_nothing_on_request(Files):
    """Writing to the file ``uevent`` has no effect."""

    def write(self, path: str, data: bytes) -> int:
        return len(data) if path.endswith("/uevent") else super().write(path, data)
