"""The card of one mediated device: its regions, and the ioctls that describe and configure it (facts 5.2, 5.4).

The state exists as long as the mediated device. Neither close nor DEVICE_RESET changes the ports (oddity M4).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from errno import EFAULT, EINVAL, ENOTTY
from typing import ClassVar, NoReturn, Protocol

from mdevref.drivers.mtty import config
from mdevref.drivers.mtty.config import ConfigSpace
from mdevref.drivers.mtty.interrupts import LookUp
from mdevref.drivers.mtty.releases import Release
from mdevref.drivers.mtty.uart import Port
from mdevref.drivers.units import units
from mdevref.kernel.errors import fail
from mdevref.vfio import uapi
from mdevref.vfio.arguments import Argument, give, take, take_irq_set
from mdevref.vfio.uapi import DeviceFlags, IrqFlags, PciIrq, PciRegion, RegionFlags

OFFSET_BITS = 40  #: low bits of a file offset that are the offset in a region; the other bits are the region's index
PORT_BARS = 2  #: BAR0 and BAR1; a card with one port also has BAR1, with size 0
_OFFSET_MASK = (1 << OFFSET_BITS) - 1
_REGISTER_MASK = 0xFFFF  #: the bits of an offset that the sample uses for writes and for BARs
_BYTES = tuple(bytes((value,)) for value in range(256))


class Caller(Argument, Protocol):
    """The argument of an ioctl, which can also look up the caller's eventfds."""

    @property
    def look_up(self) -> LookUp: ...


class Card:
    """A card with one or two ports. Every access holds the card's lock; ``log`` appends a line to the kernel log."""

    port: ClassVar[type[Port]] = Port
    config_space: ClassVar[type[ConfigSpace]] = ConfigSpace

    __slots__ = ("_interrupts", "_lock", "_log", "_release", "config", "count", "irqs", "ports")

    def __init__(self, count: int, release: Release, log: Callable[[str], None]) -> None:
        self.count = count
        self._log = log
        self._release = release
        self._lock = threading.Lock()
        self._interrupts = release.interrupts()
        self.irqs = 0  # set by GET_INFO; the other interrupt ioctls use it as their limit
        self.config = self.config_space(count, log)
        self.ports = [self.port(self._interrupts.signal) for _ in range(PORT_BARS)]

    # Regions

    def read(self, count: int, position: int) -> bytes:
        """Read at a file offset, in units of up to 4 bytes. ``EFAULT`` outside readable regions."""
        index = position >> OFFSET_BITS
        if count == 1 and 0 <= index < PORT_BARS:
            with self._lock:
                return _BYTES[self.ports[index].read(position & _REGISTER_MASK)]
        with self._lock:
            return b"".join(self.read_unit(at, size) for at, size in units(position, count))

    def write(self, data: bytes, position: int) -> int:
        """Write at a file offset and return the byte count. Units and errors as for :meth:`read`."""
        index = position >> OFFSET_BITS
        if len(data) == 1 and 0 <= index < PORT_BARS:
            with self._lock:
                self.ports[index].write(position & _REGISTER_MASK, data[0])
            return 1
        with self._lock:
            for at, size in units(position, len(data)):
                self.write_unit(at, data[at - position : at - position + size])
        return len(data)

    def read_unit(self, position: int, size: int) -> bytes:
        index = position >> OFFSET_BITS
        if index == PciRegion.CONFIG:
            return self.config.read(position & _OFFSET_MASK, size)
        if index < PORT_BARS:
            return _BYTES[self.ports[index].read(position & _REGISTER_MASK)].ljust(size, b"\0")
        if index <= PciRegion.BAR5:
            return b"\xff" * size
        raise fail(EFAULT, f"region {index}")

    def write_unit(self, position: int, data: bytes) -> None:
        index = position >> OFFSET_BITS
        if index == PciRegion.CONFIG:
            self.config.write(position & _REGISTER_MASK, data)
        elif index < PORT_BARS:
            self.ports[index].write(position & _REGISTER_MASK, data[0])
        elif index > PciRegion.BAR5:
            raise fail(EFAULT, f"region {index}")

    def map(self, length: int, position: int) -> NoReturn:
        """Fail with ``EINVAL``: a card has no mappable region."""
        raise fail(EINVAL, f"mapping at {position:#x}")

    # Ioctls

    def ioctl(self, request: int, argument: Caller) -> int:
        """Handle a device ioctl. ``ENOTTY`` if it is unknown; ``EFAULT`` and ``EINVAL`` as in fact 3.4."""
        handler = HANDLERS.get(request)
        if handler is None:
            raise fail(ENOTTY, f"{request:#x}")
        with self._lock:
            getattr(self, handler)(argument)
        return 0

    def get_info(self, argument: Caller) -> None:
        info = take(argument, uapi.DeviceInfo)
        info.flags, info.num_regions, info.num_irqs = DeviceFlags.PCI, uapi.PCI_REGIONS, uapi.PCI_IRQS
        self.irqs = info.num_irqs
        give(argument, info)

    def get_region_info(self, argument: Caller) -> None:
        info = take(argument, uapi.RegionInfo)
        if info.index >= uapi.PCI_REGIONS:
            raise fail(EINVAL, repr(info))
        info.flags = RegionFlags.READ | RegionFlags.WRITE
        info.size = self.size_of(info.index)
        info.offset = info.index << OFFSET_BITS
        give(argument, info)

    def size_of(self, region: int) -> int:
        if region == PciRegion.CONFIG:
            return config.SIZE
        return config.BAR_SIZE if region < self.count else 0

    def get_irq_info(self, argument: Caller) -> None:
        info = take(argument, uapi.IrqInfo)
        known = (PciIrq.INTX, PciIrq.MSI, PciIrq.REQ) if self._release.answers_req else (PciIrq.INTX, PciIrq.MSI)
        if info.index >= self.irqs or info.index not in known:
            raise fail(EINVAL, repr(info))
        more = IrqFlags.MASKABLE | IrqFlags.AUTOMASKED if info.index == PciIrq.INTX else IrqFlags.NORESIZE
        info.flags, info.count = IrqFlags.EVENTFD | more, 1
        give(argument, info)

    def set_irqs(self, argument: Caller) -> None:
        # The sample passes the number of indexes where the helper expects the number of interrupts of the index.
        wanted, payload = take_irq_set(argument, self.irqs)
        self._interrupts.set(wanted, payload, argument.look_up)

    def reset(self, argument: Caller) -> None:
        self._log("mtty_reset: called")

    # From the driver

    def close(self) -> None:
        """Handle a close of the device: from 6.12 on, drop its eventfds."""
        if self._release.close_disables_interrupts:
            self.discard()

    def discard(self) -> None:
        """Release all eventfds of callers."""
        with self._lock:
            self._interrupts.drop_all()


#: The method that handles each request.
HANDLERS = {
    uapi.DEVICE_GET_INFO: "get_info",
    uapi.DEVICE_GET_REGION_INFO: "get_region_info",
    uapi.DEVICE_GET_IRQ_INFO: "get_irq_info",
    uapi.DEVICE_SET_IRQS: "set_irqs",
    uapi.DEVICE_RESET: "reset",
}
