"""The mdev core: registration and unregistration of parents. The base class creates and removes their devices."""

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
    """The whole core.

    Locks, outermost first: ``parents_lock``; a parent's mutex or gate; a device's lock; ``list_lock``; the tree's lock.
    The core does not call vendor callbacks while it holds one of the last two.
    """

    def __init__(self, kernel: Kernel, era: Era) -> None:
        super().__init__(kernel, era)
        self.parents_lock = Mutex(kernel.waits, "the list of parents")
        self.parents: dict[Device, Parent] = {}

    # Until 5.12, with the names of the document

    def register_device(self, device: Device | None, ops: MdevParentOps | None) -> Parent:
        """Register a parent device with its ops (facts R1 to R10).

        ``EINVAL`` if the device, ops, create, remove or supported_type_groups is missing. ``EEXIST`` if the device is
        registered. ``ENOSYS`` from 6.1 on, where the function does not exist. If a file cannot be created, its errno;
        then all files created before it are removed.
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
        """Remove a parent's devices, ignoring vendor errors, then its types and files (fact U2).

        A device that is not registered is ignored. Blocks while a device is in use.
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
        """Register a parent device with its driver and types (fact R12). ``ENOMEM`` if it is registered already."""
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
        """Unregister a parent as :meth:`unregister_device` does."""
        self._require(self.era.core_owns_types, "unregister_parent")
        with self.parents_lock:
            if self.take_parent(parent.device) is None:
                return
        self.leave(parent)
        self.tell_of_parent(parent, "unregistered")

    # Steps of registering

    def add_parent_files(self, parent: Parent) -> None:
        """Add ``mdev_supported_types``, the vendor's attributes of the parent and each type (fact R6).

        If one of them fails, remove those added before it (fact R7).
        """
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
        """Add the link in ``mdev_bus``. If another parent has the name, only log a warning (fact R9)."""
        try:
            self.kernel.tree.add_link(self.class_directory(), parent.device.name, parent.device.directory)
        except OSError:
            dev_info(self.kernel.log, parent.device, "Failed to create compatibility class link")

    def unlink_class(self, parent: Parent) -> None:
        """Remove the link by name, as the kernel does, even if it belongs to another parent of that name."""
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
        """Unregister from 5.2 on: refuse further creates and removes and wait for those that are running."""
        parent.gate.close()
        try:
            self.unlink_class(parent)
            for mdev in self.devices_of(parent):
                self.tear_down(mdev)
            self.remove_parent_files(parent)
        finally:
            parent.gate.open()

    def leave_without_gate(self, parent: Parent) -> None:
        """Unregister until 5.1: the caller holds the lock of the list of parents; creates and removes may race."""
        self.unlink_class(parent)
        for mdev in self.devices_of(parent):
            try:
                self.begin_removal(mdev)
            except OSError:
                if not self.era.stops_unregister_at_error:
                    continue
                # Another thread is removing this device: the error ends the loop and the others remain (fact U3).
                break
            with parent.mutex:
                self.tear_down(mdev)
        self.remove_parent_files(parent)

    def devices_of(self, parent: Parent) -> list[MdevDevice]:
        """Return a parent's mediated devices in the order of creation, without its other children (fact U5)."""
        return [child for child in list(parent.device.children.values()) if isinstance(child, MdevDevice)]

    def _require(self, is_there: bool, name: str) -> None:
        if not is_there:
            raise fail(ENOSYS, f"{name} in {self.era.name}")
