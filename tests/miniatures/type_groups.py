"""Hosts whose types deviate from what the vendor driver has defined: directories, attributes, names."""

from __future__ import annotations

from dataclasses import replace
from errno import EEXIST, EINVAL
from functools import partial

from mdevref.kernel.attributes import Attribute, AttributeGroup
from mdevref.kernel.device import Device
from mdevref.kernel.errors import fail
from mdevref.mdev.core import Core
from mdevref.mdev.objects import MdevParentOps, MdevType, Parent
from mdevref.suite.targets.reference.drivers import ReferenceDrivers
from mdevref.suite.targets.reference.target import ReferenceMachine
from tests.miniatures.registry import wrong as wrong_host

wrong = partial(wrong_host, interface="driver")

KNOWN = ("available_instances", "description", "device_api", "name")


@wrong({"type-group.directory": "seen: toys-green, toys-red"})
class two_types_are_enough(Core):
    """Only the first two types of a parent are created."""

    def register_device(self, device: Device | None, ops: MdevParentOps | None) -> Parent:
        if ops is not None and ops.supported_type_groups is not None:
            ops = replace(ops, supported_type_groups=ops.supported_type_groups[:2])
        return super().register_device(device, ops)


@wrong({"type-group.none": "expected the registration to succeed; seen: EINVAL"})
class wants_a_type(Core):
    """Registering a physical device without types fails."""

    def register_device(self, device: Device | None, ops: MdevParentOps | None) -> Parent:
        if ops is not None and not ops.supported_type_groups:
            raise fail(EINVAL, "no types")
        return super().register_device(device, ops)


class _OtherGroup(Core):
    """A core that creates a type from a modified attribute group."""

    def other(self, group: AttributeGroup) -> list[Attribute]:
        raise NotImplementedError

    def add_type(self, parent: Parent, group: AttributeGroup) -> MdevType:
        return super().add_type(parent, AttributeGroup(group.name, self.other(group)))


@wrong({"type-group.bare": "seen: create, device_api, devices"})
class types_tell_of_themselves(_OtherGroup):
    """A type without attributes of its vendor still has ``device_api``."""

    def other(self, group: AttributeGroup) -> list[Attribute]:
        return list(group.attributes) or [Attribute("device_api", 0o444, lambda mtype: b"vfio-pci\n")]


@wrong(
    {
        "type-group.attributes": " to be a file; seen: nothing",
        "type-group.attribute-show": "expected EIO; seen: ENOENT",
        "type-group.attribute-store": "expected EIO; seen: EACCES",
    }
)
class wants_known_attributes(_OtherGroup):
    """A type has only the attributes that the document names."""

    def other(self, group: AttributeGroup) -> list[Attribute]:
        return [attribute for attribute in group.attributes if attribute.name in KNOWN]


@wrong(
    {
        "type-group.attribute-show": 'expected EIO; seen: ""',
        "type-group.attribute-store": "expected EIO; seen: 1 of 1 bytes written",
    }
)
class takes_silence_for_an_answer(_OtherGroup):
    """An attribute of a type without callbacks is empty and accepts every write."""

    def other(self, group: AttributeGroup) -> list[Attribute]:
        return [
            Attribute(each.name, each.mode, each.show or (lambda _: b""), each.store or (lambda _, __: None))
            for each in group.attributes
        ]


@wrong({"type-group.attribute-taken": "expected ENOMEM; seen: EEXIST"})
class tells_why_a_type_failed(Core):
    """Registration returns the original errno if the attributes of a type cannot be created."""

    def add_type(self, parent: Parent, group: AttributeGroup) -> MdevType:
        try:
            return super().add_type(parent, group)
        except OSError as error:
            raise error.__cause__ or error from error


class _OtherName(Core):
    """A core that renames types."""

    def other(self, mtype: MdevType) -> str:
        raise NotImplementedError

    def add_type_directory(self, mtype: MdevType) -> None:
        mtype.name = self.other(mtype)
        super().add_type_directory(mtype)


@wrong({"type-name.driver-string": "; seen: deviceP-"})
class types_bear_the_name_of_the_device(_OtherName):
    """The name of a type begins with the name of the physical device."""

    def other(self, mtype: MdevType) -> str:
        return f"{mtype.parent.device.name}-{mtype.group_name}"


@wrong({"type-name.slash": "; seen: toys-a_b_c"})
class slashes_are_underlines(_OtherName):
    """A slash in the name of a type is replaced by ``_``."""

    def other(self, mtype: MdevType) -> str:
        return mtype.name.replace("!", "_")


@wrong({"type-name.per-parent": "expected the registration to succeed; seen: EEXIST"})
class type_names_are_for_one(_OtherName):
    """Registration fails if another parent has a type of the same name."""

    def other(self, mtype: MdevType) -> str:
        if any(mtype.name == each.name for parent in self.parents.values() for each in parent.types):
            raise fail(EEXIST, mtype.name)
        return mtype.name


class _RenamesTypes(ReferenceDrivers):
    def bind_device(self, device: str, driver: str) -> None:
        super().bind_device(device, driver)
        parent, _ = self._parents[self._devices[device]]
        self._core.remove_types(parent)
        self._core.add_types(parent)


@wrong({"type-name.lasting": "; seen: cards-a, cards-b"})
class types_follow_the_driver(ReferenceMachine):
    """When a parent is bound to a driver, its types are created again with other names."""

    def drivers(self) -> ReferenceDrivers:
        if self._drivers is None:
            self._drivers = _RenamesTypes(self.host)
        return self._drivers
