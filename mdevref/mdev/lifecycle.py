"""Creating and removing mediated devices. Each step is a method; the era defines their order (facts 1.4 to 1.6)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from errno import EAGAIN, EBUSY, EEXIST, ENODEV, EUSERS

from mdevref.kernel.attributes import Attribute
from mdevref.kernel.core import Kernel
from mdevref.kernel.device import dev_info
from mdevref.kernel.directories import File
from mdevref.kernel.errors import fail
from mdevref.mdev.eras import Era, Step
from mdevref.mdev.objects import MdevDevice, MdevType
from mdevref.mdev.parsing import parse_unsigned, parse_uuid
from mdevref.mdev.types import Types

Action = Callable[[MdevDevice], None]


class PositiveResult(Exception):
    """The vendor's create returned a positive number, a failure that the writer sees as a byte count (fact C6)."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.count = count


class Lifecycle(Types):
    """Creates and removes devices. ``devices`` is the core's list of UUIDs in use, guarded by ``list_lock``."""

    def __init__(self, kernel: Kernel, era: Era) -> None:
        super().__init__(kernel, era, self.create_store)
        self.remove_attribute = Attribute("remove", 0o200, None, self.remove_store)
        self.list_lock = threading.Lock()
        self.devices: dict[str, MdevDevice] = {}
        actions = self.step_actions()
        self._create_steps = [actions[step] for step in era.create_steps]
        self._forced_removal = [actions[step][1] for step in era.remove_steps]
        self._removal = [self.vendor_remove if step == "vendor" else actions[step][1] for step in era.remove_steps]

    def step_actions(self) -> dict[Step, tuple[Action, Action]]:
        """Return each step's method and the method that undoes it."""
        return {
            "device": (self.add_device, self.delete_device),
            "vendor": (self.vendor_create, self.force_vendor_remove),
            "groups": (self.add_vendor_groups, self.remove_vendor_groups),
            "driver": (self.attach_driver, self.detach_driver),
            "remove file": (self.add_remove_file, self.delete_remove_file),
            "devices link": (self.link_from_type, self.unlink_from_type),
            "type link": (self.link_to_type, self.unlink_to_type),
        }

    # Creating

    def create_store(self, mtype: MdevType, data: bytes) -> int | None:
        """Handle a write to ``create``. The syntax is checked before anything else (fact P3)."""
        uuid = self.parse_uuid(data)
        try:
            self.create(mtype, uuid)
        except PositiveResult as result:
            return result.count
        return None

    def parse_uuid(self, data: bytes) -> str:
        return parse_uuid(data)

    def create(self, mtype: MdevType, uuid: str) -> None:
        """Create a device. ``EEXIST``, ``EUSERS`` (6.1), ``ENODEV`` (parent unregistering), or the vendor's errno."""
        if self.era.serialises_per_parent:
            with mtype.parent.mutex:
                self.make(self.claim(mtype, uuid))
            return
        mdev = self.claim(mtype, uuid)
        gate = mtype.parent.gate
        if not gate.try_enter():
            self.forget(mdev)
            raise fail(ENODEV, mtype.parent.device.name)
        try:
            self.make(mdev)
        finally:
            gate.leave()

    def claim(self, mtype: MdevType, uuid: str) -> MdevDevice:
        """Return a new device object, not visible yet. ``EEXIST`` if the UUID is in use, ``EUSERS`` if exhausted."""
        with self.list_lock:
            self.check_duplicate(mtype, uuid)
            self.take_instance(mtype)
            mdev = self.new_device(mtype, uuid)
            if not self.era.lists_only_finished_devices:
                self.devices[uuid] = mdev
        return mdev

    def check_duplicate(self, mtype: MdevType, uuid: str) -> None:
        taken = mtype.parent.device.children if self.era.lists_only_finished_devices else self.devices
        if uuid in taken:
            raise fail(EEXIST, uuid)

    def take_instance(self, mtype: MdevType) -> None:
        """Decrement the parent's instance counter (6.1) unless the driver reports the number itself."""
        parent = mtype.parent
        if self.era.core_owns_types and parent.driver is not None and parent.driver.get_available is None:
            if not parent.available:
                raise fail(EUSERS, mtype.name)
            parent.available -= 1

    def give_back_instance(self, mtype: MdevType) -> None:
        parent = mtype.parent
        if self.era.core_owns_types and parent.driver is not None and parent.driver.get_available is None:
            parent.available += 1

    def new_device(self, mtype: MdevType, uuid: str) -> MdevDevice:
        groups = () if "groups" in self.era.create_steps else mtype.parent.ops.mdev_attr_groups
        return MdevDevice(mtype, uuid, self.bus, groups)

    def make(self, mdev: MdevDevice) -> None:
        """Run all steps of creating ``mdev``. If one fails, undo those before it."""
        done = 0
        try:
            for do, _ in self._create_steps:
                do(mdev)
                done += 1
        except BaseException:
            for _, undo in reversed(self._create_steps[:done]):
                undo(mdev)
            self.forget(mdev)
            raise
        self.activate(mdev)

    def activate(self, mdev: MdevDevice) -> None:
        """Mark ``mdev`` as finished; from now on it can be removed."""
        with self.list_lock:
            mdev.is_active = True
            self.devices[mdev.name] = mdev

    # The steps

    def add_device(self, mdev: MdevDevice) -> None:
        """Add the directory, the bus link and the ADD event.

        Until 5.12 this also looks for a driver and ignores the outcome (fact C2).
        """
        self.kernel.driver_core.add_device(mdev, populate=lambda: self.populate(mdev))

    def delete_device(self, mdev: MdevDevice) -> None:
        """Delete the device. Blocks until the device's driver has released it."""
        self.kernel.driver_core.delete_device(mdev)

    def populate(self, mdev: MdevDevice) -> None:
        """Add ``remove`` if the era has it before the ADD event (6.1). The directory exists already."""
        if "remove file" not in self.era.create_steps:
            self.add_remove_file(mdev)

    def vendor_create(self, mdev: MdevDevice) -> None:
        create = mdev.type.parent.ops.create
        result = create(mdev.type, mdev) if create is not None else None
        if result:
            raise PositiveResult(result)

    def vendor_remove(self, mdev: MdevDevice) -> None:
        """Call the vendor's remove. Until 5.1 any error becomes EBUSY for the writer (fact D4); later it is logged."""
        remove = mdev.type.parent.ops.remove
        try:
            if remove is not None:
                remove(mdev)
        except OSError as error:
            if self.era.vendor_may_refuse_remove:
                raise fail(EBUSY, mdev.name) from error
            dev_info(self.kernel.log, mdev, f"Remove failed: err=-{error.errno}")

    def force_vendor_remove(self, mdev: MdevDevice) -> None:
        """Call the vendor's remove where the removal cannot stop: an error is only logged (fact U3)."""
        try:
            self.vendor_remove(mdev)
        except OSError as error:
            dev_info(self.kernel.log, mdev, f"Remove failed: err=-{error.errno}")

    def add_vendor_groups(self, mdev: MdevDevice) -> None:
        tables = tuple(group.entries for group in mdev.type.parent.ops.mdev_attr_groups)
        self.kernel.tree.add_tables(mdev.directory, tables)

    def remove_vendor_groups(self, mdev: MdevDevice) -> None:
        tables = tuple(group.entries for group in mdev.type.parent.ops.mdev_attr_groups)
        self.kernel.tree.remove_tables(mdev.directory, tables)

    def attach_driver(self, mdev: MdevDevice) -> None:
        """Bind the vendor's driver (6.1). If its probe fails, the create fails."""
        self.bus.bind(mdev, self.driver_of(mdev.type.parent))

    def detach_driver(self, mdev: MdevDevice) -> None:
        """Do nothing: deleting the device unbinds the driver."""

    def add_remove_file(self, mdev: MdevDevice) -> None:
        # Store the file before it becomes visible: from then on another thread may write to it.
        mdev.remove_file = File(self.remove_attribute, mdev.directory, mdev)
        self.kernel.tree.insert(mdev.remove_file)

    def delete_remove_file(self, mdev: MdevDevice) -> None:
        self.kernel.tree.remove_child(mdev.directory, self.remove_attribute.name)

    def link_from_type(self, mdev: MdevDevice) -> None:
        self.kernel.tree.add_link(mdev.type.devices_directory, mdev.name, mdev.directory)

    def unlink_from_type(self, mdev: MdevDevice) -> None:
        self.kernel.tree.remove_child(mdev.type.devices_directory, mdev.name)

    def link_to_type(self, mdev: MdevDevice) -> None:
        self.kernel.tree.add_link(mdev.directory, "mdev_type", mdev.type.directory)

    def unlink_to_type(self, mdev: MdevDevice) -> None:
        self.kernel.tree.remove_child(mdev.directory, "mdev_type")

    # Removing

    def remove_store(self, mdev: MdevDevice, data: bytes) -> None:
        """Handle a write to ``remove``; writing 0 does nothing.

        Concurrent writers race to remove the file. The winner removes the device; the others succeed (fact D1).
        """
        if not self.wants_removal(data) or not self.take_remove_file(mdev):
            return
        try:
            self.remove(mdev)
        except OSError:
            if self.era.restores_remove:
                self.restore_remove_file(mdev)
            raise

    def wants_removal(self, data: bytes) -> bool:
        """Return whether ``data`` is a number other than 0. ``EINVAL`` if it is not a number."""
        return parse_unsigned(data) != 0

    def take_remove_file(self, mdev: MdevDevice) -> bool:
        """Remove the ``remove`` file; return True for the one writer that wins the race."""
        assert mdev.remove_file is not None
        return self.kernel.tree.remove_self(mdev.remove_file)

    def restore_remove_file(self, mdev: MdevDevice) -> None:
        """Add ``remove`` again. If the device was removed in the meantime, only log that."""
        try:
            self.add_remove_file(mdev)
        except OSError:
            dev_info(self.kernel.log, mdev, "cannot restore remove")

    def remove(self, mdev: MdevDevice) -> None:
        """Remove a device. ``ENODEV``, ``EAGAIN`` (create has not finished) or ``EBUSY`` (the vendor refuses)."""
        parent = mdev.type.parent
        self.begin_removal(mdev)
        if self.era.serialises_per_parent:
            with parent.mutex:
                self.remove_or_restore(mdev)
        elif not parent.gate.try_enter():
            # The device keeps its removal mark and has no remove file: only unregistration removes it (fact D6).
            raise fail(ENODEV, parent.device.name)
        else:
            try:
                self.remove_or_restore(mdev)
            finally:
                parent.gate.leave()

    def begin_removal(self, mdev: MdevDevice) -> None:
        """Mark the device as being removed (fact D2). ``ENODEV`` or ``EAGAIN`` if it cannot be removed now."""
        with self.list_lock:
            if self.devices.get(mdev.name) is not mdev:
                raise fail(ENODEV, mdev.name)
            if not mdev.is_active:
                raise fail(EAGAIN, mdev.name)
            mdev.is_active = False
            if self.era.lists_only_finished_devices:
                del self.devices[mdev.name]

    def remove_or_restore(self, mdev: MdevDevice) -> None:
        """Run the steps of removal. If the vendor may refuse, its remove is the first step, so nothing is undone."""
        try:
            for step in self._removal:
                step(mdev)
        except OSError:
            self.activate(mdev)
            raise
        self.forget(mdev)

    def tear_down(self, mdev: MdevDevice) -> None:
        """Run the steps of removal for the unregistration of the parent, which ignores vendor errors."""
        for step in self._forced_removal:
            step(mdev)
        self.forget(mdev)

    def forget(self, mdev: MdevDevice) -> None:
        """Release the UUID and the instance after the last reference was dropped (facts C4, D11)."""
        with self.list_lock:
            if self.devices.get(mdev.name) is mdev:
                del self.devices[mdev.name]
            self.give_back_instance(mdev.type)
