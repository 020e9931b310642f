"""A display of mdpy, as observed on 5.10, 6.1 and 7.3."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from errno import EFAULT, EINVAL, ENOTTY

import pytest

from mdevref.mdev.eras import ERAS
from mdevref.vfio import uapi
from mdevref.vfio.holding import HeldDevice
from mdevref.vfio.uapi import DeviceInfo, IrqInfo, RegionInfo
from tests.machines import create, errno_of, machine, uuid

VGA = "class/mdev_bus/mdpy/mdev_supported_types/mdpy-vga"
BAR = 0x1000
SIZE = 0x200000


@pytest.fixture(params=list(ERAS))
def display(request: pytest.FixtureRequest) -> Iterator[HeldDevice]:
    host = machine(request.param, "mdpy")
    create(host, 1, VGA)
    device = host.open_device(uuid(1))
    yield device
    device.close()


def ask(display: HeldDevice, request: int, record: uapi.Record) -> bytearray:
    argument = record.pack()
    display.ioctl(request, argument)
    return argument


def region(display: HeldDevice, index: int) -> tuple[int, int, int]:
    argument = ask(display, uapi.DEVICE_GET_REGION_INFO, RegionInfo(argsz=32, index=index))
    info = RegionInfo.read(argument)
    return info.flags, info.size, info.offset


def test_what_it_says_of_itself(display: HeldDevice) -> None:
    before = IrqInfo(argsz=16).pack()
    assert errno_of(display.ioctl, uapi.DEVICE_GET_IRQ_INFO, before) == EINVAL  # before GET_INFO
    info = DeviceInfo.read(ask(display, uapi.DEVICE_GET_INFO, DeviceInfo(argsz=16)))
    assert (info.flags, info.num_regions, info.num_irqs) == (2, 9, 5)
    assert region(display, 0) == (7, SIZE, BAR)
    assert region(display, 7) == (3, 255, 0)
    assert [region(display, index) for index in (1, 2, 3, 4, 5, 6, 8)] == [(0, 0, 0)] * 7
    assert errno_of(region, display, 9) == EINVAL
    interrupt = IrqInfo.read(ask(display, uapi.DEVICE_GET_IRQ_INFO, IrqInfo(argsz=16, index=4)))
    assert (interrupt.flags, interrupt.count) == (0, 0)
    assert errno_of(ask, display, uapi.DEVICE_GET_IRQ_INFO, IrqInfo(argsz=16, index=5)) == EINVAL
    assert errno_of(display.ioctl, uapi.DEVICE_SET_IRQS, 0) == EINVAL
    assert display.ioctl(uapi.DEVICE_RESET) == 0
    assert errno_of(display.ioctl, 0x3BFF) == ENOTTY


def test_its_configuration_space(display: HeldDevice) -> None:
    assert display.read(16, 0).hex() == "361b0f00030010000001008003000000"
    assert display.read(16, 0x40).hex() == "0900100058523234" + "80020000e0010000"
    for written, bar in (("ffffffff", "0800e0ff"), ("000000e0", "080000e0"), ("ff", "f8000000")):
        display.write(bytes.fromhex(written), 0x10)
        assert display.read(4, 0x10).hex() == bar
    assert display.write(b"\x0b", 0x3C) == 1
    assert display.read(1, 0x3C) == b"\0"
    assert display.read(2, 0xFD) == b"\0\0"


@pytest.mark.parametrize(("count", "offset"), [(4, 0xFE), (1, 0xFF), (1, 0x100), (4, BAR + SIZE), (8, BAR + SIZE - 4)])
def test_what_is_in_no_region_cannot_be_read_or_written(display: HeldDevice, count: int, offset: int) -> None:
    assert errno_of(display.read, count, offset) == EFAULT
    assert errno_of(display.write, bytes(count), offset) == EFAULT


def test_the_framebuffer_is_mapped_whole_or_from_its_beginning(display: HeldDevice) -> None:
    view = display.mmap(SIZE, BAR)
    assert len(view) == SIZE
    display.write(b"hell", BAR + SIZE - 4)  # the sample ignores the offset and writes to the beginning
    assert bytes(view[:8]) == b"hell\0\0\0\0"
    assert display.read(4, BAR + 64) == b"hell"
    for length, offset in ((SIZE + 4096, BAR), (4096, 2 * BAR), (4096, 0), (4096, BAR + SIZE)):
        assert errno_of(display.mmap, length, offset) == EINVAL


def test_an_access_that_begins_in_configuration_space_may_end_behind_it(display: HeldDevice) -> None:
    assert len(display.read(256, 0)) == 256
    assert display.read(4, 0xFC) == bytes(4)
    assert display.write(b"\xff" * 4, 0xFC) == 4
    assert display.read(4, 0xFC) == bytes(4)


def test_it_is_grey_from_the_beginning_and_after_a_reset(display: HeldDevice) -> None:
    view = display.mmap(SIZE, BAR)
    rows = [view[row * 640 * 4] for row in (0, 1, 2, 3, 100, 240, 479)]
    assert rows == [0, 0, 1, 1, 53, 127, 254]
    assert view[480 * 640 * 4] == 0  # beyond the picture
    view[100 * 640 * 4] = view[480 * 640 * 4] = 7
    display.ioctl(uapi.DEVICE_RESET)
    assert (view[100 * 640 * 4], view[480 * 640 * 4]) == (53, 7)


def test_its_plane_is_a_region(display: HeldDevice) -> None:
    argument = bytearray(struct.pack("=II", 64, 4) + bytes(56))
    display.ioctl(uapi.DEVICE_QUERY_GFX_PLANE, argument)
    assert argument.hex(" ", 4) == (
        "40000000 04000000 00000000 58523234 00000000 00000000 80020000 e0010000 000a0000 00002000 "
        "00000000 00000000 00000000 00000000 10000000 00000000"
    )
    for flags in (0, 1, 2, 3):
        refused = bytearray(struct.pack("=II", 64, flags) + bytes(56))
        assert errno_of(display.ioctl, uapi.DEVICE_QUERY_GFX_PLANE, refused) == EINVAL
    assert display.ioctl(uapi.DEVICE_QUERY_GFX_PLANE, bytearray(struct.pack("=II", 64, 5) + bytes(56))) == 0
    assert errno_of(display.ioctl, uapi.DEVICE_QUERY_GFX_PLANE, 0) == EFAULT
