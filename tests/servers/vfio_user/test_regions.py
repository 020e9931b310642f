"""Reading device and region information, and accessing regions."""

from __future__ import annotations

import errno

import pytest

from mdevref.drivers.mtty.card import Caller, Card
from mdevref.servers.vfio_user import protocol as protocol
from mdevref.servers.vfio_user import service as vfio_user_service
from mdevref.servers.vfio_user.protocol import ACCESS, Command
from mdevref.vfio import uapi
from mdevref.vfio.arguments import take
from mdevref.vfio.uapi import PciIrq, PciRegion
from tests.machines import machine
from tests.servers.vfio_user import cards
from tests.servers.vfio_user.client import Client

DOCUMENTED = bytes.fromhex("4843533201000002100200070000000001000000010000000000000000000000")


def test_the_device_describes_itself_as_to_an_ioctl(client: Client) -> None:
    answer = client.done(Command.DEVICE_GET_INFO, cards.info(uapi.DeviceInfo))
    device = uapi.DeviceInfo.read(answer)
    # QEMU accepts at most 16 bytes.
    assert (len(answer), device.argsz, device.flags) == (16, 16, uapi.DeviceFlags.PCI)
    assert (device.num_regions, device.num_irqs) == (9, 5)
    config = uapi.RegionInfo.read(
        client.done(Command.DEVICE_GET_REGION_INFO, cards.info(uapi.RegionInfo, PciRegion.CONFIG))
    )
    assert (config.size, config.flags) == (255, uapi.RegionFlags.READ | uapi.RegionFlags.WRITE)
    irq = uapi.IrqInfo.read(client.done(Command.DEVICE_GET_IRQ_INFO, cards.info(uapi.IrqInfo, PciIrq.INTX)))
    assert irq.count == 1
    assert client.refused(Command.DEVICE_GET_REGION_INFO, cards.info(uapi.RegionInfo, 9)) == errno.EINVAL
    assert client.refused(Command.DEVICE_GET_IRQ_INFO, cards.info(uapi.IrqInfo, PciIrq.ERR)) == errno.EINVAL
    # The device refused; the messages are valid, so the log is empty.
    assert client.said == []


@pytest.mark.parametrize("room", [0, 31, 32, 40, 64, 4096, (1 << 32) - 1])
@pytest.mark.parametrize("type_id", ["mtty-2", "mdpy-vga", "mbochs-small"])
def test_room_for_more_than_the_server_tells_is_no_reason_to_refuse(type_id: str, room: int) -> None:
    host = machine("4.13", type_id.partition("-")[0])
    client = Client(host, vfio_user_service.create(host, type_id, None))
    client.done(Command.VERSION, cards.version())
    asked = room.to_bytes(4, "little") + cards.info(uapi.RegionInfo, PciRegion.CONFIG)[4:]
    if room < uapi.RegionInfo.minimum:
        assert client.refused(Command.DEVICE_GET_REGION_INFO, asked) == errno.EINVAL
    else:
        told = uapi.RegionInfo.read(client.done(Command.DEVICE_GET_REGION_INFO, asked))
        assert (told.argsz, told.index) == (uapi.RegionInfo.minimum, PciRegion.CONFIG)
    client.session.close()


def test_regions_are_read_and_written(client: Client) -> None:
    answer = client.done(Command.REGION_READ, cards.read(PciRegion.CONFIG, 0, 32))
    assert ACCESS.unpack_from(answer) == (0, PciRegion.CONFIG, 32)
    assert answer[ACCESS.size :] == DOCUMENTED
    for region in (PciRegion.BAR0, PciRegion.BAR1):
        written = client.done(Command.REGION_WRITE, cards.write(region, cards.SCRATCH, bytes((0xA0 + region,))))
        assert ACCESS.unpack(written) == (cards.SCRATCH, region, 1)
    for region in (PciRegion.BAR0, PciRegion.BAR1):
        answer = client.done(Command.REGION_READ, cards.read(region, cards.SCRATCH, 1))
        assert answer[ACCESS.size :] == bytes((0xA0 + region,))
    # A guest reads the last dword of config space, although it has only three bytes.
    assert len(client.done(Command.REGION_READ, cards.read(PciRegion.CONFIG, 252, 4))) == ACCESS.size + 4
    assert client.done(Command.REGION_READ, cards.read(PciRegion.CONFIG, 0, 0)) == cards.read(PciRegion.CONFIG, 0, 0)


@pytest.mark.parametrize(
    ("region", "offset", "count", "code"),
    [
        (PciRegion.ROM, 0, 1, errno.EFAULT),
        (PciRegion.VGA, 0, 1, errno.EFAULT),
        (9, 0, 1, errno.EINVAL),
        (0xFFFFFFFF, 0, 1, errno.EINVAL),
        (PciRegion.BAR0, 1 << 40, 1, errno.EINVAL),
        (PciRegion.BAR0, (1 << 40) - 1, 2, errno.EINVAL),
        (PciRegion.BAR0, (1 << 64) - 1, 1, errno.EINVAL),
        (PciRegion.VGA, (1 << 63) - 1, 1, errno.EINVAL),
        (PciRegion.BAR0, 0, (1 << 20) + 1, errno.EINVAL),
    ],
)
def test_no_access_leaves_its_region(region: int, offset: int, count: int, code: int) -> None:
    client = Client(*cards.card())
    client.done(Command.VERSION, cards.version())
    assert client.refused(Command.REGION_READ, cards.read(region, offset, count)) == code
    if count == 1:
        assert client.refused(Command.REGION_WRITE, cards.write(region, offset, b"x")) == code
    client.session.close()


def test_a_region_that_there_is_not_hides_none_behind_it(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = Card.get_region_info

    def without_bar2(self: Card, argument: Caller) -> None:
        if take(argument, uapi.RegionInfo).index == PciRegion.BAR2:
            raise OSError(errno.EINVAL, "no such region")
        answer(self, argument)

    monkeypatch.setattr(Card, "get_region_info", without_bar2)
    client = Client(*cards.card())
    client.done(Command.VERSION, cards.version())
    assert client.done(Command.REGION_READ, cards.read(PciRegion.CONFIG, 0, 4))[ACCESS.size :] == DOCUMENTED[:4]
    assert client.refused(Command.REGION_READ, cards.read(PciRegion.BAR2, 0, 4)) == errno.EINVAL
    client.session.close()


def test_several_writes_come_in_one_message(client: Client) -> None:
    done = client.done(Command.REGION_WRITE_MULTI, cards.writes((0, cards.SCRATCH, b"\1"), (1, cards.SCRATCH, b"\2")))
    assert done == protocol.WRITES.pack(2)
    for region in (0, 1):
        answer = client.done(Command.REGION_READ, cards.read(region, cards.SCRATCH, 1))
        assert answer[-1] == region + 1
    assert client.refused(Command.REGION_WRITE_MULTI, protocol.WRITES.pack(1 << 63)) == errno.EINVAL
    nine = protocol.WRITES.pack(1) + protocol.ONE_WRITE.pack(cards.SCRATCH, 0, 9, bytes(8))
    assert client.refused(Command.REGION_WRITE_MULTI, nine) == errno.EINVAL
