"""Interrupts of devices that are held open."""

from __future__ import annotations

from collections.abc import Mapping

from mdevref.suite.interface import vmm
from mdevref.suite.interface.device import HeldDevice
from mdevref.suite.scenario.access.arguments import ROOM
from mdevref.suite.scenario.access.handles import Handles
from mdevref.suite.scenario.kind import Kind
from mdevref.vfio import uapi
from mdevref.vfio.uapi import IrqInfo

_DATA = {"NONE": 1, "BOOL": 2, "EVENTFD": 4, "MASK": 8, "UNMASK": 16, "TRIGGER": 32, "no data": 0}


def _flags(text: str) -> int:
    """Parse flags such as ``EVENTFD, TRIGGER``, or ``NONE, TRIGGER, 64`` with an unnamed bit."""
    return sum(int(word) if word.isdigit() else _DATA[word] for word in text.split(", "))


KINDS: Mapping[str, Kind] = {
    "IrqFlags": Kind(r"(?:no data|\d+|[A-Z]+)(?:, (?:\d+|[A-Z]+))*", _flags),
    "Amount": Kind(r"\d+|the limit|the limit minus one|the number of its interrupts"),
}


class Interrupts:
    """The interrupts of each device, by its name, and the interrupt that was chosen."""

    def __init__(self, handles: Handles) -> None:
        self.chosen = IrqInfo()
        self._handles = handles
        self._eventfds: list[tuple[HeldDevice, int]] = []

    def all(self, name: str) -> list[IrqInfo]:
        """Return the information about each interrupt of a device."""
        return list(vmm.irqs(self._handles.device(name)).values())

    def indexes(self, name: str) -> dict[int, int]:
        """Return the index in the information about each interrupt, by the requested index."""
        return {asked: info.index for asked, info in vmm.irqs(self._handles.device(name)).items()}

    def choose(self, name: str) -> bool:
        """Choose the first interrupt that can signal an eventfd. Return whether there is one."""
        for info in self.all(name):
            if info.count and info.flags & uapi.IrqFlags.EVENTFD:
                self.chosen = info
                return True
        return False

    def amount(self, name: str, text: str) -> int:
        """Return a start or an index. ``the limit`` is beyond every interrupt and every count of the device."""
        if text.isdigit():
            return int(text)
        number = vmm.device_info(self._handles.device(name)).num_irqs
        if text == "the number of its interrupts":
            return number
        return max(number, self.chosen.count) - text.endswith("minus one")

    def set(
        self, name: str, argsz: int, flags: int, index: int, start: int, count: int, payload: bytes = b""
    ) -> int:  # fmt: skip
        """Call DEVICE_SET_IRQS with these fields and a payload, with memory behind the payload."""
        header = uapi.IrqSet(argsz=argsz, flags=flags, index=index, start=start, count=count)
        return self._handles.device(name).ioctl(uapi.DEVICE_SET_IRQS, header.pack(payload + bytes(ROOM)))

    def new_eventfd(self, name: str) -> int:
        """Return a new eventfd that the device can signal."""
        held = self._handles.device(name)
        eventfd = held.eventfd()
        self._eventfds.append((held, eventfd))
        return eventfd

    def signals(self) -> int:
        """Return how often the new eventfds were signalled since the last call."""
        return sum(held.signals(eventfd) for held, eventfd in self._eventfds)
