"""Hosts that call the vendor driver at the wrong time, or that handle its refusals wrongly."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from errno import EIO, ENODEV

from mdevref.kernel.errors import fail
from mdevref.mdev.core import Core
from mdevref.mdev.eras import Era
from mdevref.mdev.objects import MdevDevice
from tests.miniatures.registry import wrong


@wrong({"create.vendor-errno": "; seen: EIO"})
class masks_the_errno_of_a_refusal(Core):
    """Creating a device fails with EIO, whatever errno the vendor driver returns."""

    def vendor_create(self, mdev: MdevDevice) -> None:
        try:
            super().vendor_create(mdev)
        except OSError as error:
            raise fail(EIO, mdev.name) from error


@wrong(
    {
        "create.refusal-leaves-nothing": "seen: ",
        "hotplug.refused-in-pairs": "expected a remove for each add; seen: add",
    }
)
class leaves_a_half_made_device(Core):
    """A failed creation is not undone."""

    def make(self, mdev: MdevDevice) -> None:
        for do, _ in self._create_steps:
            do(mdev)
        self.activate(mdev)


@wrong(
    {
        "create.probe-refusal-ignored": "expected the write to succeed; seen: ENODEV",
        "binding.without-bus-driver": "expected the write to succeed; seen: ENODEV",
    }
)
class insists_on_a_driver(Core):
    """Creating a device fails if no driver binds to the device."""

    def add_device(self, mdev: MdevDevice) -> None:
        super().add_device(mdev)
        if mdev.driver is None:
            self.delete_device(mdev)
            raise fail(ENODEV, mdev.name)


@wrong({"create.probe-refusal-fatal": "expected EIO; seen: 36 of 36 bytes written"}, era="6.1")
class creates_without_a_driver(Core):
    """Creating a device succeeds even if the vendor driver refuses it, as until 5.12."""

    def attach_driver(self, mdev: MdevDevice) -> None:
        with suppress(OSError):
            super().attach_driver(mdev)


@wrong(
    {
        "create.seen-before-accepted": " to be a directory; seen: nothing",
        "hotplug.vendor-refusal-seen": "expected add, remove; seen: none",
    }
)
def asks_the_vendor_first(era: Era) -> Era:
    """A device is visible only after its vendor driver has accepted it, as from 5.2 on."""
    return replace(era, create_steps=("vendor", "device", "groups", "remove file", "devices link", "type link"))


@wrong(
    {
        "create.unseen-until-accepted": "seen: bus/mdev/devices/",
        "hotplug.vendor-refusal-silent": "expected no uevent; seen: add@",
    },
    era="5.10",
)
def shows_a_device_too_early(era: Era) -> Era:
    """A device is visible before its vendor driver has accepted it, as until 5.1."""
    return replace(era, create_steps=("device", "vendor", "devices link", "type link", "remove file"))


@wrong({"create.links-after-accepted": "seen: a "})
def shows_all_too_early(era: Era) -> Era:
    """The attribute ``remove`` and the type links exist before the vendor driver's ``create`` returns."""
    return replace(era, create_steps=("device", "remove file", "devices link", "type link", "vendor", "groups"))


@wrong({"create.remove-before-bind": "/remove to be a file; seen: nothing"}, era="6.1")
def has_remove_after_binding(era: Era) -> Era:
    """A device has ``remove`` only after ``probe`` of its driver has returned."""
    return replace(era, create_steps=("device", "driver", "remove file", "devices link", "type link"))


@wrong({"create.links-after-bind": "seen: a link"}, era="6.1")
def links_before_binding(era: Era) -> Era:
    """The links between a device and its type exist before a driver is bound."""
    return replace(era, create_steps=("device", "devices link", "type link", "driver"))


@wrong({"remove.unfinished": "expected EAGAIN; seen: ENODEV"}, era="6.1")
class denies_unfinished_devices(Core):
    """Writing to ``remove`` of a device that is still being created fails with ENODEV."""

    def begin_removal(self, mdev: MdevDevice) -> None:
        if not mdev.is_active:
            raise fail(ENODEV, mdev.name)
        super().begin_removal(mdev)


@wrong(
    {
        "remove.vendor-refusal": "expected the write to fail; seen: 1 of 1 bytes written",
        "remove.vendor-refusal-device-stays": " to exist; seen: no bus/mdev/devices/",
        "remove.vendor-refusal-errno": "expected EBUSY; seen: 1 of 1 bytes written",
    }
)
def overrules_the_vendor(era: Era) -> Era:
    """A device is removed even if its vendor driver refuses, as from 5.2 on."""
    return replace(era, vendor_may_refuse_remove=False)


@wrong({"remove.vendor-refusal-device-stays": " to exist; seen: no bus/mdev/devices/"})
class removes_and_reports_a_refusal(Core):
    """If the vendor driver refuses a removal, the write to ``remove`` fails, but the device is removed."""

    def vendor_remove(self, mdev: MdevDevice) -> None:
        try:
            super().vendor_remove(mdev)
        except OSError as error:
            self.__dict__.setdefault("refusals", {})[mdev] = error

    def remove(self, mdev: MdevDevice) -> None:
        super().remove(mdev)
        refusal = self.__dict__.get("refusals", {}).pop(mdev, None)
        if refusal is not None:
            raise refusal


@wrong({"remove.vendor-refusal-errno": "expected EBUSY; seen: E"})
class passes_the_vendors_errno_on(Core):
    """A refused removal fails with the errno of the vendor driver."""

    def vendor_remove(self, mdev: MdevDevice) -> None:
        try:
            super().vendor_remove(mdev)
        except OSError as error:
            raise error.__cause__ or error from None


@wrong(
    {
        "remove.vendor-refusal-device-stays": "/remove to be a file; seen: nothing",
        "remove.vendor-refusal-again": "expected EBUSY for every write; seen: EBUSY, EACCES",
    }
)
def loses_remove_by_a_refusal(era: Era) -> Era:
    """After its vendor driver has refused its removal, a device has no ``remove``."""
    return replace(era, restores_remove=False)


@wrong({"remove.vendor-refusal-open-file": "expected ENODEV; seen: EBUSY"})
class puts_the_same_remove_back(Core):
    """After a refused removal, a file ``remove`` that was opened before can still be written."""

    def restore_remove_file(self, mdev: MdevDevice) -> None:
        file = mdev.remove_file
        assert file is not None
        file.alive, file.owner, file.self_removal = True, mdev, None
        file.parent.children[file.name] = file


@wrong({"remove.vendor-refusal-ignored": "expected the write to succeed; seen: EBUSY"}, era="5.10")
def lets_the_vendor_refuse(era: Era) -> Era:
    """A vendor driver can refuse the removal of a device, as until 5.1."""
    steps = [step for step in era.remove_steps if step != "vendor"]
    return replace(era, remove_steps=("vendor", *steps), vendor_may_refuse_remove=True, restores_remove=True)
