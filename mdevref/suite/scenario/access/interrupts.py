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
    """``EVENTFD, TRIGGER``, or with a bit that has no name, ``NONE, TRIGGER, 64``."""
    return sum(int(word) if word.isdigit() else _DATA[word] for word in text.split(", "))


KINDS: Mapping[str, Kind] = {
    "IrqFlags": Kind(r"(?:no data|\d+|[A-Z]+)(?:, (?:\d+|[A-Z]+))*", _flags),
    "Amount": Kind(r"\d+|the limit|the limit minus one|the number of its interrupts"),
}


class Interrupts:
    """The interrupts of each device, by its name, and the one that was chosen."""

    def __init__(self, handles: Handles) -> None:
        self.chosen = IrqInfo()
        self._handles = handles
        self._eventfds: list[tuple[HeldDevice, int]] = []

    def all(self, name: str) -> list[IrqInfo]:
        """The interrupts that a device answers for."""
        return list(vmm.irqs(self._handles.device(name)).values())

    def indexes(self, name: str) -> dict[int, int]:
        """What index each interrupt's info has, by the one that was asked for."""
        return {asked: info.index for asked, info in vmm.irqs(self._handles.device(name)).items()}

    def choose(self, name: str) -> bool:
        """Choose the first interrupt that signals an eventfd."""
        for info in self.all(name):
            if info.count and info.flags & uapi.IrqFlags.EVENTFD:
                self.chosen = info
                return True
        return False

    def amount(self, name: str, text: str) -> int:
        """A start or an index: the limit is one that no interrupt and no number of interrupts of the device reaches."""
        if text.isdigit():
            return int(text)
        number = vmm.device_info(self._handles.device(name)).num_irqs
        if text == "the number of its interrupts":
            return number
        return max(number, self.chosen.count) - text.endswith("minus one")

    def set(
        self, name: str, argsz: int, flags: int, index: int, start: int, count: int, payload: bytes = b""
    ) -> int:  # fmt: skip
        """DEVICE_SET_IRQS with whatever is said; behind the payload there is memory."""
        header = uapi.IrqSet(argsz=argsz, flags=flags, index=index, start=start, count=count)
        return self._handles.device(name).ioctl(uapi.DEVICE_SET_IRQS, header.pack(payload + bytes(ROOM)))

    def new_eventfd(self, name: str) -> int:
        """An eventfd that the device can signal."""
        held = self._handles.device(name)
        eventfd = held.eventfd()
        self._eventfds.append((held, eventfd))
        return eventfd

    def signals(self) -> int:
        """How often these eventfds were signalled since the last look."""
        return sum(held.signals(eventfd) for held, eventfd in self._eventfds)
