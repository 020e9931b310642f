"""What a client's messages do, and the replies; in process."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from functools import partial

import pytest

from mdevref.drivers.mtty.card import Caller, Card
from mdevref.host import Host
from mdevref.kernel.memory import PAGE_SIZE
from mdevref.mdev.eras import ERAS
from mdevref.servers.vfio_user import device as vfio_user_device
from mdevref.servers.vfio_user import protocol as protocol
from mdevref.servers.vfio_user import service as vfio_user_service
from mdevref.servers.vfio_user.device import ClientDevice
from mdevref.servers.vfio_user.protocol import ACCESS, HEADER, Capabilities, Command, Malformed, Message
from mdevref.servers.vfio_user.session import MAX_MESSAGE, Session
from mdevref.vfio import uapi
from mdevref.vfio.arguments import take
from mdevref.vfio.pinning import IOMMU_NOTIFY, Events, Pinning
from mdevref.vfio.uapi import PciIrq, PciRegion
from tests.machines import errno_of, machine, remove
from tests.servers.vfio_user import cards

DOCUMENTED = bytes.fromhex("4843533201000002100200070000000001000000010000000000000000000000")


class Client:
    """A session that is asked as over a socket."""

    def __init__(self, host: Host, uuid: str) -> None:
        self.said: list[str] = []
        self.session = Session(partial(ClientDevice, host, uuid), self.said.append)

    def ask(self, command: int, payload: bytes = b"", fds: list[int] | None = None, flags: int = 0) -> Message | None:
        message = protocol.pack(3, command, payload, flags=flags)
        header = message[: HEADER.size]
        assert self.session.payload_size(header) == len(payload)
        reply = self.session.answer(header, payload, fds or [])
        if not reply:
            return None
        number, answered, size, answer_flags, code = HEADER.unpack_from(reply)
        assert (number, answered, size) == (3, command, len(reply))
        return Message(number, answered, answer_flags, code, reply[HEADER.size :])

    def done(self, command: int, payload: bytes = b"", fds: list[int] | None = None) -> bytes:
        """The payload of the reply to a command that succeeds."""
        reply = self.ask(command, payload, fds)
        assert reply is not None
        assert (reply.errno, reply.flags) == (0, protocol.REPLY), protocol.error_name(reply.errno)
        return reply.payload

    def refused(self, command: int, payload: bytes = b"", fds: list[int] | None = None) -> int:
        """The errno of a command that fails."""
        reply = self.ask(command, payload, fds)
        assert reply is not None
        assert reply.flags == protocol.REPLY | protocol.ERROR
        assert reply.payload == b""
        return reply.errno


@pytest.fixture(params=list(ERAS))
def host_and_card(request: pytest.FixtureRequest) -> tuple[Host, str]:
    return cards.card(request.param)


@pytest.fixture
def client(host_and_card: tuple[Host, str]) -> Iterator[Client]:
    """A client that has agreed on the version, on every era."""
    files = cards.open_files()
    client = Client(*host_and_card)
    client.done(Command.VERSION, cards.version())
    yield client
    client.session.close()
    host, uuid = host_and_card
    remove(host, uuid)
    assert host.leftovers() == []
    assert cards.open_files() == files


def test_every_command_is_answered(client: Client) -> None:
    for command, payload, kinds in cards.VALID:
        client.done(command, payload, [cards.descriptor(kind) for kind in kinds])
    assert client.said == []


def test_what_was_not_proposed_is_not_agreed_on(host_and_card: tuple[Host, str]) -> None:
    for proposed, agreed in (
        (None, Capabilities()),
        (Capabilities(), Capabilities()),
        (Capabilities(pgsizes=65536), Capabilities(pgsizes=4096)),
        (cards.ALL, cards.ALL),
    ):
        client = Client(*host_and_card)
        answer = client.done(Command.VERSION, cards.version(proposed))
        assert protocol.read_version(answer) == (0, 0, agreed)
        assert answer.endswith(b"\0")
        client.session.close()


def test_what_is_unknown_among_capabilities_is_passed_over(host_and_card: tuple[Host, str]) -> None:
    client = Client(*host_and_card)
    told = b'{"capabilities": {"twin_socket": {"supported": true}, "colour": null}, "more": []}'
    client.done(Command.VERSION, protocol.VERSION.pack(0, 7) + told + b"\0")
    client.session.close()


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\0\0\0",
        protocol.VERSION.pack(1, 0),
        protocol.VERSION.pack(0, 0) + b"{}",
        protocol.VERSION.pack(0, 0) + b"\0",
        protocol.VERSION.pack(0, 0) + b"nonsense\0",
        protocol.VERSION.pack(0, 0) + b"\xff\0",
        protocol.VERSION.pack(0, 0) + b"[" * 100_000 + b"\0",
        protocol.VERSION.pack(0, 0) + b'{"capabilities": {"max_msg_fds": -1}}\0',
        protocol.VERSION.pack(0, 0) + b'{"capabilities": {"max_msg_fds": "many"}}\0',
    ],
)
def test_without_an_agreement_there_is_no_device(payload: bytes) -> None:
    host, uuid = cards.card()
    client = Client(host, uuid)
    assert client.refused(Command.VERSION, payload) == errno.EINVAL
    assert client.session.is_over
    assert len(client.said) == 1
    host.open_device(uuid).close()


def test_nothing_comes_before_the_version_and_it_comes_once(host_and_card: tuple[Host, str]) -> None:
    early = Client(*host_and_card)
    assert early.refused(Command.DEVICE_RESET) == errno.EINVAL
    assert early.session.is_over
    client = Client(*host_and_card)
    client.done(Command.VERSION, cards.version())
    assert client.refused(Command.VERSION, cards.version()) == errno.EINVAL
    assert not client.session.is_over
    client.session.close()


def test_a_second_client_is_told_that_the_device_is_busy(client: Client, host_and_card: tuple[Host, str]) -> None:
    second = Client(*host_and_card)
    assert second.refused(Command.VERSION, cards.version()) == errno.EBUSY
    assert second.session.is_over
    assert second.said == ["VERSION: the device cannot be opened: EBUSY"]
    client.done(Command.DEVICE_RESET)


def test_a_device_that_has_gone_is_told() -> None:
    host, uuid = cards.card()
    remove(host, uuid)
    assert Client(host, uuid).refused(Command.VERSION, cards.version()) == errno.ENODEV


def test_the_device_describes_itself_as_to_an_ioctl(client: Client) -> None:
    answer = client.done(Command.DEVICE_GET_INFO, cards.info(uapi.DeviceInfo))
    device = uapi.DeviceInfo.read(answer)
    # QEMU takes no more than 16 bytes.
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
    # Such are the device's answers, and nothing is wrong with the messages.
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
    # The last dword of config space has but three bytes; a guest reads it nevertheless.
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


def test_interrupts_signal_the_clients_eventfd(client: Client) -> None:
    client.done(Command.DEVICE_GET_INFO, cards.info(uapi.DeviceInfo))
    mine = cards.descriptor("eventfd")
    client.done(Command.DEVICE_SET_IRQS, cards.irq_set(), [os.dup(mine)])
    # The transmitter is empty, and that is asked to be told.
    client.done(Command.REGION_WRITE, cards.write(PciRegion.BAR0, 1, b"\2"))
    assert os.eventfd_read(mine) == 1
    client.done(Command.DEVICE_SET_IRQS, cards.irq_set(cards.DISABLE, PciIrq.INTX, 0))
    client.done(Command.REGION_WRITE, cards.write(PciRegion.BAR0, 1, b"\2"))
    with pytest.raises(BlockingIOError):
        os.eventfd_read(mine)
    os.close(mine)


def test_an_eventfd_that_is_full_holds_nobody() -> None:
    client = Client(*cards.card())
    client.done(Command.VERSION, cards.version())
    client.done(Command.DEVICE_GET_INFO, cards.info(uapi.DeviceInfo))
    mine = os.eventfd(0, os.EFD_CLOEXEC)
    os.eventfd_write(mine, (1 << 64) - 2)
    client.done(Command.DEVICE_SET_IRQS, cards.irq_set(), [os.dup(mine)])
    client.done(Command.REGION_WRITE, cards.write(PciRegion.BAR0, 1, b"\2"))
    client.session.close()
    os.close(mine)


@pytest.mark.parametrize(
    ("payload", "kinds"),
    [
        (cards.irq_set(), ("null",)),
        (cards.irq_set(), ("memory",)),
        (cards.irq_set(), ("eventfd", "eventfd")),
        (cards.irq_set(count=0), ("eventfd",)),
        (cards.irq_set(count=2), ("eventfd",)),
        (cards.irq_set(count=0xFFFFFFFF), ()),
        (cards.irq_set(index=5), ("eventfd",)),
        (cards.irq_set(cards.DISABLE), ("eventfd",)),
        (cards.irq_set(0), ()),
        (cards.irq_set()[:-1], ("eventfd",)),
    ],
)
def test_interrupts_that_cannot_be_set_are_refused(payload: bytes, kinds: tuple[str, ...]) -> None:
    client = Client(*cards.card())
    client.done(Command.VERSION, cards.version())
    client.done(Command.DEVICE_GET_INFO, cards.info(uapi.DeviceInfo))
    files = cards.open_files()
    fds = [cards.descriptor(kind) for kind in kinds]
    assert client.refused(Command.DEVICE_SET_IRQS, payload, fds) == errno.EINVAL
    assert cards.open_files() == files
    client.session.close()


def test_what_the_guest_maps_can_be_pinned() -> None:
    host, uuid = cards.card()
    client = Client(host, uuid)
    client.done(Command.VERSION, cards.version())
    guest = os.memfd_create("guest")
    os.ftruncate(guest, 4 * PAGE_SIZE)
    os.pwrite(guest, b"written by the guest", 2 * PAGE_SIZE)
    client.done(Command.DMA_MAP, cards.dma_map(0x4000_0000, 2 * PAGE_SIZE, offset=2 * PAGE_SIZE), [os.dup(guest)])
    mdev = next(each for each in host.core.devices.values() if each.name == uuid)
    pinning = Pinning(host.vfio)
    frames, pages = [0], [0x4000_0000 // PAGE_SIZE]
    pinning.register_notifier(mdev, IOMMU_NOTIFY, Events(), lambda _: pinning.unpin_pages(mdev, pages, 1))
    assert pinning.pin_pages(mdev, pages, 1, uapi.MapFlags.READ | uapi.MapFlags.WRITE, frames) == 1
    page = host.kernel.host_memory.page(frames[0])
    assert bytes(page[:20]) == b"written by the guest"
    page[:6] = b"vendor"
    assert os.pread(guest, 6, 2 * PAGE_SIZE) == b"vendor"
    del page
    # It is told before the mapping goes, and lets go of the page.
    client.done(Command.DMA_UNMAP, cards.dma_unmap(0x4000_0000, 2 * PAGE_SIZE))
    assert host.kernel.host_memory.pinned == 0
    assert errno_of(pinning.pin_pages, mdev, pages, 1, uapi.MapFlags.READ, frames) == errno.EINVAL
    client.session.close()
    os.close(guest)


def test_memory_that_is_mapped_cannot_shrink() -> None:
    client = Client(*cards.card())
    client.done(Command.VERSION, cards.version())
    guest = os.memfd_create("guest", os.MFD_ALLOW_SEALING | os.MFD_CLOEXEC)
    os.ftruncate(guest, PAGE_SIZE)
    client.done(Command.DMA_MAP, cards.dma_map(0x10_0000), [os.dup(guest)])
    assert errno_of(os.ftruncate, guest, 0) == errno.EPERM
    client.session.close()
    os.close(guest)


def test_a_mapping_without_memory_cannot_be_pinned() -> None:
    host, uuid = cards.card()
    client = Client(host, uuid)
    client.done(Command.VERSION, cards.version())
    client.done(Command.DMA_MAP, cards.dma_map(0x4000_0000))
    mdev = next(each for each in host.core.devices.values() if each.name == uuid)
    pinning = Pinning(host.vfio)
    pinning.register_notifier(mdev, IOMMU_NOTIFY, Events(), lambda _: None)
    assert errno_of(pinning.pin_pages, mdev, [0x4_0000], 1, uapi.MapFlags.READ, [0]) == errno.EFAULT
    client.done(Command.DMA_UNMAP, cards.dma_unmap(0x4000_0000))
    client.session.close()


@pytest.mark.parametrize(
    ("payload", "kinds", "code"),
    [
        (cards.dma_map(0x10_0000), ("memory",), errno.EEXIST),
        (cards.dma_map(0x10_0000), (), errno.EEXIST),
        (cards.dma_map(0x50_0000, flags=0), ("memory",), errno.EINVAL),
        (cards.dma_map(0x50_0000, size=0), ("memory",), errno.EINVAL),
        (cards.dma_map(0x50_0000, size=0), (), errno.EINVAL),
        (cards.dma_map(0x50_0001), ("memory",), errno.EINVAL),
        (cards.dma_map(0x50_0000, size=100), ("memory",), errno.EINVAL),
        (cards.dma_map(0x50_0000, offset=100), ("memory",), errno.EINVAL),
        (cards.dma_map(0x50_0000, size=1 << 40), ("memory",), errno.EINVAL),
        (cards.dma_map(0x50_0000, offset=(1 << 64) - 4096), ("memory",), errno.EINVAL),
        (cards.dma_map((1 << 64) - 4096, size=8192), (), errno.EINVAL),
        (cards.dma_map(0x50_0000), ("null",), errno.EINVAL),
        (cards.dma_map(0x50_0000), ("eventfd",), errno.EINVAL),
        (cards.dma_map(0x50_0000), ("memory", "memory"), errno.EINVAL),
        (cards.dma_map(0x50_0000)[:-8], ("memory",), errno.EINVAL),
    ],
)
def test_memory_that_cannot_be_mapped_is_refused(payload: bytes, kinds: tuple[str, ...], code: int) -> None:
    client = Client(*cards.card())
    client.done(Command.VERSION, cards.version())
    client.done(Command.DMA_MAP, cards.dma_map(0x10_0000), [cards.descriptor("memory")])
    files = cards.open_files()
    assert client.refused(Command.DMA_MAP, payload, [cards.descriptor(kind) for kind in kinds]) == code
    assert cards.open_files() == files
    client.session.close()


def test_there_are_as_many_mappings_as_was_told_and_no_more(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vfio_user_device, "MAX_MAPPINGS", 3)
    for number in range(3):
        client.done(Command.DMA_MAP, cards.dma_map(number * PAGE_SIZE))
    assert client.refused(Command.DMA_MAP, cards.dma_map(3 * PAGE_SIZE)) == errno.ENOSPC
    client.done(Command.DMA_UNMAP, cards.dma_unmap(0))
    client.done(Command.DMA_MAP, cards.dma_map(3 * PAGE_SIZE), [cards.descriptor("memory")])


def test_a_guest_that_maps_its_memory_again_and_again_does_not_run_out_of_room() -> None:
    client = Client(*cards.card())
    client.done(Command.VERSION, cards.version())
    memory, size = os.memfd_create("guest"), 1 << 43
    os.ftruncate(memory, size)
    for _ in range(20):  # more than there are addresses
        client.done(Command.DMA_MAP, cards.dma_map(0, size), [os.dup(memory)])
        client.done(Command.DMA_UNMAP, cards.dma_unmap(0, size))
    os.close(memory)
    client.session.close()


def test_a_mapping_is_taken_away_as_it_was_made_or_not_at_all(client: Client) -> None:
    client.done(Command.DMA_MAP, cards.dma_map(0x10_0000, 2 * PAGE_SIZE), [cards.descriptor("memory")])
    for address, size in ((0x10_0000, PAGE_SIZE), (0x10_1000, PAGE_SIZE), (0x20_0000, PAGE_SIZE), (0, 0)):
        assert client.refused(Command.DMA_UNMAP, cards.dma_unmap(address, size)) == errno.EINVAL
    unmapped = cards.dma_unmap(0x10_0000, 2 * PAGE_SIZE)
    assert client.done(Command.DMA_UNMAP, unmapped) == unmapped
    assert client.refused(Command.DMA_UNMAP, unmapped) == errno.EINVAL


@pytest.mark.parametrize("command", [0, 11, 12, 14, 19, 0xFFFF])
def test_an_unknown_command_is_refused_with_a_line(client: Client, command: int) -> None:
    assert client.refused(command, b"anything") == errno.EINVAL
    assert client.said == [f"command {command}: unknown"]
    client.done(Command.DEVICE_RESET)


def test_what_the_device_has_not_is_refused(client: Client) -> None:
    assert client.refused(Command.DEVICE_GET_REGION_IO_FDS, bytes(16)) == errno.ENOTSUP
    feature = bytes(uapi.DeviceFeature(argsz=8, flags=uapi.FeatureFlags.PROBE | uapi.FEATURE_MIGRATION))
    assert client.refused(Command.DEVICE_FEATURE, feature) == errno.ENOTTY


@pytest.mark.parametrize(("command", "payload", "kinds"), cards.VALID)
def test_a_payload_that_is_too_short_is_refused(command: int, payload: bytes, kinds: tuple[str, ...]) -> None:
    client = Client(*cards.card())
    client.done(Command.VERSION, cards.version())
    minimum = protocol.FORMS[command].minimum
    for length in range(minimum):
        fds = [cards.descriptor(kind) for kind in kinds]
        assert client.refused(command, payload[:length], fds) == errno.EINVAL
    assert len(client.said) == minimum
    client.session.close()


@pytest.mark.parametrize(("command", "payload", "kinds"), cards.VALID)
def test_file_descriptors_that_nobody_asked_for_are_closed(
    command: int, payload: bytes, kinds: tuple[str, ...]
) -> None:
    client = Client(*cards.card())
    client.done(Command.VERSION, cards.version())
    files = cards.open_files()
    fds = [cards.descriptor(kind) for kind in (*kinds, "null", "eventfd")]
    assert client.refused(command, payload, fds) == errno.EINVAL
    assert cards.open_files() == files
    client.session.close()


def test_nothing_is_said_where_no_reply_is_wanted(client: Client) -> None:
    write = cards.write(PciRegion.BAR0, cards.SCRATCH, b"\x77")
    assert client.ask(Command.REGION_WRITE, write, flags=protocol.NO_REPLY) is None
    assert client.ask(99, b"", flags=protocol.NO_REPLY) is None
    assert client.done(Command.REGION_READ, cards.read(PciRegion.BAR0, cards.SCRATCH, 1))[-1] == 0x77


@pytest.mark.parametrize(
    ("size", "flags"),
    [(0, 0), (15, 0), (MAX_MESSAGE + 1, 0), (0xFFFFFFFF, 0), (16, protocol.REPLY), (16, 0x2)],
)
def test_a_header_that_cannot_be_is_the_end(client: Client, size: int, flags: int) -> None:
    header = HEADER.pack(1, Command.DEVICE_RESET, size, flags, 0)
    with pytest.raises(Malformed) as caught:
        client.session.payload_size(header)
    reply = client.session.refuse(header, caught.value)
    assert client.session.is_over
    assert len(client.said) == 1
    # Replies are not replied to: two that do so would never end.
    assert (reply == b"") == bool(flags)


def test_a_fault_of_the_device_is_an_answer_and_a_line(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(self: ClientDevice, region: int, offset: int, count: int) -> bytes:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(ClientDevice, "read", breaks)
    assert client.refused(Command.REGION_READ, cards.read(0, 0, 1)) == errno.EIO
    assert client.said == ["REGION_READ: a fault of the device: ZeroDivisionError: a bug"]


def test_what_the_device_knows_outlives_its_client(host_and_card: tuple[Host, str]) -> None:
    first, second = Client(*host_and_card), Client(*host_and_card)
    first.done(Command.VERSION, cards.version())
    first.done(Command.REGION_WRITE, cards.write(PciRegion.BAR0, cards.SCRATCH, b"\x42"))
    first.session.close()
    second.done(Command.VERSION, cards.version())
    assert second.done(Command.REGION_READ, cards.read(PciRegion.BAR0, cards.SCRATCH, 1))[-1] == 0x42
    second.session.close()
