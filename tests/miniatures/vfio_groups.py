"""Hosts whose VFIO groups have wrong nodes or a wrong status, or can be opened by the wrong processes."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from errno import EBUSY, EINVAL, ENODEV, ENOTTY
from functools import partial

from mdevref.kernel.errors import fail
from mdevref.kernel.open_files import Task, UserArgument
from mdevref.mdev.eras import Era
from mdevref.vfio import uapi
from mdevref.vfio.backends import Backend
from mdevref.vfio.containers import ContainerFile
from mdevref.vfio.core import Vfio
from mdevref.vfio.group_files import GroupFile
from mdevref.vfio.groups import Group
from mdevref.vfio.uapi import GroupFlags, GroupStatus
from tests.miniatures.registry import wrong as wrong_host

wrong = partial(wrong_host, interface="device")


@wrong({"group.node": "expected success; seen: ENODEV"})
class no_group_without_a_container(Vfio):
    """Opening a group fails until a process has opened a container."""

    somebody_has = False

    def open_container(self, process: Task, minor: int) -> ContainerFile:
        self.somebody_has = True
        return super().open_container(process, minor)

    def open_group(self, process: Task, minor: int) -> GroupFile:
        if not self.somebody_has:
            raise fail(ENODEV, "group")
        return super().open_group(process, minor)


class _LeavesNode(Group):
    def hide(self) -> None:
        super().hide()
        self._nodes.kernel.nodes.add(self.device.node, (self._nodes.major, self.minor))


@wrong(
    {
        "group.unbound": "expected no node vfio/0; seen: ",
        "group.removed": "expected no node vfio/0; seen: ",
    }
)
class leaves_its_node(_LeavesNode):
    """The node of a group still exists after the group was removed."""


@wrong({"removal.node-goes": "expected no node vfio/0; seen: "}, era="6.1")
class leaves_its_node_later(_LeavesNode):
    """The node of a group still exists after the group was removed, from 6.1 on."""


@wrong({"group.nobodys": "expected ENODEV; seen: ENXIO"})
def groups_are_devices_of_their_own(era: Era) -> Era:
    """Each group is a separate character device, as from 6.1 on."""
    return replace(era, has_group_cdevs=True)


@wrong({"group.nobodys-later": "expected ENXIO; seen: ENODEV"}, era="6.1")
def groups_are_one_device(era: Era) -> Era:
    """VFIO owns the minor numbers of all groups, even those of unknown groups, as until 5.12."""
    return replace(era, has_group_cdevs=False)


@wrong({"group.one-user": "expected EBUSY; seen: success"})
class any_number_of_users(Group):
    """Several processes can open a group at the same time."""

    def open(self, process: Task) -> None:
        self.is_open = False
        super().open(process)


@wrong({"group.again": "expected success; seen: EBUSY"})
class opens_once_and_never_again(Group):
    """A group cannot be opened again after it was closed."""

    def close(self) -> None:
        super().close()
        self.is_open = True


class _Status(GroupFile):
    """A group with a modified status."""

    def spoil(self, flags: int) -> int:
        raise NotImplementedError

    def get_status(self, argument: UserArgument) -> None:
        super().get_status(argument)
        status = GroupStatus.read(argument.copy_in(GroupStatus.minimum))
        status.flags = self.spoil(status.flags)
        argument.copy_out(bytes(status))


@wrong({"group.no-iommu": "expected EPERM; seen: "})
class trusts_everybody(Group):
    """A group without an IOMMU can be opened without CAP_SYS_RAWIO."""

    def check_capability(self, process: Task) -> None:
        pass


@wrong({"device-fd.not-viable": "expected EINVAL; seen: "})
class minds_no_strangers(Group):
    """A group can be used even if one of its devices is bound to another driver."""

    def check_usable(self) -> Backend:
        self.is_viable = True
        return super().check_usable()


@wrong({"group.viable": "expected VIABLE; seen: "})
class viable_for_nobody(_Status):
    """GET_STATUS never reports VIABLE, although the groups can be used."""

    def spoil(self, flags: int) -> int:
        return flags & ~GroupFlags.VIABLE


@wrong({"group.status-outside": "expected no CONTAINER_SET; seen: "})
class always_in_a_container(_Status):
    """GET_STATUS always reports CONTAINER_SET."""

    def spoil(self, flags: int) -> int:
        return flags | GroupFlags.CONTAINER_SET


@wrong({"group.status-inside": "expected CONTAINER_SET; seen: VIABLE"})
class never_in_a_container(_Status):
    """GET_STATUS never reports CONTAINER_SET."""

    def spoil(self, flags: int) -> int:
        return flags & ~GroupFlags.CONTAINER_SET


@wrong({"group.status-argsz": "expected EINVAL; seen: 0"})
class a_status_of_any_size(GroupFile):
    """GET_STATUS of a group succeeds even if ``argsz`` is too small."""

    def get_status(self, argument: UserArgument) -> None:
        given = GroupStatus.read(argument.copy_in(GroupStatus.minimum)).argsz
        argument.copy_out(GroupStatus.minimum.to_bytes(4, "little"))
        super().get_status(argument)
        argument.copy_out(given.to_bytes(4, "little"))


@wrong({"group.status-room": "expected success; seen: EINVAL"})
class a_status_of_one_size(GroupFile):
    """GET_STATUS of a group fails if ``argsz`` is larger than 8."""

    def get_status(self, argument: UserArgument) -> None:
        if GroupStatus.read(argument.copy_in(GroupStatus.minimum)).argsz > GroupStatus.minimum:
            raise fail(EINVAL, "argsz")
        super().get_status(argument)


@wrong({"group.status-overrun": "expected no byte changed; seen: byte "})
class writes_more_than_a_status(GroupFile):
    """GET_STATUS of a group also writes zeros behind the structure."""

    def get_status(self, argument: UserArgument) -> None:
        super().get_status(argument)
        with suppress(OSError):  # the caller's memory may end there
            argument.copy_out(bytes(4), GroupStatus.read(argument.copy_in(GroupStatus.minimum)).argsz)


@wrong({"group.pointer": "expected EFAULT; seen: EINVAL"})
class a_bad_pointer_to_a_group_is_invalid(GroupFile):
    """Requests of a group fail with EINVAL if the pointer is bad."""

    def ioctl(self, request: int, argument: UserArgument) -> int:
        if not argument.value and request != uapi.GROUP_UNSET_CONTAINER:
            raise fail(EINVAL, "pointer")
        return super().ioctl(request, argument)


@wrong({"group.unknown-request": "expected ENOTTY; seen: EINVAL"})
class an_unknown_request_of_a_group_is_invalid(GroupFile):
    """An unknown request of a group fails with EINVAL."""

    def ioctl(self, request: int, argument: UserArgument) -> int:
        try:
            return super().ioctl(request, argument)
        except OSError as error:
            raise fail(EINVAL if error.errno == ENOTTY else error.errno or 0, "request") from error


@wrong({"closing.group-free": "expected success; seen: EBUSY"})
class stays_taken_for_good(Group):
    """A group that is closed before its device can never be opened again."""

    closed_too_early = False

    def open(self, process: Task) -> None:
        if self.closed_too_early:
            raise fail(EBUSY, self.name)
        super().open(process)

    def close(self) -> None:
        self.closed_too_early = self.users > 1
        super().close()


@wrong({"closing.group-taken": "expected EBUSY; seen: success"})
class forgets_open_devices(Group):
    """A closed group can be opened again while its device is still in use."""

    def open(self, process: Task) -> None:
        container, self.container = self.container, None
        try:
            super().open(process)
        finally:
            self.container = container
