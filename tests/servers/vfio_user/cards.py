"""Helpers for tests of vfio-user: hosts with a card, valid messages, and a client that can misbehave."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from mdevref.host import Host
from mdevref.servers.vfio_user import protocol as protocol
from mdevref.servers.vfio_user.protocol import (
    ACCESS,
    DMA_MAP,
    DMA_UNMAP,
    HEADER,
    ONE_WRITE,
    WRITES,
    Capabilities,
    Command,
)
from mdevref.servers.vfio_user.server import VfioUserServer
from mdevref.vfio import uapi
from mdevref.vfio.uapi import IrqSetFlags, PciIrq, PciRegion
from tests.machines import create, machine

PAGE = 4096
SCRATCH = 7  #: a port's register that keeps what is written
EVENTFD = IrqSetFlags.DATA_EVENTFD | IrqSetFlags.ACTION_TRIGGER
DISABLE = IrqSetFlags.DATA_NONE | IrqSetFlags.ACTION_TRIGGER
ALL = Capabilities(max_msg_fds=8, max_data_xfer_size=1 << 20, max_dma_maps=65535, pgsizes=PAGE, write_multiple=True)


def card(era: str = "4.13", number: int = 1) -> tuple[Host, str]:
    """Return a host with a card of two ports, and the card's UUID."""
    host = machine(era, "mtty")
    return host, create(host, number)


@contextmanager
def served(folder: Path, era: str = "4.13") -> Iterator[tuple[VfioUserServer, Host, str, list[str]]]:
    """Serve a card. Yield the server, its host, the card's UUID and the lines of its log."""
    host, uuid = card(era)
    lines: list[str] = []
    server = VfioUserServer(host, uuid, folder / "card.sock", lines.append)
    server.start()
    try:
        yield server, host, uuid, lines
    finally:
        server.close()


def version(capabilities: Capabilities | None = ALL) -> bytes:
    return protocol.pack_version(capabilities)


def irq_set(flags: int = EVENTFD, index: int = PciIrq.INTX, count: int = 1) -> bytes:
    return bytes(uapi.IrqSet(argsz=uapi.IrqSet.full, flags=flags, index=index, count=count))


def read(region: int, offset: int, count: int) -> bytes:
    return ACCESS.pack(offset, region, count)


def write(region: int, offset: int, data: bytes, count: int | None = None) -> bytes:
    return ACCESS.pack(offset, region, len(data) if count is None else count) + data


def writes(*accesses: tuple[int, int, bytes]) -> bytes:
    return WRITES.pack(len(accesses)) + b"".join(
        ONE_WRITE.pack(offset, region, len(data), data) for region, offset, data in accesses
    )


def dma_map(address: int, size: int = PAGE, flags: int = 3, offset: int = 0) -> bytes:
    return DMA_MAP.pack(DMA_MAP.size, flags, offset, address, size)


def dma_unmap(address: int, size: int = PAGE) -> bytes:
    return DMA_UNMAP.pack(DMA_UNMAP.size, 0, address, size)


def info(record: type[uapi.Record], index: int = 0) -> bytes:
    found = record(argsz=record.minimum)
    if record is not uapi.DeviceInfo:
        found.index = index
    return bytes(found)[: record.minimum]


#: A valid message of each command: command, payload, kinds of file descriptors.
VALID: Sequence[tuple[Command, bytes, tuple[str, ...]]] = (
    (Command.DEVICE_GET_INFO, info(uapi.DeviceInfo), ()),
    (Command.DEVICE_GET_REGION_INFO, info(uapi.RegionInfo, PciRegion.CONFIG), ()),
    (Command.DEVICE_GET_IRQ_INFO, info(uapi.IrqInfo, PciIrq.INTX), ()),
    (Command.DEVICE_SET_IRQS, irq_set(), ("eventfd",)),
    (Command.DEVICE_SET_IRQS, irq_set(IrqSetFlags.DATA_NONE | IrqSetFlags.ACTION_UNMASK), ()),
    (Command.DEVICE_SET_IRQS, irq_set(DISABLE, count=0), ()),
    (Command.DEVICE_SET_IRQS, irq_set(index=PciIrq.MSI), ("eventfd",)),
    (Command.DEVICE_SET_IRQS, irq_set(DISABLE, PciIrq.MSI, count=0), ()),
    (Command.REGION_READ, read(PciRegion.CONFIG, 0, 255), ()),
    (Command.REGION_READ, read(PciRegion.BAR0, 5, 1), ()),
    (Command.REGION_WRITE, write(PciRegion.BAR1, SCRATCH, b"\x5a"), ()),
    (Command.REGION_WRITE, write(PciRegion.CONFIG, 0x10, b"\xff\xff\xff\xff"), ()),
    (Command.REGION_WRITE_MULTI, writes((0, SCRATCH, b"\1"), (1, SCRATCH, b"\2")), ()),
    (Command.DMA_MAP, dma_map(0x10_0000), ("memory",)),
    (Command.DMA_UNMAP, dma_unmap(0x10_0000), ()),
    (Command.DMA_MAP, dma_map(0x20_0000), ()),
    (Command.DMA_UNMAP, dma_unmap(0x20_0000), ()),
    (Command.DEVICE_RESET, b"", ()),
)


def descriptor(kind: str) -> int:
    """Return a new file descriptor of a kind."""
    match kind:
        case "eventfd":
            return os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        case "memory":
            fd = os.memfd_create("guest")
            os.ftruncate(fd, 4 * PAGE)
            return fd
        case "null":
            return os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    raise AssertionError(kind)


class RawClient:
    """A client that sends arbitrary bytes and returns the replies."""

    def __init__(self, path: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(20)
        self.socket.connect(str(path))

    def send(self, data: bytes, kinds: Sequence[str] = ()) -> None:
        """Send bytes, with file descriptors of these kinds."""
        fds = [descriptor(kind) for kind in kinds]
        try:
            socket.send_fds(self.socket, [data], fds) if fds else self.socket.sendall(data)
        finally:
            for fd in fds:
                os.close(fd)

    def reply(self) -> protocol.Message | None:
        """Return the next reply, or None if the server closed the connection."""
        header = self._exactly(HEADER.size)
        if not header:
            return None
        number, command, size, flags, errno = HEADER.unpack(header)
        return protocol.Message(number, command, flags, errno, self._exactly(size - HEADER.size))

    def ask(self, command: int, payload: bytes = b"", kinds: Sequence[str] = (), number: int = 7) -> protocol.Message:
        """Send a message and return its reply."""
        self.send(protocol.pack(number, command, payload), kinds)
        found = self.reply()
        assert found is not None, f"closed at {protocol.name_of(command)}"
        assert (found.number, found.command) == (number, command)
        assert found.flags & protocol.TYPE == protocol.REPLY
        assert bool(found.flags & protocol.ERROR) == bool(found.errno)
        return found

    def agree(self) -> None:
        """Send VERSION and expect success."""
        assert self.ask(Command.VERSION, version()).errno == 0

    def close(self) -> None:
        self.socket.close()

    def _exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            try:
                part = self.socket.recv(count - len(data))
            except ConnectionResetError:
                part = b""
            if not part:
                assert not data, f"{len(data)} of {count} bytes of a reply"
                return b""
            data += part
        return data


def echo(path: Path, text: bytes = b"well-behaved") -> bytes:
    """Return what a valid client reads back from the first port, on a new connection."""
    client = RawClient(path)
    try:
        client.agree()
        client.ask(Command.REGION_WRITE, write(PciRegion.BAR0, 1, b"\0"))  # no interrupts
        client.ask(Command.REGION_WRITE, write(PciRegion.BAR0, 3, b"\3"))  # not the divisor latch
        client.ask(Command.REGION_WRITE, write(PciRegion.BAR0, 2, b"\7"))  # clear the FIFO
        for value in text:
            client.ask(Command.REGION_WRITE, write(PciRegion.BAR0, 0, bytes((value,))))
        found = [client.ask(Command.REGION_READ, read(PciRegion.BAR0, 0, 1)).payload[ACCESS.size :] for _ in text]
        return b"".join(found)
    finally:
        client.close()


def open_files() -> int:
    """Return the number of file descriptors of this process."""
    return len(os.listdir("/proc/self/fd"))


def resident() -> int:
    """Return the resident memory of this process in bytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
