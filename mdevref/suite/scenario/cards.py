"""What a scenario does with a card of the sample driver that it holds open: registers, configuration space, interrupts.

It goes through the device's own interface, so that it is the same card in a kernel and in the reference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mdevref.suite.interface import vmm
from mdevref.suite.interface.device import HeldDevice
from mdevref.suite.scenario.devices import Devices
from mdevref.suite.scenario.kind import Kind
from mdevref.vfio import uapi
from mdevref.vfio.uapi import DeviceInfo, IrqInfo, IrqSetFlags, PciIrq, PciRegion, RegionInfo

#: The registers of a port by their names, and where they are in its BAR: some names share a place.
REGISTERS = {
    "RX": 0, "TX": 0, "DLL": 0, "IER": 1, "DLM": 1, "IIR": 2, "FCR": 2,
    "LCR": 3, "MCR": 4, "LSR": 5, "MSR": 6, "SCR": 7,
}  # fmt: skip

_LINES = {"INTx": PciIrq.INTX, "MSI": PciIrq.MSI}
_ACTIONS = {"masked": IrqSetFlags.ACTION_MASK, "unmasked": IrqSetFlags.ACTION_UNMASK}
_NOT_OPEN = 1 << 20  # a descriptor that no process here has

_REGISTER = "|".join(REGISTERS)
_PORTS = ("one port", "two ports")


def _writes(text: str) -> list[tuple[str, int]]:
    """``FCR 01, TX 41`` as names and bytes."""
    return [(write[:3].strip(), int(write[3:], 16)) for write in text.split(", ")]


def _offset(text: str) -> int:
    return int(text, 16)


KINDS: Mapping[str, Kind] = {
    "Ports": Kind("|".join(_PORTS), lambda text: _PORTS.index(text) + 1),
    "Times": Kind(r"once|\d+ times", lambda text: 1 if text == "once" else int(text.split()[0])),
    "Port": Kind("[01]", int),
    "Line": Kind("|".join(_LINES)),
    "Masking": Kind("|".join(_ACTIONS)),
    "Register": Kind(_REGISTER),
    "Writes": Kind(rf"(?:{_REGISTER}) [0-9a-f]{{2}}(?:, (?:{_REGISTER}) [0-9a-f]{{2}})*", _writes),
    "Byte": Kind("[0-9a-f]{2}", _offset),
    "Bytes": Kind("(?:[0-9a-f]{2})+", bytes.fromhex),
    "Offset": Kind("0x[0-9a-f]+", _offset),
}


class Card:
    """A card held open; ``sent`` is what was sent to each port, and ``received`` what came of it."""

    def __init__(self, device: HeldDevice) -> None:
        self.device = device
        self.sent = {0: b"", 1: b""}
        self.received = {0: b"", 1: b""}
        self._offsets: dict[int, int] = {}
        self._eventfds: dict[str, list[int]] = {}

    def offset(self, region: int) -> int:
        """Where a region begins in the device's file."""
        if region not in self._offsets:
            self._offsets[region] = vmm.region_info(self.device, region).offset
        return self._offsets[region]

    # Registers of a port, by name

    def read(self, port: int, register: str) -> int:
        """A register's byte."""
        return self.device.pread(1, self.offset(port) + REGISTERS[register])[0]

    def write(self, port: int, register: str, value: int) -> None:
        """Set a register. RuntimeError for a scenario that would bring down a kernel of 6.1 and before."""
        if register == "IER" and value and not self._eventfds:
            raise RuntimeError(
                "without an eventfd an interrupt of the sample follows a null pointer: connect one first"
            )
        self.device.pwrite(bytes((value,)), self.offset(port) + REGISTERS[register])

    def send(self, port: int, sent: bytes) -> None:
        """Transmit bytes, one by one."""
        for value in sent:
            self.write(port, "TX", value)
        self.sent[port] += sent

    def receive(self, port: int, count: int) -> bytes:
        """Take bytes out of the receiver, whether there are any or not."""
        received = bytes(self.read(port, "RX") for _ in range(count))
        self.received[port] += received
        return received

    def write_at_once(self, port: int, register: str, written: bytes) -> int:
        """Bytes in one pwrite(2), from a register on."""
        return self.device.pwrite(written, self.offset(port) + REGISTERS[register])

    def read_at_once(self, port: int, register: str, count: int) -> bytes:
        """Bytes in one pread(2), from a register on."""
        return self.device.pread(count, self.offset(port) + REGISTERS[register])

    # Configuration space

    def read_config(self, offset: int, count: int) -> bytes:
        """So many bytes, in one pread(2)."""
        return self.device.pread(count, self.offset(PciRegion.CONFIG) + offset)

    def write_config(self, offset: int, written: bytes) -> int:
        """Bytes in one pwrite(2)."""
        return self.device.pwrite(written, self.offset(PciRegion.CONFIG) + offset)

    # What it tells of itself

    def info(self) -> DeviceInfo:
        """Its numbers of regions and interrupts."""
        return vmm.device_info(self.device)

    def region(self, index: int) -> RegionInfo:
        """What it tells of a region."""
        return vmm.region_info(self.device, index)

    def irq(self, index: int) -> IrqInfo:
        """What it tells of an interrupt."""
        return vmm.irq_info(self.device, index)

    def reset(self) -> int:
        """DEVICE_RESET."""
        return self.device.ioctl(uapi.DEVICE_RESET)

    def ask_for_picture(self) -> int:
        """DEVICE_QUERY_GFX_PLANE, which came with 4.16 and which no serial card knows."""
        return self.device.ioctl(uapi.DEVICE_QUERY_GFX_PLANE, bytearray(64))

    # Interrupts

    def connect(self, line: str) -> None:
        """Let a line signal an eventfd of its own, a new one each time."""
        eventfd = self.device.eventfd()
        self.install(line, eventfd)
        self._eventfds.setdefault(line, []).append(eventfd)

    def install(self, line: str, descriptor: int = _NOT_OPEN) -> None:
        """Let a line signal what this descriptor is of, or nothing."""
        vmm.device_info(self.device)  # the sample knows of no interrupts before it was asked for these
        flags = IrqSetFlags.DATA_EVENTFD | IrqSetFlags.ACTION_TRIGGER
        vmm.set_irqs(self.device, _LINES[line], flags, eventfds=(descriptor,))

    def disconnect(self, line: str) -> None:
        """Let a line signal nothing any more."""
        self._act(line, IrqSetFlags.ACTION_TRIGGER, 0)

    def mask(self, line: str, word: str) -> None:
        """``masked`` or ``unmasked``."""
        self._act(line, _ACTIONS[word], 1)

    def trigger(self, line: str) -> None:
        """Raise the interrupt from user space."""
        self._act(line, IrqSetFlags.ACTION_TRIGGER, 1)

    def _act(self, line: str, action: IrqSetFlags, count: int) -> None:
        vmm.set_irqs(self.device, _LINES[line], IrqSetFlags.DATA_NONE | action, count=count)

    def signals(self, line: str) -> Sequence[int]:
        """How often each eventfd that the line was connected to was signalled since the last question."""
        return [self.device.signals(eventfd) for eventfd in self._eventfds[line]]


class Cards:
    """The cards that users hold open, by the names that steps know the devices by."""

    def __init__(self, devices: Devices) -> None:
        self._devices = devices
        self._cards: dict[str, Card] = {}

    def __getitem__(self, name: str) -> Card:
        return self._cards[name]

    def hold(self, name: str) -> None:
        """Open a card; what is known of it from an earlier time stays known."""
        device = self._devices.hold_where_created(name)
        self._cards.setdefault(name, Card(device)).device = device
