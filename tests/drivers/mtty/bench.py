"""A card, the memory of a caller, and counting eventfds."""

from __future__ import annotations

from errno import EBADF, EFAULT

from mdevref.drivers.mtty.card import Card
from mdevref.drivers.mtty.releases import release_of
from mdevref.kernel.errors import fail
from mdevref.vfio import uapi
from mdevref.vfio.uapi import IrqSetFlags

BAR0, BAR1, BAR2, BAR5, ROM, CONFIG, VGA = (index << 40 for index in (0, 1, 2, 5, 6, 7, 8))
IER, FCR, LSR, SCR = 1, 2, 5, 7
INSTALL = IrqSetFlags.ACTION_TRIGGER | IrqSetFlags.DATA_EVENTFD
OLD, NEW = (6, 1), (6, 12)


class Eventfd:
    """Counts its signals and its references."""

    def __init__(self) -> None:
        self.counter = 0
        self.holders = 0

    def signal(self) -> None:
        self.counter += 1

    def release(self) -> None:
        self.holders -= 1


class Caller:
    """An ioctl argument: the memory and the eventfds of a process."""

    def __init__(self, memory: bytearray | None) -> None:
        self.memory = memory
        self.eventfds: dict[int, Eventfd] = {}

    def copy_in(self, size: int, offset: int = 0) -> bytes:
        if self.memory is None or offset + size > len(self.memory):
            raise fail(EFAULT)
        return bytes(self.memory[offset : offset + size])

    def copy_out(self, data: bytes, offset: int = 0) -> None:
        if self.memory is None or offset + len(data) > len(self.memory):
            raise fail(EFAULT)
        self.memory[offset : offset + len(data)] = data

    def look_up(self, descriptor: int) -> Eventfd:
        if descriptor not in self.eventfds:
            raise fail(EBADF, str(descriptor))
        self.eventfds[descriptor].holders += 1
        return self.eventfds[descriptor]


class Bench(Card):
    """A card with helper methods for tests."""

    def __init__(self, count: int = 2, release: tuple[int, int] = OLD) -> None:
        self.lines: list[str] = []
        super().__init__(count, release_of(release), self.lines.append)

    def ask(self, request: int, record: uapi.Record) -> list[int]:
        memory = record.pack()
        assert self.ioctl(request, Caller(memory)) == 0
        return [getattr(type(record).read(memory), name) for name, *_ in record._fields_]

    def introduce(self) -> None:
        self.ask(uapi.DEVICE_GET_INFO, uapi.DeviceInfo(argsz=16))

    def install(self, index: int, eventfd: Eventfd, descriptor: int = 5) -> None:
        caller = Caller(uapi.irq_set(index, INSTALL, eventfds=[descriptor]))
        caller.eventfds[descriptor] = eventfd
        self.ioctl(uapi.DEVICE_SET_IRQS, caller)
