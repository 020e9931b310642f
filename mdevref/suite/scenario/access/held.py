"""Devices held open in a scenario: what they say of themselves, their regions and their interrupts."""

from __future__ import annotations

from mdevref.suite.interface import vmm
from mdevref.suite.interface.device import HeldDevice
from mdevref.vfio import uapi
from mdevref.vfio.uapi import IrqInfo, Record, RegionInfo

ROOM = 4096  #: bytes of memory behind a structure, of which nobody has to make use
_KINDS = ~(uapi.DeviceFlags.RESET | uapi.DeviceFlags.CAPS)
_ACCESS = {
    "read": (uapi.RegionFlags.READ, True),
    "written": (uapi.RegionFlags.WRITE, True),
    "unmapped": (uapi.RegionFlags.MMAP, False),
}
_FAR = 1 << 44  #: bytes behind the last region


class Held:
    """What is open, by the words that steps know it by, and what was chosen of the devices among it."""

    def __init__(self) -> None:
        self.handles: dict[str, HeldDevice] = {}
        self.region = RegionInfo()  #: that was chosen
        self.irq = IrqInfo()
        self._eventfds: list[tuple[HeldDevice, int]] = []

    def device(self, name: str) -> HeldDevice:
        """A device that is held open, or another file of it."""
        return self.handles[name]

    def info(self, name: str) -> uapi.DeviceInfo:
        """Its info."""
        return vmm.device_info(self.device(name))

    def kinds(self, name: str) -> list[str]:
        """The kinds of device that the flags of its info name."""
        flags = uapi.DeviceFlags(self.info(name).flags) & _KINDS
        return [flag.name or "" for flag in flags]

    def regions(self, name: str) -> list[RegionInfo]:
        """The regions that it answers for."""
        return list(vmm.regions(self.device(name)).values())

    def interrupts(self, name: str) -> list[IrqInfo]:
        """The interrupts that it answers for."""
        return list(vmm.irqs(self.device(name)).values())

    def region_indexes(self, name: str) -> dict[int, int]:
        """What index each region's info has, by the one that was asked for."""
        return {asked: info.index for asked, info in vmm.regions(self.device(name)).items()}

    def interrupt_indexes(self, name: str) -> dict[int, int]:
        """What index each interrupt's info has, by the one that was asked for."""
        return {asked: info.index for asked, info in vmm.irqs(self.device(name)).items()}

    def description(self, name: str) -> list[str]:
        """Its info, its regions and its interrupts, a line each."""
        told: list[Record] = [self.info(name), *self.regions(name), *self.interrupts(name)]
        return [repr(record) for record in told]

    def choose_region(self, name: str, size: int, access: str) -> bool:
        """Choose the first region of at least so many bytes that can be read, or written, or not be mapped."""
        flag, wanted = _ACCESS[access]
        for info in self.regions(name):
            if info.size >= size and bool(info.flags & flag) is wanted:
                self.region = info
                return True
        return False

    def choose_interrupt(self, name: str) -> bool:
        """Choose the first interrupt that signals an eventfd."""
        for info in self.interrupts(name):
            if info.count and info.flags & uapi.IrqFlags.EVENTFD:
                self.irq = info
                return True
        return False

    # -- Regions

    def read_region(self, name: str, count: int, offset: int) -> bytes:
        """Read the region that was chosen."""
        return self.device(name).pread(count, self.region.offset + offset)

    def write_region(self, name: str, index: int, offset: int, data: bytes) -> int:
        """Write into a region by its index."""
        device = self.device(name)
        return device.pwrite(data, vmm.region_info(device, index).offset + offset)

    def read_behind(self, name: str, count: int) -> bytes:
        """Read where there is no region any more."""
        end = max((info.offset + info.size for info in self.regions(name)), default=0)
        return self.device(name).pread(count, (end + _FAR) // vmm.PAGE * vmm.PAGE)

    def map_region(self, name: str) -> None:
        """Map the first page of the region that was chosen."""
        self.device(name).mmap(vmm.PAGE, self.region.offset)

    def by_ones_twos_and_fours(self, name: str, index: int) -> list[bytes]:
        """The first four bytes of a region, read in three ways."""
        device = self.device(name)
        begin = vmm.region_info(device, index).offset
        return [
            b"".join(device.pread(step, begin + at) for at in range(0, 4, step)) for step in (1, 2, 4)
        ]  # fmt: skip

    # -- Interrupts

    def index(self, name: str, text: str) -> int:
        """An index by number, or the number of a device's regions or interrupts."""
        if text.isdigit():
            return int(text)
        info = vmm.device_info(self.device(name))
        return info.num_regions if text.endswith("regions") else info.num_irqs

    def set_irqs(
        self, name: str, argsz: int, flags: int, index: int, start: int, count: int, payload: bytes = b""
    ) -> int:  # fmt: skip
        """DEVICE_SET_IRQS with whatever is said; behind the payload there is memory."""
        header = uapi.IrqSet(argsz=argsz, flags=flags, index=index, start=start, count=count)
        return self.device(name).ioctl(uapi.DEVICE_SET_IRQS, header.pack(payload + bytes(ROOM)))

    def signals(self) -> int:
        """How often the eventfds were signalled since the last look."""
        return sum(held.signals(eventfd) for held, eventfd in self._eventfds)

    def amount(self, name: str, text: str) -> int:
        """A start or an index: the limit is one that no interrupt and no number of interrupts of the device reaches."""
        if text.isdigit():
            return int(text)
        number = vmm.device_info(self.device(name)).num_irqs
        if text == "the number of its interrupts":
            return number
        return max(number, self.irq.count) - text.endswith("less one")

    def new_eventfd(self, name: str) -> int:
        """An eventfd that the device can signal."""
        held = self.device(name)
        eventfd = held.eventfd()
        self._eventfds.append((held, eventfd))
        return eventfd
