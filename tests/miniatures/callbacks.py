"""Hosts that call ``create`` or ``remove`` of vendor drivers wrongly: never, too often, too early, too late."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from mdevref.kernel.core import Kernel
from mdevref.kernel.waiting import Mutex
from mdevref.mdev.core import Core
from mdevref.mdev.eras import Era
from mdevref.mdev.objects import MdevDevice, MdevType
from mdevref.suite.interface.target import Uevent
from mdevref.suite.targets.reference.target import ReferenceMachine
from tests.miniatures.registry import wrong as wrong_host

wrong = partial(wrong_host, interface="driver")

# -- Creating


@wrong({"callback.create": "expected one call of create for "})
class asks_for_the_first_type_only(Core):
    """The core calls ``create`` only for devices of the first type of a parent."""

    def vendor_create(self, mdev: MdevDevice) -> None:
        if mdev.type is mdev.type.parent.types[0]:
            super().vendor_create(mdev)


@wrong({"callback.create-type": "expected the type toys-blue; seen: toys-red"})
class every_type_is_the_first(Core):
    """The core always passes the first type of the parent to ``create``."""

    def vendor_create(self, mdev: MdevDevice) -> None:
        create = mdev.type.parent.ops.create
        if create is not None:
            create(mdev.type.parent.types[0], mdev)


@wrong({"callback.create-own-parent": "expected no call; seen: create of P for "})
class asks_the_neighbours(Core):
    """The core calls ``create`` for every parent of the device's class."""

    def vendor_create(self, mdev: MdevDevice) -> None:
        for parent in list(self.parents.values()):
            if parent.device.cls is mdev.type.parent.device.cls and parent.ops.create is not None:
                parent.ops.create(mdev.type, mdev)


@wrong({"callback.create-refused-by-core": "expected one call of create; seen: create of P for "})
class asks_before_it_refuses(Core):
    """The core calls ``create`` before it rejects a duplicate UUID."""

    def check_duplicate(self, mtype: MdevType, uuid: str) -> None:
        try:
            super().check_duplicate(mtype, uuid)
        except OSError:
            if mtype.parent.ops.create is not None:
                mtype.parent.ops.create(mtype, MdevDevice(mtype, uuid, self.bus, ()))
            raise


@wrong(
    {
        "callback.create-after-probe": "expected probe of one, create of P; seen: create of P, probe of one",
        "callback.create-after-event": "expected one uevent add",
        "callback.create-refused-unbinds": "; seen: create of P",
    }
)
def creates_before_the_device(era: Era) -> Era:
    """The core calls ``create`` before the device is visible, as from 5.2 on."""
    return replace(era, create_steps=("vendor", *(step for step in era.create_steps if step != "vendor")))


@wrong(
    {
        "callback.create-before-probe": "; seen: probe of one, create of P",
        "callback.create-before-event": "expected no uevent of ",
    },
    era="5.10",
)
def creates_after_the_device(era: Era) -> Era:
    """The core calls ``create`` after the device is visible, as until 5.1."""
    return replace(era, create_steps=("device", "vendor", *era.create_steps[2:]))


@wrong({"callback.create-as-probe-after-event": "expected add; seen: none"}, era="6.1")
class tells_when_it_is_bound(ReferenceMachine):
    """The uevent ``add`` of a device appears only after the device was bound."""

    def uevents(self) -> Sequence[Uevent]:
        found = super().uevents()
        bound = {uevent.devpath for uevent in found if uevent.action == "bind"}
        return [
            uevent
            for uevent in found
            if uevent.environment["SUBSYSTEM"] != "mdev" or uevent.action != "add" or uevent.devpath in bound
        ]


@wrong({"callback.create-refused-no-remove": "expected no call of remove; seen: remove of P for "})
class removes_what_was_refused(Core):
    """The core calls ``remove`` for a device that ``create`` has refused."""

    def vendor_create(self, mdev: MdevDevice) -> None:
        try:
            super().vendor_create(mdev)
        except OSError:
            self.force_vendor_remove(mdev)
            raise


@wrong({"callback.create-before-attributes": "/serial; seen: a file"})
def attributes_come_before_create(era: Era) -> Era:
    """The vendor's attributes of a device exist before ``create`` is called."""
    others = [step for step in era.create_steps if step not in ("device", "groups")]
    return replace(era, create_steps=("device", "groups", *others))


@wrong({"callback.attributes-before-probe": "/serial to be a file; seen: nothing"}, era="5.10")
def attributes_come_after_probe(era: Era) -> Era:
    """The vendor's attributes of a device are created only after the device was offered to the bus drivers."""
    return replace(era, create_steps=("vendor", "device", "groups", *era.create_steps[2:]))


@wrong(
    {
        "callback.attributes-fail": "expected EEXIST; seen: 36 of 36 bytes written",
        "callback.attributes-fail-remove": "expected the write to fail; seen: 36 of 36 bytes written",
    }
)
class does_without_attributes(Core):
    """A device whose attributes cannot be created is created without them."""

    def add_vendor_groups(self, mdev: MdevDevice) -> None:
        with contextlib.suppress(OSError):
            super().add_vendor_groups(mdev)


# -- Removing


@wrong({"callback.remove": "expected one call of remove for A; seen: remove of P for "})
class removes_twice(Core):
    """The core calls ``remove`` twice for each device."""

    def vendor_remove(self, mdev: MdevDevice) -> None:
        super().vendor_remove(mdev)
        super().vendor_remove(mdev)


@wrong({"callback.remove-not-asked": "expected no call of remove; seen: remove of P for "})
class asks_whatever_was_written(Core):
    """The core calls the vendor driver before it checks what was written to ``remove``."""

    def remove_store(self, mdev: MdevDevice, data: bytes) -> None:
        if data != b"1":
            self.force_vendor_remove(mdev)
        super().remove_store(mdev, data)


@wrong(
    {
        "callback.remove-before-unbinding": "; seen: remove of one, remove of P",
        "callback.remove-sees-device": "; seen: nothing",
        "callback.remove-refused-stays-bound": "expected no error; seen: ENOENT",
    }
)
def asks_when_the_device_is_gone(era: Era) -> Era:
    """The core calls the vendor's ``remove`` after the device has disappeared, as from 5.2 on."""
    return replace(era, remove_steps=(*(step for step in era.remove_steps if step != "vendor"), "vendor"))


@wrong(
    {
        "callback.remove-after-unbinding": "; seen: remove of P, remove of one",
        "callback.remove-after-device": "; seen: a directory",
    },
    era="5.10",
)
def asks_while_the_device_is_there(era: Era) -> Era:
    """The core calls the vendor's ``remove`` while the device is still visible, as until 5.1."""
    return replace(era, remove_steps=("vendor", *(step for step in era.remove_steps if step != "vendor")))


@wrong({"callback.remove-after-event": "expected one uevent remove of A; seen: "}, era="5.10")
class tells_after_the_vendor(ReferenceMachine):
    """The uevent ``remove`` of a device is sent only after the vendor driver's ``remove`` has returned."""

    def uevents(self) -> Sequence[Uevent]:
        there = self.host.core.devices
        return [
            uevent
            for uevent in super().uevents()
            if uevent.action != "remove" or uevent.devpath.rpartition("/")[2] not in there
        ]


@wrong({"callback.remove-after-create": "expected an error; seen: 1 of 1 bytes written"}, era="6.1")
class passes_over_the_unfinished(Core):
    """Removing a device while it is being created succeeds without effect."""

    def remove_store(self, mdev: MdevDevice, data: bytes) -> None:
        if mdev.is_active:
            super().remove_store(mdev, data)


# -- At the same time


@wrong(
    {
        "concurrency.creates": "expected one call of create for ",
        "concurrency.removes": "expected one call of remove for B",
        "concurrency.create-and-remove": "expected the second writer not to block; seen: it is blocked",
    },
    era="5.10",
)
def one_after_the_other(era: Era) -> Era:
    """Callbacks of a parent are called one after the other, as until 4.17."""
    return replace(era, serialises_per_parent=True)


@wrong({"concurrency.one-at-a-time": "expected one call of "})
def all_at_once(era: Era) -> Era:
    """Callbacks of a parent are called concurrently, as from 4.18 on."""
    return replace(era, serialises_per_parent=False)


@wrong({"concurrency.parents": "expected the second writer not to block; seen: it is blocked"})
class one_callback_at_a_time(Core):
    """Each creation or removal of a device waits for all others, whatever their parents are."""

    def __init__(self, kernel: Kernel, era: Era) -> None:
        super().__init__(kernel, era)
        self._everything = Mutex(kernel.waits, "everything")

    def create(self, mtype: MdevType, uuid: str) -> None:
        with self._everything:
            super().create(mtype, uuid)

    def remove(self, mdev: MdevDevice) -> None:
        with self._everything:
            super().remove(mdev)
