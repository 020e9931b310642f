"""Hosts whose faults appear only when a scenario follows the whole walk-through."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import ClassVar
from weakref import WeakKeyDictionary

from mdevref.drivers.mtty import Mtty
from mdevref.drivers.mtty.card import Card
from mdevref.drivers.mtty.config import ConfigSpace
from mdevref.drivers.mtty.uart import Port
from mdevref.mdev.core import Core
from mdevref.mdev.objects import MdevDevice
from mdevref.vfio.core import Vfio
from tests.miniatures.registry import wrong as wrong_host

wrong = partial(wrong_host, interface="sample")


class _DeafPort(Port):
    def write_data(self, value: int) -> None:
        """Discard the byte."""


class _DeafCard(Card):
    port = _DeafPort


@wrong({"walk-through.session": 'expected "mdev"; seen: "\\x00'})
class is_deaf_when_loaded_again(Mtty):
    """After the driver was unloaded and loaded again, its cards lose every byte that is sent to them."""

    loads: ClassVar[WeakKeyDictionary[Core, int]] = WeakKeyDictionary()

    def __init__(self, core: Core, vfio: Vfio, parameters: Mapping[str, str]) -> None:
        super().__init__(core, vfio, parameters)
        self.loads[core] = self.loads.get(core, 0) + 1
        self._is_deaf = self.loads[core] > 1

    def new_card(self, mdev: MdevDevice) -> Card:
        card = super().new_card(mdev)
        return _DeafCard(card.count, self.release, self.kernel.log.append) if self._is_deaf else card


@wrong({"walk-through.again": "expected SCR 00; seen: 5a"})
class remembers_the_dead(Mtty):
    """A new card has the register values of the earlier card with the same UUID."""

    def __init__(self, core: Core, vfio: Vfio, parameters: Mapping[str, str]) -> None:
        super().__init__(core, vfio, parameters)
        self._cards: dict[str, Card] = {}

    def new_card(self, mdev: MdevDevice) -> Card:
        return self._cards.setdefault(mdev.name, super().new_card(mdev))


@wrong({"walk-through.dump": "; seen: "})
class gives_the_second_port_the_line(ConfigSpace):
    """The second BAR changes when the interrupt line register is written."""

    def write(self, offset: int, data: bytes) -> None:
        super().write(offset, data)
        if offset == 0x3C:
            super().write(0x14, bytes((data[0] | 0x80, 0xC1, 0, 0)))


@wrong({"walk-through.typed": " and all other bytes; seen: "})
class tires_of_interrupting(Port):
    """A port stops raising interrupts after 100 bytes were sent to it."""

    taken = 0

    def write_data(self, value: int) -> None:
        self.taken += 1
        if self.taken > 100:
            self.ier = 0
        super().write_data(value)


@wrong({"walk-through.plugged": 'expected "mdev"; seen: "\\x00'})
class closes_all_at_once(Mtty):
    """Closing a card discards the unread bytes of all other cards."""

    def __init__(self, core: Core, vfio: Vfio, parameters: Mapping[str, str]) -> None:
        super().__init__(core, vfio, parameters)
        self._cards: list[Card] = []

    def new_card(self, mdev: MdevDevice) -> Card:
        self._cards.append(card := super().new_card(mdev))
        return card

    def close_device(self, mdev: MdevDevice) -> None:
        super().close_device(mdev)
        for port in (port for card in self._cards if card is not mdev.data for port in card.ports):
            port.head = port.tail = port.count = 0
