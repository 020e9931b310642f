"""The target ``vfio-user:SOCKET``, on a server of this project and on servers that violate the protocol."""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mdevref.mdev.eras import ERAS
from mdevref.servers.vfio_user import protocol as protocol
from mdevref.servers.vfio_user.protocol import ACCESS, HEADER, Capabilities, Command
from mdevref.suite import data
from mdevref.suite.interface import vmm
from mdevref.suite.interface.unsupported import Unsupported
from mdevref.suite.results import format as results
from mdevref.suite.targets.errors import TargetError
from mdevref.suite.targets.opening import open_target
from mdevref.suite.targets.vfio_user.client import VfioUserDevice
from mdevref.vfio import uapi
from mdevref.vfio.uapi import IrqSetFlags, PciIrq, PciRegion
from tests.machines import errno_of
from tests.servers.vfio_user import cards

EVENTFD = IrqSetFlags.DATA_EVENTFD | IrqSetFlags.ACTION_TRIGGER
MDEVREF = Path(sys.executable).with_name("mdevref")


@pytest.fixture
def device(tmp_path: Path) -> Iterator[VfioUserDevice]:
    """Hold a card of a server open."""
    with cards.served(tmp_path) as (server, _, _, _):
        device = VfioUserDevice(server.path)
        yield device
        device.close()


def test_a_device_is_asked_as_a_device_file_is(device: VfioUserDevice) -> None:
    assert vmm.device_info(device).num_regions == 9
    config = vmm.region_info(device, PciRegion.CONFIG)
    assert config.size == 255
    assert device.pread(4, config.offset)[:2] == b"\x48\x43"
    port = vmm.region_info(device, PciRegion.BAR1)
    assert device.pwrite(b"\x42", port.offset + cards.SCRATCH) == 1
    assert device.pread(1, port.offset + cards.SCRATCH) == b"\x42"
    assert vmm.irq_info(device, PciIrq.INTX).count == 1
    assert errno_of(vmm.irq_info, device, PciIrq.ERR) == errno.EINVAL
    assert device.ioctl(uapi.DEVICE_RESET) == 0


def test_interrupts_signal_an_eventfd_until_they_have_none(device: VfioUserDevice) -> None:
    vmm.device_info(device)
    eventfd = device.eventfd()
    vmm.set_irqs(device, PciIrq.INTX, EVENTFD, eventfds=(eventfd,))
    port = vmm.region_info(device, PciRegion.BAR0).offset
    device.pwrite(b"\2", port + 1)
    assert (device.signals(eventfd), device.signals(eventfd)) == (1, 0)
    vmm.set_irqs(device, PciIrq.INTX, IrqSetFlags.DATA_NONE | IrqSetFlags.ACTION_TRIGGER)
    device.pwrite(b"\2", port + 1)
    assert device.signals(eventfd) == 0


def test_what_no_message_says_is_unsupported(device: VfioUserDevice) -> None:
    for attempt in (
        lambda: device.ioctl(0x3BFF, bytearray(4)),
        lambda: device.ioctl(uapi.DEVICE_GET_INFO, 0),
        lambda: device.mmap(4096, 0),
        lambda: vmm.set_irqs(device, PciIrq.INTX, EVENTFD, count=1),
        lambda: vmm.set_irqs(device, PciIrq.MSI, EVENTFD, eventfds=(-1, device.eventfd())),
    ):
        with pytest.raises(Unsupported):
            attempt()
    assert errno_of(device.pread, 1, -1) == errno.EINVAL


def test_memory_is_mapped_and_unmapped(device: VfioUserDevice) -> None:
    memory = cards.descriptor("memory")
    device.map_dma(0x10_0000, cards.PAGE, 3, memory)
    os.close(memory)
    assert errno_of(device.map_dma, 0x10_0000, cards.PAGE, 3) == errno.EEXIST
    device.unmap_dma(0x10_0000, cards.PAGE)
    assert errno_of(device.unmap_dma, 0x10_0000, cards.PAGE) == errno.EINVAL


def test_a_target_without_a_server_is_none(tmp_path: Path) -> None:
    path = tmp_path / "card.sock"
    for text in ("vfio-user", "vfio-user:", f"vfio-user:{path}"):
        with pytest.raises(TargetError, match="vfio-user"):
            open_target(text)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
    with pytest.raises(TargetError, match="Connection refused"):
        open_target(f"vfio-user:{path}")


def test_a_target_tells_what_its_server_told(tmp_path: Path) -> None:
    with cards.served(tmp_path) as (server, _, _, _):
        target = open_target(f"vfio-user:{server.path}")
        assert target.interfaces == {"device"}
        assert target.environment() == {
            "protocol": "vfio-user 0.0",
            "capabilities": "max_msg_fds 8, max_data_xfer_size 1048576, pgsizes 4096",
        }
        machine = target.machine()
        with pytest.raises(Unsupported, match="no /sys"):
            machine.files.read("bus/mdev")
        with pytest.raises(Unsupported, match="no groups and containers"):
            machine.process()
        machine.open_device("").close()
        machine.close()
        target.close()


# Servers that violate the protocol

Answer = Callable[[int, int], bytes | None]


def good_version(number: int) -> bytes:
    return protocol.reply(number, Command.VERSION, protocol.pack_version(Capabilities()))


@contextmanager
def lying(path: Path, answer: Answer) -> Iterator[Path]:
    """A server whose replies a test defines by the number and command of the message; None closes the connection."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    listener.listen()

    def serve() -> None:
        client, _ = listener.accept()
        with client:
            while header := client.recv(HEADER.size, socket.MSG_WAITALL):
                number, command, size, _, _ = HEADER.unpack(header)
                if size > HEADER.size:
                    client.recv(size - HEADER.size, socket.MSG_WAITALL)
                reply = answer(number, command)
                if reply is None:
                    return
                client.sendall(reply)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield path
    finally:
        listener.close()
        thread.join(10)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (lambda number, command: None, errno.ECONNRESET),
        (lambda number, command: b"\0" * 8, errno.ECONNRESET),
        (lambda number, command: protocol.reply(number + 1, command), errno.EPROTO),
        (lambda number, command: protocol.reply(number, command + 1), errno.EPROTO),
        (protocol.pack, errno.EPROTO),
        (lambda number, command: HEADER.pack(number, command, 8, 1, 0), errno.EPROTO),
        (lambda number, command: HEADER.pack(number, command, 0xFFFFFFFF, 1, 0), errno.EPROTO),
        (lambda number, command: protocol.reply(number, command, b"\0\0"), errno.EPROTO),
        (lambda number, command: protocol.reply(number, command, b"\0\0\1\0"), errno.EPROTO),
        (lambda number, command: protocol.reply(number, command, b"\0\0\0\0{}"), errno.EPROTO),
        (lambda number, command: protocol.refusal(number, command, errno.EBUSY), errno.EBUSY),
        (lambda number, command: protocol.refusal(number, command, 0), errno.EIO),
    ],
    ids=["gone", "half a header", "another number", "another command", "no reply", "too short", "too long",
         "no version", "another version", "no NUL", "refused", "refused without an errno"],
)  # fmt: skip
def test_a_server_that_agrees_on_nothing_is_an_error(tmp_path: Path, answer: Answer, code: int) -> None:
    with lying(tmp_path / "server.sock", answer) as path:
        assert errno_of(VfioUserDevice, path) == code


@pytest.mark.parametrize(
    ("command", "payload", "ask"),
    [
        (Command.REGION_READ, ACCESS.pack(0, 0, 4) + b"ab", lambda device: device.pread(4, 0)),
        (Command.REGION_READ, b"", lambda device: device.pread(4, 0)),
        (Command.REGION_READ, ACCESS.pack(0, 0, 5) + b"abcde", lambda device: device.pread(4, 0)),
        (Command.REGION_WRITE, b"", lambda device: device.pwrite(b"x", 0)),
        (Command.REGION_WRITE, ACCESS.pack(0, 0, 2), lambda device: device.pwrite(b"x", 0)),
        (Command.DEVICE_GET_INFO, b"\0" * 15, vmm.device_info),
        (Command.DEVICE_GET_IRQ_INFO, b"", lambda device: vmm.irq_info(device, 0)),
        (Command.DEVICE_GET_REGION_INFO, b"\0" * 8, lambda device: vmm.region_info(device, 0)),
    ],
)
def test_a_reply_that_lies_about_its_length_is_an_error(
    tmp_path: Path, command: int, payload: bytes, ask: Callable[[VfioUserDevice], object]
) -> None:
    def answer(number: int, asked: int) -> bytes:
        return good_version(number) if asked == Command.VERSION else protocol.reply(number, command, payload)

    with lying(tmp_path / "server.sock", answer) as path:
        device = VfioUserDevice(path)
        assert errno_of(ask, device) == errno.EPROTO
        device.close()


# The suite on a server

#: Scenarios that need only an open device; a display has no interrupts.
PASS = {"mtty-2": 55, "mdpy-vga": 30}


@pytest.mark.parametrize(("era", "type_id"), [*((era, "mtty-2") for era in ERAS), ("5.10", "mdpy-vga")])
def test_everything_that_an_open_device_is_enough_for_passes(era: str, type_id: str, tmp_path: Path) -> None:
    path, file = tmp_path / "card.sock", tmp_path / "results.ndjson"
    serve = [str(MDEVREF), "serve", type_id, "--socket", str(path), "--era", era]
    with subprocess.Popen(serve, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stdout.readline().startswith(f"{type_id} ")
        check = [str(MDEVREF), "check", f"vfio-user:{path}", "--interface", "device", "--results", str(file)]
        done = subprocess.run(check, cwd=data.root(), capture_output=True, text=True, check=False)
        server.send_signal(signal.SIGTERM)
        told, log = server.communicate(timeout=30)
    assert done.returncode == 0, done.stdout + done.stderr
    verdicts = [scenario.verdict for scenario in results.read(file).scenarios]
    assert set(verdicts) <= {"pass", "unsupported", "not-applicable"}
    assert verdicts.count("pass") >= PASS[type_id]
    assert server.returncode == 0
    assert told.splitlines()[-1].startswith("all ")
    assert "internal error of the device" not in log
