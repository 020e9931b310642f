"""A display of mbochs, as observed on 5.10 and 6.1."""

from __future__ import annotations

from collections.abc import Iterator
from errno import EFAULT, EINVAL, ENOTTY

import pytest

from mdevref.mdev.eras import ERAS
from mdevref.vfio import uapi
from mdevref.vfio.holding import HeldDevice
from mdevref.vfio.uapi import DeviceInfo, IrqInfo, RegionInfo
from tests.machines import create, errno_of, machine, uuid

REGISTERS, EDID, MEMORY = 0x1000, 0x2000, 0x3000
SIZES = {"small": 4 << 20, "medium": 16 << 20, "large": 64 << 20}
#: The region info of the EDID region, for a caller with room for all of it.
EDID_INFO = bytes.fromhex(
    "300000000b00000009000000200000000010000000000000002000000000000002000100000000000100000001000000"
)


def opened(era: str, type_: str) -> HeldDevice:
    host = machine(era, "mbochs")
    create(host, 1, f"class/mdev_bus/mbochs/mdev_supported_types/mbochs-{type_}")
    return host.open_device(uuid(1))


@pytest.fixture(params=list(ERAS))
def display(request: pytest.FixtureRequest) -> Iterator[HeldDevice]:
    device = opened(request.param, "small")
    yield device
    device.close()


def region(display: HeldDevice, index: int, room: int = 32) -> bytes:
    argument = RegionInfo(argsz=room, index=index).pack(bytes(64))
    display.ioctl(uapi.DEVICE_GET_REGION_INFO, argument)
    return bytes(argument)


def test_what_it_says_of_itself(display: HeldDevice) -> None:
    argument = IrqInfo(argsz=16).pack()
    display.ioctl(uapi.DEVICE_GET_IRQ_INFO, argument)  # succeeds before and after GET_INFO
    assert IrqInfo.read(argument).count == 0
    argument = DeviceInfo(argsz=16).pack()
    display.ioctl(uapi.DEVICE_GET_INFO, argument)
    info = DeviceInfo.read(argument)
    assert (info.flags, info.num_regions, info.num_irqs) == (2, 10, 5)
    assert errno_of(display.ioctl, uapi.DEVICE_GET_IRQ_INFO, IrqInfo(argsz=16, index=5).pack()) == EINVAL
    assert errno_of(display.ioctl, uapi.DEVICE_SET_IRQS, 0) == EINVAL
    assert display.ioctl(uapi.DEVICE_RESET) == 0
    for request in (uapi.DEVICE_QUERY_GFX_PLANE, 0x3BFF):
        assert errno_of(display.ioctl, request, bytearray(64)) == ENOTTY


@pytest.mark.parametrize("type_", SIZES)
def test_its_regions(type_: str) -> None:
    display = opened("6.1", type_)
    found = {index: RegionInfo.read(region(display, index)) for index in range(9)}
    there = {
        index: (int(info.flags), info.size, info.offset) for index, info in found.items() if info.size or info.flags
    }
    assert there == {0: (7, SIZES[type_], MEMORY), 2: (3, 4096, REGISTERS), 7: (3, 255, 0)}
    assert errno_of(region, display, 10) == EINVAL
    display.close()


@pytest.mark.parametrize("room", [32, 40, 48])
def test_the_edid_region_tells_its_type_as_far_as_there_is_room(display: HeldDevice, room: int) -> None:
    assert region(display, 9, room) == EDID_INFO[:room].ljust(96, b"\0")


@pytest.mark.parametrize("index", [0, 9])
def test_more_room_than_that_is_refused(display: HeldDevice, index: int) -> None:
    assert errno_of(region, display, index, 56) == EINVAL


def test_its_configuration_space(display: HeldDevice) -> None:
    assert display.read(16, 0).hex() == "34121111030000000001008003000000"
    assert display.read(4, 0x2C).hex() == "f41a0011"
    for offset, written, bar in (
        (0x10, "ffffffff", "0800c0ff"),
        (0x10, "04030201", "08030201"),
        (0x18, "ffffffff", "00f0ffff"),
        (0x14, "ffffffff", "00000000"),
        (0x04, "0700", "03000000"),
    ):
        display.write(bytes.fromhex(written), offset)
        assert display.read(4, offset).hex() == bar
    assert display.read(4, 0xFC) == bytes(4)


@pytest.mark.parametrize("offset", [0x100, 0x800, MEMORY + SIZES["small"]])
def test_what_is_in_no_region_cannot_be_read_or_written(display: HeldDevice, offset: int) -> None:
    assert errno_of(display.read, 4, offset) == EFAULT
    assert errno_of(display.write, bytes(4), offset) == EFAULT


@pytest.mark.parametrize(("type_", "pieces"), [("small", 0x40), ("medium", 0x100), ("large", 0x400)])
def test_the_registers_of_bochs_are_words(type_: str, pieces: int) -> None:
    display = opened("6.1", type_)
    at = REGISTERS + 0x500
    assert display.read(2, at).hex() == "c5b0"
    assert display.read(2, at + 20) == pieces.to_bytes(2, "little")
    for offset in (0, 2, 18, 20):
        assert display.write(b"\x34\x12", at + offset) == 2
        assert display.read(2, at + offset) == b"\x34\x12"
        assert display.read(1, at + offset) == b"\0"
    assert display.read(4, at) == bytes(4)
    assert display.write(b"\x34\x12", at + 22) == 2
    assert display.read(2, at + 22) == b"\0\0"
    assert display.read(4, REGISTERS) == bytes(4)
    display.close()


@pytest.mark.parametrize(("type_", "largest"), [("small", (800, 600)), ("medium", (1920, 1440)), ("large", (0, 0))])
def test_the_edid_registers(type_: str, largest: tuple[int, int]) -> None:
    display = opened("6.1", type_)

    def words() -> list[int]:
        return [int.from_bytes(display.read(4, EDID + offset), "little") for offset in range(0, 0x20, 4)]

    assert words() == [0x800, 0x400, 0, *largest, 0, 0, 0]
    for offset in range(0, 0x20, 4):
        display.write(b"\1\0\0\0", EDID + offset)
    assert words() == [0x800, 0x400, 1, *largest, 1, 0, 0]
    for offset, kept in ((0x400, False), (0x800, True), (0xBFC, True), (0xFF8, False)):
        display.write(b"edid", EDID + offset)
        assert display.read(4, EDID + offset) == (b"edid" if kept else bytes(4))
    display.close()


def test_its_memory_is_read_written_and_mapped(display: HeldDevice) -> None:
    view = display.mmap(SIZES["small"], MEMORY)
    display.write(b"wxyz1234", MEMORY + 0xFFC)
    assert bytes(view[0xFFC:0x1004]) == b"wxyz1234"
    view[:4] = b"abcd"
    assert display.read(8, MEMORY) == b"abcd\0\0\0\0"
    for length, offset in ((4096, MEMORY + 4096), (SIZES["small"] + 4096, MEMORY), (4096, REGISTERS), (4096, 0)):
        assert errno_of(display.mmap, length, offset) == EINVAL
