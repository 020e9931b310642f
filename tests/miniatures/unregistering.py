"""Hosts that unregister physical devices wrongly: they remove too much or too little, or in the wrong order."""

from __future__ import annotations

from errno import EAGAIN, EBUSY, ENODEV, ENXIO
from functools import partial

from mdevref.kernel.core import Kernel
from mdevref.kernel.device import Device
from mdevref.kernel.errors import fail
from mdevref.mdev.core import Core
from mdevref.mdev.eras import Era
from mdevref.mdev.objects import MdevDevice, Parent
from tests.miniatures.registry import wrong as wrong_host

wrong = partial(wrong_host, interface="driver")


@wrong(
    {
        "unregistration.by-device": "/mdev_supported_types; seen: a directory",
        "unregistration.complete": "; seen: mdev_supported_types",
        "unregistration.again": "expected the registration to succeed; seen: ENOMEM",
    }
)
class types_outlive_their_parent(Core):
    """The directory ``mdev_supported_types`` still exists after the physical device was unregistered."""

    def remove_parent_files(self, parent: Parent) -> None:
        super().remove_parent_files(parent)
        self.kernel.tree.add_directory(parent.device.directory, "mdev_supported_types")


@wrong({"unregistration.device-stays": "/uevent to be a file; seen: nothing"})
class takes_all_attributes(Core):
    """Unregistering a physical device removes all its attributes."""

    def remove_parent_files(self, parent: Parent) -> None:
        super().remove_parent_files(parent)
        directory = parent.device.directory
        self.kernel.tree.remove_tables(directory, directory.tables)


@wrong({"unregistration.unknown": "expected no error; seen: ENODEV"})
class knows_whom_it_knows(Core):
    """Unregistering an unknown physical device fails."""

    def unregister_device(self, device: Device) -> None:
        if device not in self.parents:
            raise fail(ENODEV, device.name)
        super().unregister_device(device)


@wrong(
    {
        "unregistration.devices": "expected one call of remove for A; seen: none",
        "callback.attributes-fail-remove": "seen: create of P",
    }
)
class lets_devices_go_untold(Core):
    """Unregistering a physical device does not call the vendor driver's ``remove`` for its devices."""

    def force_vendor_remove(self, mdev: MdevDevice) -> None:
        pass


@wrong({"unregistration.refusal": "expected no error; seen: EBUSY"}, era="5.10")
class a_refusal_ends_it(Core):
    """Unregistration stops at the first device whose ``remove`` fails."""

    def force_vendor_remove(self, mdev: MdevDevice) -> None:
        remove = mdev.type.parent.ops.remove
        if remove is not None:
            remove(mdev)


@wrong({"unregistration.other-parents": "expected no call of remove; seen: remove of Q for "})
class takes_the_devices_of_all(Core):
    """When a parent is unregistered, the devices of all parents are removed."""

    def devices_of(self, parent: Parent) -> list[MdevDevice]:
        return list(self.devices.values())


@wrong({"unregistration.other-children": "/port0 to be a directory; seen: nothing"})
class takes_all_children(Core):
    """When a parent is unregistered, its child devices that are not mediated devices are removed too."""

    def remove_parent_files(self, parent: Parent) -> None:
        super().remove_parent_files(parent)
        for child in parent.device.children.values():
            if not isinstance(child, MdevDevice):
                self.kernel.tree.remove(child.directory)


@wrong({"unregistration.link-first": "class/mdev_bus/deviceP; seen: a link"})
class the_link_goes_last(Core):
    """The link of a parent in the class is removed after its devices and types."""

    def unlink_class(self, parent: Parent) -> None:
        pass

    def remove_parent_files(self, parent: Parent) -> None:
        super().remove_parent_files(parent)
        super().unlink_class(parent)


@wrong({"unregistration.types-after-devices": "/create to be a file; seen: nothing"})
class types_go_first(Core):
    """The types of a parent are removed before its devices."""

    def unlink_class(self, parent: Parent) -> None:
        super().unlink_class(parent)
        self.remove_types(parent)


@wrong({"unregistration.attributes-after-devices": "/serial to be a file; seen: nothing"})
class attributes_go_first(Core):
    """The attributes of a parent are removed before its devices."""

    def unlink_class(self, parent: Parent) -> None:
        super().unlink_class(parent)
        tables = tuple(group.entries for group in parent.ops.dev_attr_groups)
        self.kernel.tree.remove_tables(parent.device.directory, tables)


@wrong({"unregistration.remove-refused": "expected ENODEV; seen: ENXIO"}, era="5.10")
class has_another_word_for_gone(Core):
    """Removing a device while its parent is being unregistered fails with another errno."""

    def remove(self, mdev: MdevDevice) -> None:
        try:
            super().remove(mdev)
        except OSError as error:
            raise fail(ENXIO if error.errno == ENODEV else error.errno or EAGAIN, mdev.name) from error


@wrong({"unregistration.waits-for-create": "expected the unregistration to be blocked; seen: it returned"}, era="5.10")
class does_not_wait_for_creates(Core):
    """Unregistering a physical device fails while one of its devices is being created."""

    def __init__(self, kernel: Kernel, era: Era) -> None:
        super().__init__(kernel, era)
        self._creating = 0

    def vendor_create(self, mdev: MdevDevice) -> None:
        self._creating += 1
        try:
            super().vendor_create(mdev)
        finally:
            self._creating -= 1

    def leave(self, parent: Parent) -> None:
        if self._creating:
            self.parents[parent.device] = parent
            raise fail(EBUSY, parent.device.name)
        super().leave(parent)


@wrong({"unregistration.register-waits": "expected the registration to be blocked; seen: it returned"})
class nobody_waits_for_the_list(Core):
    """The list of parents is not locked while a parent is being unregistered."""

    def unregister_device(self, device: Device) -> None:
        parent = self.take_parent(device)
        if parent is not None:
            self.leave_without_gate(parent)


@wrong({"unregistration.register-goes-on": "expected the registration not to block; seen: it is blocked"}, era="5.10")
class everybody_waits_for_the_list(Core):
    """Registering a physical device blocks while another one is being unregistered."""

    def leave(self, parent: Parent) -> None:
        with self.parents_lock:
            super().leave(parent)
