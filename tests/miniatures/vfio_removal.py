"""Hosts that close or remove devices wrongly while processes have files open."""

from __future__ import annotations

from dataclasses import replace
from errno import EBUSY, EIO, ENODEV
from functools import partial
from typing import Any

from mdevref.kernel.errors import fail
from mdevref.kernel.files import Files
from mdevref.kernel.open_files import UserArgument
from mdevref.kernel.process import Process
from mdevref.mdev.eras import Era
from mdevref.mdev.objects import MdevDevice
from mdevref.suite.targets.reference.process import ReferenceProcess
from mdevref.vfio import uapi
from mdevref.vfio.containers import ContainerFile
from mdevref.vfio.core import Vfio
from mdevref.vfio.device import VfioDevice
from mdevref.vfio.device_files import DeviceFile
from mdevref.vfio.group_files import GroupFile
from mdevref.vfio.groups import Group
from tests.miniatures.registry import wrong as wrong_host

wrong = partial(wrong_host, interface="device")


@wrong({"closing.any-order": "expected no error; seen: EBUSY"})
class the_container_goes_last(ReferenceProcess):
    """Closing a container that contains a group fails."""

    def close(self, descriptor: int) -> None:
        with self.file(descriptor) as file:
            if isinstance(file.operations, ContainerFile) and file.operations.container.groups:
                raise fail(EBUSY, "container")
        super().close(descriptor)


@wrong({"closing.device-last": "expected no error; seen: EIO"})
class no_device_without_its_group(DeviceFile):
    """A device rejects requests after its group was closed."""

    def ioctl(self, request: int, argument: UserArgument) -> int:
        if not self.device.group.is_open:
            raise fail(EIO, "group")
        return super().ioctl(request, argument)


@wrong({"closing.dies": "expected success; seen: EBUSY"}, era="6.1")
class dies_with_its_groups_open(ReferenceProcess):
    """When a process exits, its groups leave their containers but stay open."""

    def exit(self) -> None:
        if not self.has_ended:
            for descriptor, file in sorted(self._files.items(), reverse=True):
                if isinstance(file.operations, GroupFile):
                    file.get()
                    if file.operations.group.container is not None:
                        self.ioctl(descriptor, uapi.GROUP_UNSET_CONTAINER)
                else:
                    self.close(descriptor)
        super().exit()


@wrong({"closing.others": "expected no error; seen: EBADF"})
class takes_others_along(ReferenceProcess):
    """When a process exits, the files of other processes are closed too."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._everybody: list[Process] = self.nodes.__dict__.setdefault("everybody", [])
        self._everybody.append(self)

    def exit(self) -> None:
        super().exit()
        for other in self._everybody:
            for descriptor in [] if other.has_ended else sorted(other._files, reverse=True):
                other.close(descriptor)


@wrong({"closing.second-file": "expected the writer to be blocked; seen: it returned"}, era="6.1")
class one_close_is_enough(VfioDevice):
    """A device is free as soon as one of its files is closed, even if others are still open."""

    def put(self) -> None:
        with self.changed:
            self.open_files = 0
            self.changed.notify_all()


class _Going(VfioDevice):
    is_going = False


class _Deaf(DeviceFile):
    def ioctl(self, request: int, argument: UserArgument) -> int:
        if isinstance(self.device, _Going) and self.device.is_going:
            raise fail(ENODEV, "removed")
        return super().ioctl(request, argument)


@wrong({"removal.answers": "expected no error; seen: ENODEV"})
class deaf_while_it_goes(Vfio):
    """A device rejects requests while its removal waits for a user."""

    device = _Going
    device_file = _Deaf

    def unregister(self, mdev: MdevDevice) -> None:
        device = self.devices.by_mdev[mdev]
        assert isinstance(device, _Going)
        device.is_going = True
        super().unregister(mdev)


class _Tells(Group):
    def close(self) -> None:
        super().close()
        with self.changed:
            self.changed.notify_all()


@wrong({"removal.group-open": "expected the writer not to block; seen: it is blocked"})
class waits_for_the_group(Vfio):
    """Removing a device blocks until its group is closed."""

    group = _Tells

    def wait_for_users(self, device: VfioDevice) -> None:
        super().wait_for_users(device)
        with self.devices.changed:
            group = device.group
            self.kernel.waits.wait_for(self.devices.changed, lambda: not group.is_open, "the group to be closed")


@wrong({"removal.in-container-waits": "; seen: it returned", "removal.status": "expected success; seen: ENODEV"})
def groups_are_taken_away(era: Era) -> Era:
    """A group is removed with its device even if a process has the group open, as from 6.1 on."""
    return replace(era, revokes_groups=True)


@wrong({"removal.node-stays": "expected the node vfio/0; seen: vfio/vfio"})
class the_node_goes_first(Vfio):
    """The node of a group is removed with the device, although the group still exists."""

    def unregister(self, mdev: MdevDevice) -> None:
        group = self.devices.by_mdev[mdev].group
        super().unregister(mdev)
        if group.is_open:
            nodes, path = self.kernel.nodes, f"vfio/{group.name}"
            number = nodes.find(path).number
            nodes.remove(path)
            hide = group.hide

            def hide_what_is_left() -> None:
                nodes.add(path, number)
                hide()

            group.hide = hide_what_is_left  # type: ignore[method-assign]  # only of this group


@wrong(
    {
        "removal.in-container": "expected the writer not to block; seen: it is blocked",
        "removal.status-gone": "expected ENODEV; seen: 0",
    },
    era="6.1",
)
def groups_stay_with_their_users(era: Era) -> Era:
    """A group that a process has open still exists after its device was removed, as until 5.12."""
    return replace(era, revokes_groups=False)


@wrong({"vfio-device.name": "expected one entry, named vfio and a number; seen: the-vfio0"}, era="6.1")
class an_article_before_each_name(Files):
    """The names of VFIO devices begin with ``the-``."""

    def listdir(self, path: str) -> list[str]:
        names = super().listdir(path)
        return [f"the-{name}" for name in names] if path.endswith("/vfio-dev") else names


@wrong({"vfio-device.class": "seen: devices/virtual/mem/null"}, era="6.1")
class a_class_that_leads_elsewhere(Files):
    """The links in the class of VFIO devices lead to other devices."""

    def readlink(self, path: str) -> str:
        if path.startswith("class/vfio-dev/"):
            return "../../devices/virtual/mem/null"
        return super().readlink(path)
