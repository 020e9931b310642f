"""The information that IOMMU_GET_INFO reports."""

from __future__ import annotations

import struct
from errno import EFAULT, EINVAL, ENOTTY

import pytest

from mdevref.vfio import uapi
from mdevref.vfio.uapi import IommuInfo
from tests.machines import errno_of
from tests.vfio.backends import TOP, info
from tests.vfio.users import PAGE, User, host_of, user_of


def test_information_tells_the_sizes_of_pages_from_the_smallest_on(user: User) -> None:
    found = IommuInfo.read(info(user, 16))
    assert found.flags & 1
    assert found.iova_pgsizes == TOP - PAGE
    assert errno_of(user.process.ioctl, user.container, uapi.IOMMU_GET_INFO, IommuInfo(argsz=15).pack()) == EINVAL
    assert errno_of(user.process.ioctl, user.container, uapi.IOMMU_GET_INFO, bytearray(15)) == EFAULT
    assert errno_of(user.process.ioctl, user.container, 0x3B00, bytearray(64)) == ENOTTY


def test_information_of_the_documents_time_has_no_capabilities() -> None:
    user = user_of(host_of("4.13"))
    assert info(user, 96) == struct.pack("=IIQ", 96, 1, TOP - PAGE).ljust(96, b"\0")


@pytest.mark.parametrize(("era", "size"), [("5.10", 68), ("6.1", 68), ("6.12", 72)])
def test_information_is_as_recorded(era: str, size: int) -> None:
    """The expected values come from a guest of each kernel, with mtty in a container of each version."""
    user = user_of(host_of(era))
    for room in (16, 20, 24):
        assert info(user, room) == struct.pack("=IIQ", size, 3, TOP - PAGE).ljust(room, b"\0")
    assert info(user, 96)[16:size].hex() == (
        "1800000000000000"
        "0200010038000000" "0000000000000000" "0010000000000000" "0000001000000000"
        "0300010000000000" "ffff0000" + "00" * (size - 68)
    )  # fmt: skip
    user.map(0, 0x10000, PAGE)
    assert info(user, 96)[64:68] == struct.pack("=I", 65534)
