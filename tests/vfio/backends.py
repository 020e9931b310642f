"""The type1 back end behind a user's device, and the information that it reports."""

from __future__ import annotations

import struct

from mdevref.vfio import uapi
from mdevref.vfio.type1 import Type1
from tests.vfio.users import User

TOP = 1 << 64


def backend(user: User) -> Type1:
    found = user.host.vfio.devices.find(user.name).group.check_usable()
    assert isinstance(found, Type1)
    return found


def info(user: User, room: int) -> bytes:
    """Return the result of IOMMU_GET_INFO with an argument of ``room`` bytes and that ``argsz``."""
    argument = bytearray(struct.pack("=I", room).ljust(room, b"\0"))
    assert user.process.ioctl(user.container, uapi.IOMMU_GET_INFO, argument) == 0
    return bytes(argument)
