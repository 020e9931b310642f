"""Hosts whose operations wait for the wrong users, or remove the wrong entries while a device is in use."""

from __future__ import annotations

from dataclasses import replace
from errno import EBUSY

from mdevref.kernel.core import Kernel
from mdevref.kernel.errors import fail
from mdevref.kernel.open_files import UserArgument
from mdevref.kernel.waiting import Mutex
from mdevref.mdev.core import Core
from mdevref.mdev.eras import Era
from mdevref.mdev.objects import MdevDevice, MdevType
from mdevref.vfio.core import Vfio
from mdevref.vfio.device import VfioDevice
from mdevref.vfio.group_files import GroupFile
from tests.miniatures.registry import wrong


@wrong(
    {
        "remove.in-use-waits": "expected the writer to be blocked; seen: it returned",
        "binding.unbind-in-use-waits": "expected the writer to be blocked; seen: it returned",
        "parents.unload-in-use-waits": "expected the unloading to be blocked; seen: it returned",
    }
)
class does_not_wait_for_users(Vfio):
    """Removing a device does not wait until its user has closed it."""

    def wait_for_users(self, device: VfioDevice) -> None:
        pass


@wrong({"remove.in-use-gone": "seen: a link"})
def takes_links_away_last(era: Era) -> Era:
    """The links between a device and its type still exist while its removal waits for a user."""
    return replace(era, remove_steps=("vendor", "groups", "device", "type link", "devices link", "remove file"))


@wrong({"remove.in-use-stays": "/iommu_group to be a link; seen: nothing"})
class leaves_its_group_at_once(Core):
    """The link ``iommu_group`` of a device is removed before its user has closed the device."""

    def delete_device(self, mdev: MdevDevice) -> None:
        self.kernel.tree.remove_child(mdev.directory, "iommu_group")
        super().delete_device(mdev)


@wrong(
    {
        "remove.in-use-others-go-on": "expected the second writer not to block; seen: it is blocked",
        "create.slow-vendor-same-parent": "expected the second writer not to block; seen: it is blocked",
    },
    era="5.10",
)
def one_lock_for_each_parent(era: Era) -> Era:
    """Each creation or removal waits for all others of the same parent, as before 4.18."""
    return replace(era, serialises_per_parent=True)


@wrong(
    {
        "remove.in-use-others-wait": "expected the second writer to be blocked; seen: it returned",
        "create.one-at-a-time": "expected the second writer to be blocked; seen: it returned",
    }
)
def no_lock_for_a_parent(era: Era) -> Era:
    """Several devices of a parent can be created and removed concurrently, as from 4.18 on."""
    return replace(era, serialises_per_parent=False)


@wrong(
    {
        "remove.in-use-other-parents": "expected the second writer not to block; seen: it is blocked",
        "create.slow-vendor-other-parent": "expected the second writer not to block; seen: it is blocked",
    }
)
class one_lock_for_all_parents(Core):
    """Each creation or removal waits for all others, whatever their parents are."""

    def __init__(self, kernel: Kernel, era: Era) -> None:
        super().__init__(kernel, era)
        self.everything = Mutex(kernel.waits, "the one lock there is")

    def create(self, mtype: MdevType, uuid: str) -> None:
        with self.everything:
            super().create(mtype, uuid)

    def remove(self, mdev: MdevDevice) -> None:
        with self.everything:
            super().remove(mdev)


class _OfOneUser(GroupFile):
    def get_device_fd(self, argument: UserArgument) -> int:
        if any(device.open_files for device in self.devices.by_mdev.values()):
            raise fail(EBUSY, "in use")
        return super().get_device_fd(argument)


@wrong({"hotplug.at-runtime": "expected no error; seen: EBUSY"})
class one_user_at_a_time(Vfio):
    """While one device is in use, no other device can be opened."""

    group_file = _OfOneUser


@wrong({"hotplug.unplug-at-runtime": "expected the write not to block; seen: it is blocked"})
class waits_for_users_of_other_devices(Vfio):
    """Removing a device waits until no device of any parent is in use."""

    def unregister(self, mdev: MdevDevice) -> None:
        with self.devices.changed:
            others = list(self.devices.by_mdev.values())
            is_idle = lambda: not any(device.open_files for device in others)  # noqa: E731  # asked again and again
            self.kernel.waits.wait_for(self.devices.changed, is_idle, "the users of all devices to close them")
        super().unregister(mdev)
