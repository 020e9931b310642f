"""Creating and removing mediated devices: each step a small method, their order the era's (facts 1.4 to 1.6)."""

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
    """The vendor's create gave a positive number: a failure that the writer sees as a count (fact C6)."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.count = count


class Lifecycle(Types):
    """The life of a device. ``devices`` is the core's list: the UUIDs in use, as ``list_lock`` guards them."""

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
        """What each step does, and what undoes it."""
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
        """A write to ``create``: the syntax is judged before anything else (fact P3)."""
        uuid = self.parse_uuid(data)
        try:
            self.create(mtype, uuid)
        except PositiveResult as result:
            return result.count
        return None

    def parse_uuid(self, data: bytes) -> str:
        return parse_uuid(data)

    def create(self, mtype: MdevType, uuid: str) -> None:
        """Create a device. ``EEXIST``, ``EUSERS`` (6.1), ``ENODEV`` (the parent is leaving), or the vendor's errno."""
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
        """A device object of that UUID, if nothing forbids one; not visible yet."""
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
        """6.1: the parent's counter, where the driver does not tell the number itself."""
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
        """All steps of creating ``mdev``; one that fails undoes those before it."""
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
        """From now on ``remove`` works."""
        with self.list_lock:
            mdev.is_active = True
            self.devices[mdev.name] = mdev

    # The steps

    def add_device(self, mdev: MdevDevice) -> None:
        """Directory, bus link, ADD event, and until 5.12 the search for a driver, whose outcome is ignored (C2)."""
        self.kernel.driver_core.add_device(mdev, populate=lambda: self.populate(mdev))

    def delete_device(self, mdev: MdevDevice) -> None:
        """Blocks while the device's driver cannot let go of it."""
        self.kernel.driver_core.delete_device(mdev)

    def populate(self, mdev: MdevDevice) -> None:
        """Called when the directory exists and nobody has been told: 6.1 has ``remove`` from then on."""
        if "remove file" not in self.era.create_steps:
            self.add_remove_file(mdev)

    def vendor_create(self, mdev: MdevDevice) -> None:
        create = mdev.type.parent.ops.create
        result = create(mdev.type, mdev) if create is not None else None
        if result:
            raise PositiveResult(result)

    def vendor_remove(self, mdev: MdevDevice) -> None:
        """The vendor's remove. Its error is EBUSY to the writer until 5.1, whatever it was (D4); then only logged."""
        remove = mdev.type.parent.ops.remove
        try:
            if remove is not None:
                remove(mdev)
        except OSError as error:
            if self.era.vendor_may_refuse_remove:
                raise fail(EBUSY, mdev.name) from error
            dev_info(self.kernel.log, mdev, f"Remove failed: err=-{error.errno}")

    def force_vendor_remove(self, mdev: MdevDevice) -> None:
        """The vendor's remove when there is no way back: its error counts for nothing (fact U3)."""
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
        """6.1: the vendor's driver, whose probe may fail the create."""
        self.bus.bind(mdev, self.driver_of(mdev.type.parent))

    def detach_driver(self, mdev: MdevDevice) -> None:
        """Deleting the device does that."""

    def add_remove_file(self, mdev: MdevDevice) -> None:
        # Known before it is visible: from then on somebody may write to it.
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
        """A write to ``remove``: nothing for 0; else the file goes first, and who loses that race succeeds (D1)."""
        if not self.wants_removal(data) or not self.take_remove_file(mdev):
            return
        try:
            self.remove(mdev)
        except OSError:
            if self.era.restores_remove:
                self.restore_remove_file(mdev)
            raise

    def wants_removal(self, data: bytes) -> bool:
        """``EINVAL`` for what is no number."""
        return parse_unsigned(data) != 0

    def take_remove_file(self, mdev: MdevDevice) -> bool:
        """Whether this writer of several is the one that removes."""
        assert mdev.remove_file is not None
        return self.kernel.tree.remove_self(mdev.remove_file)

    def restore_remove_file(self, mdev: MdevDevice) -> None:
        """A new file of the old name; a device that has gone meanwhile gets none."""
        try:
            self.add_remove_file(mdev)
        except OSError:
            dev_info(self.kernel.log, mdev, "cannot restore remove")

    def remove(self, mdev: MdevDevice) -> None:
        """Remove a device. ``ENODEV``, ``EAGAIN`` (create has not finished), ``EBUSY`` (vendor's refusal)."""
        parent = mdev.type.parent
        self.begin_removal(mdev)
        if self.era.serialises_per_parent:
            with parent.mutex:
                self.remove_or_restore(mdev)
        elif not parent.gate.try_enter():
            # The device stays without a remove file and marked as being removed: only unregistering takes it (fact D6).
            raise fail(ENODEV, parent.device.name)
        else:
            try:
                self.remove_or_restore(mdev)
            finally:
                parent.gate.leave()

    def begin_removal(self, mdev: MdevDevice) -> None:
        """Fact D2: whether the device may be removed now, and the mark that it is being removed."""
        with self.list_lock:
            if self.devices.get(mdev.name) is not mdev:
                raise fail(ENODEV, mdev.name)
            if not mdev.is_active:
                raise fail(EAGAIN, mdev.name)
            mdev.is_active = False
            if self.era.lists_only_finished_devices:
                del self.devices[mdev.name]

    def remove_or_restore(self, mdev: MdevDevice) -> None:
        """The steps of removing; where the vendor may refuse, that is the first step and nothing is undone."""
        try:
            for step in self._removal:
                step(mdev)
        except OSError:
            self.activate(mdev)
            raise
        self.forget(mdev)

    def tear_down(self, mdev: MdevDevice) -> None:
        """The steps of removing when the parent goes: nobody is asked."""
        for step in self._forced_removal:
            step(mdev)
        self.forget(mdev)

    def forget(self, mdev: MdevDevice) -> None:
        """The last reference has gone: UUID and instance are free again (facts C4, D11)."""
        with self.list_lock:
            if self.devices.get(mdev.name) is mdev:
                del self.devices[mdev.name]
            self.give_back_instance(mdev.type)
