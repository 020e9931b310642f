"""The mdev core: registering and unregistering parents, on top of the life of their devices."""

from __future__ import annotations

from collections.abc import Sequence
from errno import EEXIST, EINVAL, ENOMEM, ENOSYS

from mdevref.kernel.core import Kernel
from mdevref.kernel.device import Device, dev_info
from mdevref.kernel.errors import fail
from mdevref.kernel.waiting import Mutex
from mdevref.mdev.eras import Era
from mdevref.mdev.lifecycle import Lifecycle
from mdevref.mdev.objects import MdevDevice, MdevDriver, MdevParentOps, Parent, TypeInfo

NO_OPS = MdevParentOps()


class Core(Lifecycle):
    """The whole core. Locks, outermost first: ``parents_lock``; a parent's mutex or gate; a device's lock;
    ``list_lock``; the tree's lock. No vendor callback is called under the last two."""

    def __init__(self, kernel: Kernel, era: Era) -> None:
        super().__init__(kernel, era)
        self.parents_lock = Mutex(kernel.waits, "the list of parents")
        self.parents: dict[Device, Parent] = {}

    # In the document's names, until 5.12

    def register_device(self, device: Device | None, ops: MdevParentOps | None) -> Parent:
        """Register a parent device with its ops (facts R1 to R10).

        ``EINVAL`` without a device, ops, create, remove or supported_type_groups; ``EEXIST`` for a device that is
        registered; what making its files raises, and then nothing of them stays. ``ENOSYS`` from 6.1 on, where there is
        no such function.
        """
        self._require(not self.era.core_owns_types, "register_device")
        if ops is None or ops.create is None or ops.remove is None or ops.supported_type_groups is None:
            raise fail(EINVAL, "parent ops")
        if device is None:
            raise fail(EINVAL, "device")
        with self.parents_lock:
            if device in self.parents:
                raise fail(EEXIST, device.name)
            parent = Parent(device, ops, None, self.kernel.waits)
            self.class_directory()
            self.add_parent_files(parent)
            self.link_class(parent)
            self.parents[device] = parent
        self.tell_of_registration(parent)
        return parent

    def unregister_device(self, device: Device) -> None:
        """Remove a parent's devices, whatever their vendor says, then its types and files (fact U2).

        A device that is not registered: nothing. Blocks while a device is in use.
        """
        self._require(not self.era.core_owns_types, "unregister_device")
        if self.era.has_unregister_gate:
            with self.parents_lock:
                parent = self.take_parent(device)
            if parent is not None:
                self.leave(parent)
        else:
            with self.parents_lock:
                parent = self.take_parent(device)
                if parent is not None:
                    self.leave_without_gate(parent)
        if parent is not None:
            self.tell_of_parent(parent, "unregistered")

    # From 6.1 on

    def register_parent(self, device: Device | None, driver: MdevDriver, types: Sequence[TypeInfo]) -> Parent:
        """Register a parent device with its driver and types (fact R12); ``ENOMEM`` for one that is registered."""
        self._require(self.era.core_owns_types, "register_parent")
        if device is None:
            raise fail(EINVAL, "device")
        parent = Parent(device, NO_OPS, driver, self.kernel.waits)
        parent.infos = tuple(types)
        self.add_parent_files(parent)
        with self.parents_lock:
            self.parents[device] = parent
        self.link_class(parent)
        self.tell_of_registration(parent)
        return parent

    def unregister_parent(self, parent: Parent) -> None:
        """As :meth:`unregister_device`."""
        self._require(self.era.core_owns_types, "unregister_parent")
        with self.parents_lock:
            if self.take_parent(parent.device) is None:
                return
        self.leave(parent)
        self.tell_of_parent(parent, "unregistered")

    # Steps of registering

    def add_parent_files(self, parent: Parent) -> None:
        """``mdev_supported_types``, the vendor's attributes of the parent, each type (fact R6); all or nothing (R7)."""
        tree, directory = self.kernel.tree, parent.device.directory
        try:
            parent.types_directory = tree.add_directory(directory, "mdev_supported_types")
        except OSError as error:
            raise fail(ENOMEM, parent.device.name) from error
        tables = tuple(group.entries for group in parent.ops.dev_attr_groups)
        try:
            tree.add_tables(directory, tables)
            try:
                self.add_types(parent)
            except OSError:
                tree.remove_tables(directory, tables)
                raise
        except OSError:
            tree.remove(parent.types_directory)
            raise

    def remove_parent_files(self, parent: Parent) -> None:
        self.remove_types(parent)
        tables = tuple(group.entries for group in parent.ops.dev_attr_groups)
        self.kernel.tree.remove_tables(parent.device.directory, tables)
        self.kernel.tree.remove(parent.types_directory)

    def link_class(self, parent: Parent) -> None:
        """The link in ``mdev_bus``. Another parent of that name: a warning, no failure (fact R9)."""
        try:
            self.kernel.tree.add_link(self.class_directory(), parent.device.name, parent.device.directory)
        except OSError:
            dev_info(self.kernel.log, parent.device, "Failed to create compatibility class link")

    def unlink_class(self, parent: Parent) -> None:
        """By name, as the kernel does: of two parents of a name, the first that leaves takes the link along."""
        self.kernel.tree.remove_child(self.class_directory(), parent.device.name)

    def tell_of_registration(self, parent: Parent) -> None:
        dev_info(self.kernel.log, parent.device, "MDEV: Registered")
        self.tell_of_parent(parent, "registered")

    def tell_of_parent(self, parent: Parent, state: str) -> None:
        if self.era.tells_of_parents:
            self.kernel.uevents.emit("change", parent.device, {"MDEV_STATE": state})

    # Steps of unregistering

    def take_parent(self, device: Device) -> Parent | None:
        parent = self.parents.pop(device, None)
        if parent is not None:
            dev_info(self.kernel.log, device, "MDEV: Unregistering")
        return parent

    def leave(self, parent: Parent) -> None:
        """From 5.2 on: no create or remove enters any more; those inside are waited for."""
        parent.gate.close()
        try:
            self.unlink_class(parent)
            for mdev in self.devices_of(parent):
                self.tear_down(mdev)
            self.remove_parent_files(parent)
        finally:
            parent.gate.open()

    def leave_without_gate(self, parent: Parent) -> None:
        """Until 5.1: the caller holds the list of parents; creates and removes race with this."""
        self.unlink_class(parent)
        for mdev in self.devices_of(parent):
            try:
                self.begin_removal(mdev)
            except OSError:
                if not self.era.stops_unregister_at_error:
                    continue
                # A device that somebody else is removing: its error ends the tour, the others stay behind (fact U3).
                break
            with parent.mutex:
                self.tear_down(mdev)
        self.remove_parent_files(parent)

    def devices_of(self, parent: Parent) -> list[MdevDevice]:
        """In the order of their creation; other children of the device are not the core's (fact U5)."""
        return [child for child in list(parent.device.children.values()) if isinstance(child, MdevDevice)]

    def _require(self, is_there: bool, name: str) -> None:
        if not is_there:
            raise fail(ENOSYS, f"{name} in {self.era.name}")
