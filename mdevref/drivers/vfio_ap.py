"""``vfio_ap``: the interface of the driver for the crypto queues of a mainframe (facts 6.2, 6.3).

A queue is a pair of an adapter and a usage domain. User space assigns adapters and domains through attributes of a
device. The device then has the queues of every pair of them. A queue cannot belong to two devices.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from errno import EADDRINUSE, EADDRNOTAVAIL, EBUSY, EINVAL, ENODEV, EPERM
from typing import ClassVar, Literal

from mdevref.drivers.hardware import CRYPTO_MATRIX
from mdevref.drivers.placed import PlacedDriver
from mdevref.drivers.vendor import Offer
from mdevref.kernel.attributes import Attribute, AttributeGroup
from mdevref.kernel.errors import fail
from mdevref.mdev.core import Core
from mdevref.mdev.objects import MdevDevice, MdevType
from mdevref.mdev.parsing import parse_unsigned
from mdevref.vfio.core import Vfio

MOST = 255  #: the highest number of an adapter or a domain
INSTANCES = 256 * 256  #: the maximum number of queues

Kind = Literal["adapter", "domain", "control_domain"]
Queue = tuple[int, int]

_QUEUE = re.compile(r"([0-9a-f]{2})\.(00[0-9a-f]{2})")


@dataclass(slots=True)
class Matrix:
    """The adapters and domains that are assigned to a device."""

    numbers: dict[Kind, set[int]] = field(
        default_factory=lambda: {"adapter": set(), "domain": set(), "control_domain": set()}
    )

    def queues(self) -> set[Queue]:
        return {(adapter, domain) for adapter in self.numbers["adapter"] for domain in self.numbers["domain"]}

    def show(self) -> bytes:
        """Return each queue as adapter.domain, one a line. If there are none, the adapters or domains alone."""
        adapters, domains = sorted(self.numbers["adapter"]), sorted(self.numbers["domain"])
        if adapters and domains:
            lines = [f"{adapter:02x}.{domain:04x}" for adapter, domain in sorted(self.queues())]
        else:
            lines = [f"{adapter:02x}." for adapter in adapters] + [f".{domain:04x}" for domain in domains]
        return "".join(f"{line}\n" for line in lines).encode()

    def show_control_domains(self) -> bytes:
        return "".join(f"{number:04x}\n" for number in sorted(self.numbers["control_domain"])).encode()


class VfioAp(PlacedDriver):
    """Up to ``instances`` devices, created without queues. Beyond that: EPERM until 5.12, EUSERS from 6.1 on.

    An open device represents a device used by a guest: until 5.12, removing or changing it fails with EBUSY. The option
    ``queues`` lists the queues of the driver, for example ``05.0004 05.00ab``. By default the driver has all queues.
    """

    name = "vfio_ap"
    mdev_driver_name = "vfio_ap_mdev"
    device_api = "vfio-ap"
    hardware = CRYPTO_MATRIX
    defaults: ClassVar[Mapping[str, str]] = {"addresses": "matrix", "instances": str(INSTANCES), "queues": ""}
    offers = (Offer("passthrough", "VFIO AP Passthrough Device"),)

    def __init__(self, core: Core, vfio: Vfio, parameters: Mapping[str, str]) -> None:
        super().__init__(core, vfio, parameters)
        self._instances = self.max_instances = self.number("instances")
        self._queues = _parse_queues(self.options["queues"])
        self._lock = threading.Lock()
        self._devices: set[MdevDevice] = set()
        changes = [
            self._attribute(f"{verb}_{kind}", kind, change)
            for verb, change in (("assign", self._assign), ("unassign", self._unassign))
            for kind in ("adapter", "domain", "control_domain")
        ]
        self._group = AttributeGroup(
            None,
            [
                *changes,
                Attribute("control_domains", 0o444, lambda mdev: mdev.data.show_control_domains()),
                Attribute("matrix", 0o444, lambda mdev: mdev.data.show()),
            ],
        )

    def device_groups(self) -> list[AttributeGroup]:
        return [self._group]

    def create(self, mtype: MdevType, mdev: MdevDevice) -> None:
        with self._lock:
            if len(self._devices) >= self._instances and not self.core.era.core_owns_types:
                raise fail(EPERM, mtype.name)
            mdev.data = Matrix()
            self._devices.add(mdev)

    def remove(self, mdev: MdevDevice) -> None:
        self._refuse_if_used(mdev)
        with self._lock:
            self._devices.discard(mdev)

    def available(self, mtype: MdevType) -> int:
        return self._instances - len(self._devices)

    # The attributes

    def _attribute(self, name: str, kind: Kind, change: Callable[[Matrix, Kind, int], None]) -> Attribute:
        def store(mdev: MdevDevice, data: bytes) -> None:
            self._refuse_if_used(mdev)
            number = parse_unsigned(data)
            if number > MOST:
                raise fail(ENODEV, name)
            with self._lock:
                change(mdev.data, kind, number)

        return Attribute(name, 0o200, None, store)

    def _assign(self, matrix: Matrix, kind: Kind, number: int) -> None:
        """Assign an adapter or a domain. ``EADDRNOTAVAIL`` if the driver does not have a queue that this adds.

        ``EADDRINUSE`` if another device has the queue.
        """
        before = matrix.queues()
        if kind != "control_domain" and not self._has(matrix, kind, number):
            raise fail(EADDRNOTAVAIL, str(number))
        was_there = number in matrix.numbers[kind]
        matrix.numbers[kind].add(number)
        added = matrix.queues() - before
        if any(added & other.data.queues() for other in self._devices if other.data is not matrix):
            if not was_there:
                matrix.numbers[kind].discard(number)
            raise fail(EADDRINUSE, str(number))

    def _unassign(self, matrix: Matrix, kind: Kind, number: int) -> None:
        matrix.numbers[kind].discard(number)

    def _has(self, matrix: Matrix, kind: Kind, number: int) -> bool:
        """Return whether the driver has all queues that ``number`` adds.

        If it adds none, return whether the driver has any queue with that number.
        """
        if self._queues is None:
            return True
        if kind == "adapter":
            wanted = {(number, domain) for domain in matrix.numbers["domain"]}
        else:
            wanted = {(adapter, number) for adapter in matrix.numbers["adapter"]}
        if wanted:
            return wanted <= self._queues
        return any(queue[kind == "domain"] == number for queue in self._queues)

    def _refuse_if_used(self, mdev: MdevDevice) -> None:
        if mdev in self.users and not self.core.era.core_owns_types:
            raise fail(EBUSY, mdev.name)


def _parse_queues(text: str) -> frozenset[Queue] | None:
    """Return the queues that the option lists, or None if it is empty. ``EINVAL`` if the text is invalid."""
    words: Iterable[str] = text.split()
    found = [_QUEUE.fullmatch(word) for word in words]
    if not all(found):
        raise fail(EINVAL, f"queues={text}")
    queues = frozenset((int(match[1], 16), int(match[2], 16)) for match in found if match)
    return queues or None
