"""The module ``mtty``: its types, its sysfs files, and the callbacks that access a card (fact 5.1)."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from errno import ENOSPC
from typing import ClassVar

from mdevref.drivers.mtty.card import Card
from mdevref.drivers.mtty.releases import release_of
from mdevref.drivers.vendor import Offer, StatefulDriver
from mdevref.kernel.attributes import Attribute, AttributeGroup
from mdevref.kernel.errors import fail
from mdevref.mdev.core import Core
from mdevref.mdev.objects import MdevDevice, MdevType
from mdevref.vfio.core import Vfio

PORTS = 24  #: number of ports that all devices of the parent share

_PARENT_GROUP = AttributeGroup(
    "mtty_dev", [Attribute("sample_mtty_dev", 0o444, lambda device: b"This is phy device\n")]
)
_DEVICE_GROUP = AttributeGroup(
    "vendor", [Attribute("sample_mdev_dev", 0o444, lambda mdev: f"This is MDEV {mdev.name}\n".encode())]
)


class Mtty(StatefulDriver):
    """Devices with one or two ports. Until 5.12 create never fails, and available_instances can become negative."""

    name = "mtty"
    uses_vfio = True
    ports = PORTS
    is_strict: ClassVar[bool | None] = None  #: whether create fails when the ports are exhausted; None: as in the era
    card: ClassVar[type[Card]] = Card
    offers: Sequence[Offer] = (Offer("1", "Single port serial"), Offer("2", "Dual port serial"))

    def __init__(self, core: Core, vfio: Vfio, parameters: Mapping[str, str]) -> None:
        super().__init__(core, vfio, parameters)
        self._lock = threading.Lock()
        self._free = self.ports
        self._refuses = core.era.core_owns_types if self.is_strict is None else self.is_strict
        self.release = release_of(core.era.release)

    def parent_groups(self) -> list[AttributeGroup]:
        return [_PARENT_GROUP]

    def device_groups(self) -> list[AttributeGroup]:
        return [_DEVICE_GROUP]

    def create(self, mtype: MdevType, mdev: MdevDevice) -> None:
        ports = int(mtype.group_name)
        with self._lock:
            if self._refuses and self._free < ports:
                raise fail(ENOSPC, mtype.name)
            self._free -= ports

    def new_card(self, mdev: MdevDevice) -> Card:
        """Return a new card for a device that is opened for the first time."""
        return self.card(int(mdev.type.group_name), self.release, self.kernel.log.append)

    def remove(self, mdev: MdevDevice) -> None:
        card: Card | None = mdev.data
        if card is not None:
            card.discard()
        with self._lock:
            self._free += int(mdev.type.group_name)

    def available(self, mtype: MdevType) -> int:
        return int(self._free / int(mtype.group_name))  # division as in C, towards zero: -1 ports are 0 devices of two

    # The device

    def open_device(self, mdev: MdevDevice) -> None:
        with self._lock:
            if mdev.data is None:  # created late: before the first open the card is not observable
                mdev.data = self.new_card(mdev)
        if self.release.logs_files:
            self.kernel.log.append("mtty_open")

    def close_device(self, mdev: MdevDevice) -> None:
        if self.release.logs_files:
            self.kernel.log.append("mtty_close")
        card: Card = mdev.data
        card.close()

    # The module

    def greet(self) -> None:
        self.kernel.log.append("mtty_dev: mtty_dev_init")
        self.kernel.log.append(f"major_number:{self._major}")

    def say_goodbye(self) -> None:
        self.kernel.log.append("mtty_dev: Unloaded!")
