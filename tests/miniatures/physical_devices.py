"""Hosts that register physical devices wrongly or incompletely, or that mix up their attributes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from errno import EEXIST, EINVAL, ENODEV, ENOMEM
from functools import partial

from mdevref.kernel.attributes import AttributeGroup
from mdevref.kernel.core import Kernel
from mdevref.kernel.device import Device
from mdevref.kernel.errors import fail
from mdevref.mdev.core import Core
from mdevref.mdev.eras import Era
from mdevref.mdev.objects import MdevDevice, MdevParentOps, Parent
from tests.miniatures.registry import wrong as wrong_host

wrong = partial(wrong_host, interface="driver")


@wrong({"registration.register": "expected no error; seen: ENOENT"})
class lists_two_parents_only(Core):
    """Only the first two parents have a link in the class."""

    def link_class(self, parent: Parent) -> None:
        if len(self.parents) < 2:
            super().link_class(parent)


class _OtherOps(Core):
    """A core that registers a physical device with modified ops."""

    def other(self, ops: MdevParentOps) -> MdevParentOps:
        raise NotImplementedError

    def register_device(self, device: Device | None, ops: MdevParentOps | None) -> Parent:
        return super().register_device(device, ops and self.other(ops))


@wrong({"registration.mandatory": "expected EINVAL; seen: success"})
class makes_up_for_missing_callbacks(_OtherOps):
    """A physical device can be registered with ops that lack ``create`` or ``remove``."""

    def other(self, ops: MdevParentOps) -> MdevParentOps:
        create, remove = ops.create, ops.remove
        return replace(ops, create=create or (lambda mtype, mdev: None), remove=remove or (lambda mdev: None))


@wrong({"registration.optional": "expected the registration to succeed; seen: EINVAL"})
class wants_release(_OtherOps):
    """A physical device cannot be registered with ops that lack ``release``."""

    def other(self, ops: MdevParentOps) -> MdevParentOps:
        if ops.release is None:
            raise fail(EINVAL, "release")
        return ops


@wrong({"registration.no-device": "expected EINVAL; seen: ENODEV"})
class says_that_there_is_no_device(Core):
    """Registering a null pointer fails with another errno."""

    def register_device(self, device: Device | None, ops: MdevParentOps | None) -> Parent:
        if device is None:
            raise fail(ENODEV)
        return super().register_device(device, ops)


@wrong({"registration.twice": "expected EEXIST; seen: success"})
class registers_twice(Core):
    """Registering a physical device twice succeeds without effect."""

    def register_device(self, device: Device | None, ops: MdevParentOps | None) -> Parent:
        known = self.parents.get(device) if device is not None else None
        return known or super().register_device(device, ops)


@wrong({"registration.twice-harmless": "expected the write to succeed; seen: ENOENT"})
class loses_types_at_the_second_try(Core):
    """Registering a physical device twice fails and removes the types of the first registration."""

    def register_device(self, device: Device | None, ops: MdevParentOps | None) -> Parent:
        try:
            return super().register_device(device, ops)
        except OSError as error:
            if error.errno == EEXIST and device in self.parents:
                self.remove_types(self.parents[device])
            raise


@wrong({"registration.silent": "expected no call; seen: create of P for "})
class tries_create_out(Core):
    """Registering a physical device calls its ``create`` for a device that is never used."""

    def register_device(self, device: Device | None, ops: MdevParentOps | None) -> Parent:
        parent = super().register_device(device, ops)
        if parent.types and parent.ops.create is not None and parent.ops.remove is not None:
            mdev = MdevDevice(parent.types[0], "00000000-0000-0000-0000-000000000000", self.bus, ())
            parent.ops.create(parent.types[0], mdev)
            parent.ops.remove(mdev)
        return parent


@wrong({"registration.name-taken": "expected the registration to succeed; seen: EEXIST"})
class wants_a_link(Core):
    """Registering a physical device fails if a parent has the same name."""

    def link_class(self, parent: Parent) -> None:
        self.kernel.tree.add_link(self.class_directory(), parent.device.name, parent.device.directory)


@wrong(
    {"registration.name-taken-first-stays": "expected a link to devices/slots0/0000:00:02.0; seen: devices/sockets0/"}
)
class the_last_of_a_name_has_the_link(Core):
    """If several parents have the same name, the link in the class leads to the last one."""

    def link_class(self, parent: Parent) -> None:
        self.unlink_class(parent)
        super().link_class(parent)


@wrong(
    {
        "registration.rollback": "/mdev_supported_types; seen: a directory",
        "registration.retry": "expected the registration to succeed; seen: ENOMEM",
        "type-name.taken": "/mdev_supported_types; seen: a directory",
    }
)
class leaves_a_directory_behind(Core):
    """A failed registration leaves the directory ``mdev_supported_types`` behind."""

    def add_parent_files(self, parent: Parent) -> None:
        try:
            super().add_parent_files(parent)
        except OSError as error:
            if error.errno != ENOMEM or parent.types_directory.parent is not None:
                self.kernel.tree.add_directory(parent.device.directory, "mdev_supported_types")
            raise


@wrong(
    {
        "registration.attribute-taken": "expected EEXIST; seen: ENOMEM",
        "type-name.missing": "expected EINVAL; seen: ENOMEM",
        "type-name.taken": "expected EEXIST; seen: ENOMEM",
    }
)
class always_out_of_memory(Core):
    """Registration fails with ENOMEM whenever the files of a parent cannot be created."""

    def add_parent_files(self, parent: Parent) -> None:
        try:
            super().add_parent_files(parent)
        except OSError as error:
            raise fail(ENOMEM, parent.device.name) from error


@wrong(
    {
        "registration.parent-attributes": " to be a file; seen: nothing",
        "registration.parent-attribute-groups": "/maker to be a directory; seen: nothing",
    }
)
class forgets_attributes_of_parents(_OtherOps):
    """The attributes that a vendor driver defines for its parent are missing."""

    def other(self, ops: MdevParentOps) -> MdevParentOps:
        return replace(ops, dev_attr_groups=())


def _flat(groups: Sequence[AttributeGroup]) -> list[AttributeGroup]:
    return [AttributeGroup(None, group.attributes) for group in groups]


@wrong(
    {
        "registration.parent-attribute-groups": "/maker to be a directory; seen: nothing",
        "registration.device-attribute-groups": "/maker to be a directory; seen: nothing",
    }
)
class attributes_are_flat(_OtherOps):
    """Named attribute groups of parents and devices do not create directories."""

    def other(self, ops: MdevParentOps) -> MdevParentOps:
        return replace(ops, dev_attr_groups=_flat(ops.dev_attr_groups), mdev_attr_groups=_flat(ops.mdev_attr_groups))


@wrong({"registration.device-attributes": " to be a file; seen: nothing"})
class forgets_attributes_of_devices(_OtherOps):
    """The attributes that a vendor driver defines for its mediated devices are missing."""

    def other(self, ops: MdevParentOps) -> MdevParentOps:
        return replace(ops, mdev_attr_groups=())


@wrong({"registration.attributes-apart": "/serial; seen: a file"})
class mixes_attributes_up(_OtherOps):
    """A mediated device also has the device attributes of all parents that were registered earlier."""

    def __init__(self, kernel: Kernel, era: Era) -> None:
        super().__init__(kernel, era)
        self._groups: list[AttributeGroup] = []

    def other(self, ops: MdevParentOps) -> MdevParentOps:
        self._groups += [group for group in ops.mdev_attr_groups if group not in self._groups]
        return replace(ops, mdev_attr_groups=tuple(self._groups))
