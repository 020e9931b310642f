"""Access to a card of the sample driver that a scenario holds open: registers, configuration space, interrupts.

It uses only the VFIO interface of the device, so that it works with a kernel and with the reference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mdevref.suite.interface import vmm
from mdevref.suite.interface.device import HeldDevice
from mdevref.suite.scenario.devices import Devices
from mdevref.suite.scenario.kind import Kind
from mdevref.vfio import uapi
from mdevref.vfio.uapi import DeviceInfo, IrqInfo, IrqSetFlags, PciIrq, PciRegion, RegionInfo

#: The registers of a port by name, with their offsets in its BAR. Some names share an offset.
REGISTERS = {
    "RX": 0, "TX": 0, "DLL": 0, "IER": 1, "DLM": 1, "IIR": 2, "FCR": 2,
    "LCR": 3, "MCR": 4, "LSR": 5, "MSR": 6, "SCR": 7,
}  # fmt: skip

_LINES = {"INTx": PciIrq.INTX, "MSI": PciIrq.MSI}
_ACTIONS = {"masked": IrqSetFlags.ACTION_MASK, "unmasked": IrqSetFlags.ACTION_UNMASK}
_NOT_OPEN = 1 << 20  # a descriptor that is not open in any process

_REGISTER = "|".join(REGISTERS)
_PORTS = ("one port", "two ports")


def _writes(text: str) -> list[tuple[str, int]]:
    """Parse ``FCR 01, TX 41`` into names and bytes."""
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
    """A card that is held open; ``sent`` and ``received`` contain the bytes of each port."""

    def __init__(self, device: HeldDevice) -> None:
        self.device = device
        self.sent = {0: b"", 1: b""}
        self.received = {0: b"", 1: b""}
        self._offsets: dict[int, int] = {}
        self._eventfds: dict[str, list[int]] = {}

    def offset(self, region: int) -> int:
        """Return the offset of a region in the device file."""
        if region not in self._offsets:
            self._offsets[region] = vmm.region_info(self.device, region).offset
        return self._offsets[region]

    # Registers of a port, by name

    def read(self, port: int, register: str) -> int:
        """Return the byte in a register."""
        return self.device.pread(1, self.offset(port) + REGISTERS[register])[0]

    def write(self, port: int, register: str, value: int) -> None:
        """Write a register. Raise RuntimeError for a write that would crash a kernel of 6.1 or before."""
        if register == "IER" and value and not self._eventfds:
            raise RuntimeError(
                "without an eventfd an interrupt of the sample dereferences a null pointer: connect an eventfd first"
            )
        self.device.pwrite(bytes((value,)), self.offset(port) + REGISTERS[register])

    def send(self, port: int, sent: bytes) -> None:
        """Transmit bytes one by one."""
        for value in sent:
            self.write(port, "TX", value)
        self.sent[port] += sent

    def receive(self, port: int, count: int) -> bytes:
        """Read ``count`` bytes from the receiver, even if it contains fewer."""
        received = bytes(self.read(port, "RX") for _ in range(count))
        self.received[port] += received
        return received

    def write_at_once(self, port: int, register: str, written: bytes) -> int:
        """Write bytes in one pwrite(2), starting at a register. Return the number of bytes written."""
        return self.device.pwrite(written, self.offset(port) + REGISTERS[register])

    def read_at_once(self, port: int, register: str, count: int) -> bytes:
        """Read bytes in one pread(2), starting at a register."""
        return self.device.pread(count, self.offset(port) + REGISTERS[register])

    # Configuration space

    def read_config(self, offset: int, count: int) -> bytes:
        """Read ``count`` bytes of the configuration space in one pread(2)."""
        return self.device.pread(count, self.offset(PciRegion.CONFIG) + offset)

    def write_config(self, offset: int, written: bytes) -> int:
        """Write bytes of the configuration space in one pwrite(2). Return the number of bytes written."""
        return self.device.pwrite(written, self.offset(PciRegion.CONFIG) + offset)

    # Information about the device

    def info(self) -> DeviceInfo:
        """Return the device information, with the numbers of regions and interrupts."""
        return vmm.device_info(self.device)

    def region(self, index: int) -> RegionInfo:
        """Return the information about a region."""
        return vmm.region_info(self.device, index)

    def irq(self, index: int) -> IrqInfo:
        """Return the information about an interrupt."""
        return vmm.irq_info(self.device, index)

    def reset(self) -> int:
        """Reset the card with DEVICE_RESET, and return the result."""
        return self.device.ioctl(uapi.DEVICE_RESET)

    def ask_for_picture(self) -> int:
        """Call DEVICE_QUERY_GFX_PLANE, which exists since 4.16 and which serial cards do not support."""
        return self.device.ioctl(uapi.DEVICE_QUERY_GFX_PLANE, bytearray(64))

    # Interrupts

    def connect(self, line: str) -> None:
        """Connect an interrupt line to a new eventfd."""
        eventfd = self.device.eventfd()
        self.install(line, eventfd)
        self._eventfds.setdefault(line, []).append(eventfd)

    def install(self, line: str, descriptor: int = _NOT_OPEN) -> None:
        """Connect an interrupt line to a descriptor, by default to one that is not open."""
        vmm.device_info(self.device)  # the sample rejects interrupts before this request
        flags = IrqSetFlags.DATA_EVENTFD | IrqSetFlags.ACTION_TRIGGER
        vmm.set_irqs(self.device, _LINES[line], flags, eventfds=(descriptor,))

    def disconnect(self, line: str) -> None:
        """Disconnect an interrupt line."""
        self._act(line, IrqSetFlags.ACTION_TRIGGER, 0)

    def mask(self, line: str, word: str) -> None:
        """Mask or unmask a line; ``word`` is ``masked`` or ``unmasked``."""
        self._act(line, _ACTIONS[word], 1)

    def trigger(self, line: str) -> None:
        """Raise the interrupt from user space."""
        self._act(line, IrqSetFlags.ACTION_TRIGGER, 1)

    def _act(self, line: str, action: IrqSetFlags, count: int) -> None:
        vmm.set_irqs(self.device, _LINES[line], IrqSetFlags.DATA_NONE | action, count=count)

    def signals(self, line: str) -> Sequence[int]:
        """Return how often each eventfd of a line was signalled since the last call, the oldest eventfd first."""
        return [self.device.signals(eventfd) for eventfd in self._eventfds[line]]


class Cards:
    """The cards that users hold open, by the names of the devices in steps."""

    def __init__(self, devices: Devices) -> None:
        self._devices = devices
        self._cards: dict[str, Card] = {}

    def __getitem__(self, name: str) -> Card:
        return self._cards[name]

    def hold(self, name: str) -> None:
        """Open a card. If it was open before, keep what was sent and received."""
        device = self._devices.hold_where_created(name)
        self._cards.setdefault(name, Card(device)).device = device
