"""Hosts whose nodes of VFIO devices are wrong."""

from __future__ import annotations

from errno import ENODEV, ENOTTY
from functools import partial

from mdevref.kernel.errors import fail
from mdevref.kernel.open_files import UserArgument
from mdevref.vfio import uapi
from mdevref.vfio.cdev import CdevFile
from mdevref.vfio.groups import Group
from tests.miniatures.registry import wrong as wrong_host

wrong = partial(wrong_host, interface="device", era="6.12-cdev")


@wrong({"vfio-device.node-unbound": "expected EINVAL; seen: ENOTTY"})
class an_unbound_node_knows_nothing(CdevFile):
    """An unbound node rejects every request with ENOTTY."""

    def ioctl(self, request: int, argument: UserArgument) -> int:
        if self._iommufd is None and request != uapi.DEVICE_BIND_IOMMUFD:
            raise fail(ENOTTY, f"{request:#x}")
        return super().ioctl(request, argument)


@wrong({"vfio-device.node-bound": "expected no error; seen: ENODEV"})
class a_node_for_binding_only(CdevFile):
    """A bound node rejects every request."""

    def ioctl(self, request: int, argument: UserArgument) -> int:
        if self._iommufd is not None and request != uapi.DEVICE_BIND_IOMMUFD:
            raise fail(ENODEV, f"{request:#x}")
        return super().ioctl(request, argument)


@wrong({"vfio-device.node-once": "expected EINVAL; seen: success"})
class bound_for_good(CdevFile):
    """Binding a node a second time succeeds without effect."""

    def bind(self, argument: UserArgument) -> None:
        if self._iommufd is None:
            super().bind(argument)


@wrong({"vfio-device.node-or-group": "expected EBUSY; seen: success"})
class group_and_node_at_once(Group):
    """A group can be opened while its device is in use through the node."""

    def block(self) -> None:
        pass

    def unblock(self) -> None:
        pass
