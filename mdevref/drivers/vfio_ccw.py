"""``vfio_ccw``: the interface of the driver for the I/O subchannels of a mainframe (facts 6.2)."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from errno import ENODEV, EPERM
from typing import ClassVar

from mdevref.drivers.hardware import SUBCHANNEL
from mdevref.drivers.placed import PlacedDriver
from mdevref.drivers.vendor import Offer
from mdevref.kernel.device import Device
from mdevref.kernel.errors import fail
from mdevref.mdev.core import Core
from mdevref.mdev.objects import MdevDevice, MdevType
from mdevref.vfio.core import Vfio


class VfioCcw(PlacedDriver):
    """One device per subchannel. A second create fails: EPERM until 5.12, EUSERS (from the core) from 6.1 on.

    The option ``broken`` lists subchannels that are not operational; creating a device there fails with ENODEV.
    """

    name = "vfio_ccw"
    mdev_driver_name = "vfio_ccw_mdev"
    device_api = "vfio-ccw"
    hardware = SUBCHANNEL
    max_instances = 1
    defaults: ClassVar[Mapping[str, str]] = {"addresses": "0.0.0313", "broken": ""}
    offers = (Offer("io", "I/O subchannel (Non-QDIO)"),)

    def __init__(self, core: Core, vfio: Vfio, parameters: Mapping[str, str]) -> None:
        super().__init__(core, vfio, parameters)
        self._broken = self.options["broken"].split()
        for address in self._broken:
            self.hardware.check(address)
        self._lock = threading.Lock()
        self._used: set[Device] = set()

    def create(self, mtype: MdevType, mdev: MdevDevice) -> None:
        device = mtype.parent.device
        if device.name in self._broken:
            raise fail(ENODEV, device.name)
        with self._lock:
            if device in self._used:
                raise fail(EPERM, mtype.name)
            self._used.add(device)

    def remove(self, mdev: MdevDevice) -> None:
        with self._lock:
            self._used.discard(mdev.type.parent.device)

    def available(self, mtype: MdevType) -> int:
        return int(mtype.parent.device not in self._used)
