"""The interrupt of a card: SET_IRQS and the delivery of interrupts (fact 5.6).

A card has one interrupt. It goes to INTx or MSI, whichever received an eventfd last.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from errno import EINVAL, ENOTTY
from typing import Protocol

from mdevref.kernel.errors import fail
from mdevref.vfio.uapi import ACTIONS, IrqSet, IrqSetFlags, PciIrq

_LINES = (PciIrq.INTX, PciIrq.MSI)


class Event(Protocol):
    """A reference to an eventfd."""

    def signal(self) -> None: ...
    def release(self) -> None: ...


#: Returns a reference to a caller's eventfd. ``EBADF`` if the descriptor is not open, ``EINVAL`` if not an eventfd.
LookUp = Callable[[int], Event]


class Interrupts:
    """The state that both generations share. At most one eventfd is in use: the one of the index ``active``."""

    __slots__ = ("active", "events", "is_masked")

    def __init__(self) -> None:
        self.active: int | None = None
        self.events: dict[int, Event] = {}
        self.is_masked = False

    def signal(self) -> None:
        """Raise the interrupt of the card. Without an eventfd, do nothing (M6)."""
        raise NotImplementedError

    def set(self, wanted: IrqSet, payload: bytes, look_up: LookUp) -> None:
        """Handle SET_IRQS; the helper has validated the structure."""
        raise NotImplementedError

    def drop(self, index: int) -> None:
        """Release the eventfd of an index, if it has one."""
        event = self.events.pop(index, None)
        if event is not None:
            event.release()

    def drop_all(self) -> None:
        for index in _LINES:
            self.drop(index)
        self.active = None
        self.is_masked = False


class EarlierInterrupts(Interrupts):
    """Interrupts of 5.10 and 6.1: unsupported requests succeed without effect, and masking is not implemented."""

    __slots__ = ("_has_had_msi",)

    def __init__(self) -> None:
        super().__init__()
        self._has_had_msi = False

    def signal(self) -> None:
        event = self.events.get(self.active) if self.active is not None else None
        if event is not None:
            event.signal()

    def set(self, wanted: IrqSet, payload: bytes, look_up: LookUp) -> None:
        index = wanted.index
        if index not in _LINES or wanted.flags & ACTIONS != IrqSetFlags.ACTION_TRIGGER:
            return
        if wanted.flags & IrqSetFlags.DATA_NONE:
            self.drop(index)
            if index == PciIrq.MSI:
                self.active = PciIrq.INTX
            return
        if not wanted.flags & IrqSetFlags.DATA_EVENTFD:
            return
        descriptor = first_descriptor(payload)
        if descriptor <= 0 or (index == PciIrq.MSI and self._has_had_msi):
            return
        event = look_up(descriptor)
        self.drop(index)
        self.events[index] = event
        self.active = index
        self._has_had_msi |= index == PciIrq.MSI


class LaterInterrupts(Interrupts):
    """Interrupts of 6.12: each INTx interrupt masks INTx, and invalid requests fail."""

    __slots__ = ()

    def signal(self) -> None:
        if self.active is None or self.is_masked:
            return
        self.events[self.active].signal()
        self.is_masked = self.active == PciIrq.INTX

    def set(self, wanted: IrqSet, payload: bytes, look_up: LookUp) -> None:
        index, action = wanted.index, wanted.flags & ACTIONS
        if index not in _LINES:
            raise fail(ENOTTY, f"IRQ index {index}")
        if action == IrqSetFlags.ACTION_TRIGGER:
            self._trigger(wanted, payload, look_up)
        elif action in (IrqSetFlags.ACTION_MASK, IrqSetFlags.ACTION_UNMASK):
            if index != PciIrq.INTX:
                raise fail(ENOTTY, "masking MSI")
            self._mask(wanted, payload)

    def _mask(self, wanted: IrqSet, payload: bytes) -> None:
        if self.active != PciIrq.INTX or (wanted.start, wanted.count) != (0, 1):
            raise fail(EINVAL, repr(wanted))
        if wanted.flags & IrqSetFlags.DATA_EVENTFD:
            raise fail(ENOTTY, "an eventfd for masking")
        if wanted.flags & IrqSetFlags.DATA_NONE or payload[0]:
            self.is_masked = wanted.flags & ACTIONS == IrqSetFlags.ACTION_MASK

    def _trigger(self, wanted: IrqSet, payload: bytes, look_up: LookUp) -> None:
        is_active = self.active == wanted.index
        if is_active and not wanted.count and wanted.flags & IrqSetFlags.DATA_NONE:
            self.drop_all()
            return
        if not (is_active or self.active is None) or (wanted.start, wanted.count) != (0, 1):
            raise fail(EINVAL, repr(wanted))
        if wanted.flags & IrqSetFlags.DATA_EVENTFD:
            self.drop_all()  # even if the new descriptor turns out to be invalid
            descriptor = first_descriptor(payload)
            if descriptor >= 0:
                self.events[wanted.index] = look_up(descriptor)
                self.active = wanted.index
        elif not is_active:
            raise fail(EINVAL, repr(wanted))
        elif wanted.flags & IrqSetFlags.DATA_NONE or payload[0]:
            self.signal()


def first_descriptor(payload: bytes) -> int:
    """Return the first descriptor, the only one that the sample uses, or -1 if the list is empty."""
    return int(struct.unpack_from("=i", payload)[0]) if payload else -1
