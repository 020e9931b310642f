"""``mdpy``: the sample driver of virtual displays with a plain framebuffer (fact 6.2)."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from errno import EINVAL, ENOMEM
from typing import ClassVar

from mdevref.drivers.mdpy_display import Display
from mdevref.drivers.vendor import Offer, StatefulDriver
from mdevref.kernel.attributes import Attribute, AttributeGroup
from mdevref.kernel.device import dev_info
from mdevref.kernel.errors import fail
from mdevref.mdev.core import Core
from mdevref.mdev.objects import MdevDevice, MdevType
from mdevref.vfio.core import Vfio

COUNT = 4  #: maximum number of devices of all types together; default of the parameter ``count``
RESOLUTIONS = {"vga": (640, 480), "xga": (1024, 768), "hd": (1920, 1080)}

_DEVICE_GROUP = AttributeGroup(
    "vendor", [Attribute("resolution", 0o444, lambda mdev: "{}x{}\n".format(*_resolution(mdev)).encode())]
)


class Mdpy(StatefulDriver):
    """Up to ``count`` displays. Beyond that create fails: ENOMEM until 5.12, EUSERS (from the core) from 6.1 on."""

    name = "mdpy"
    defaults: ClassVar[Mapping[str, str]] = {"count": str(COUNT)}
    offers = tuple(
        Offer(suffix, f"mdpy-{suffix}", f"virtual display, {width}x{height} framebuffer")
        for suffix, (width, height) in RESOLUTIONS.items()
    )

    def __init__(self, core: Core, vfio: Vfio, parameters: Mapping[str, str]) -> None:
        super().__init__(core, vfio, parameters)
        count = self.parameters["count"]
        if not count.isdecimal():
            raise fail(EINVAL, f"count={count}")
        self.max_instances = int(count)
        self._lock = threading.Lock()
        self._used = 0

    def device_groups(self) -> list[AttributeGroup]:
        return [_DEVICE_GROUP]

    def create(self, mtype: MdevType, mdev: MdevDevice) -> None:
        assert self.max_instances is not None
        with self._lock:
            if self._used >= self.max_instances and not self.core.era.core_owns_types:
                raise fail(ENOMEM, mtype.name)
            self._used += 1
        mdev.data = Display(*_resolution(mdev))
        function = "mdpy_init_dev" if self.core.era.core_owns_types else "mdpy_create"
        dev_info(self.kernel.log, mdev, "{}: {} ({}x{})".format(function, mtype.name, *_resolution(mdev)))

    def remove(self, mdev: MdevDevice) -> None:
        with self._lock:
            self._used -= 1

    def available(self, mtype: MdevType) -> int:
        assert self.max_instances is not None
        return self.max_instances - self._used


def _resolution(mdev: MdevDevice) -> tuple[int, int]:
    """Return width and height in pixels."""
    return RESOLUTIONS[mdev.type.group_name]
