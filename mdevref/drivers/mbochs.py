"""``mbochs``: the sample driver of virtual displays with video memory (fact 6.2)."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from errno import EINVAL, ENOMEM, ENOSPC
from typing import ClassVar

from mdevref.drivers.mbochs_display import Display
from mdevref.drivers.vendor import Offer, StatefulDriver
from mdevref.kernel.attributes import Attribute, AttributeGroup
from mdevref.kernel.device import dev_info
from mdevref.kernel.errors import fail
from mdevref.kernel.files import PAGE
from mdevref.mdev.core import Core
from mdevref.mdev.objects import MdevDevice, MdevType
from mdevref.vfio.core import Vfio

MEGABYTES = 256  #: video memory of all devices together, in MB; default of the parameter ``count``
SIZES = {"small": 4, "medium": 16, "large": 64}  #: video memory of a device, in megabytes
LARGEST = {"small": (800, 600), "medium": (1920, 1440), "large": (0, 0)}  #: resolutions, in pixels; 0: any

_DEVICE_GROUP = AttributeGroup(
    "vendor", [Attribute("memory", 0o444, lambda mdev: f"{SIZES[mdev.type.group_name]} MB\n".encode())]
)


class Mbochs(StatefulDriver):
    """Displays that share one pool of video memory. When it is exhausted: ENOMEM until 5.12, ENOSPC from 6.1 on."""

    name = "mbochs"
    defaults: ClassVar[Mapping[str, str]] = {"count": str(MEGABYTES)}
    offers = tuple(
        Offer(suffix, f"mbochs-{suffix}", f"virtual display, {megabytes} MB video memory")
        for suffix, megabytes in SIZES.items()
    )

    def __init__(self, core: Core, vfio: Vfio, parameters: Mapping[str, str]) -> None:
        super().__init__(core, vfio, parameters)
        count = self.parameters["count"]
        if not count.isdecimal():
            raise fail(EINVAL, f"count={count}")
        self._lock = threading.Lock()
        self._free = int(count)

    def device_groups(self) -> list[AttributeGroup]:
        return [_DEVICE_GROUP]

    def create(self, mtype: MdevType, mdev: MdevDevice) -> None:
        megabytes = SIZES[mtype.group_name]
        with self._lock:
            if self._free < megabytes:
                raise fail(ENOSPC if self.core.era.core_owns_types else ENOMEM, mtype.name)
            self._free -= megabytes
        mdev.data = Display(megabytes, LARGEST[mtype.group_name])
        function = "mbochs_init_dev" if self.core.era.core_owns_types else "mbochs_create"
        pages = megabytes * 1024 * 1024 // PAGE
        dev_info(self.kernel.log, mdev, f"{function}: {mtype.name}, {megabytes} MB, {pages} pages")

    def remove(self, mdev: MdevDevice) -> None:
        with self._lock:
            self._free += SIZES[mdev.type.group_name]

    def available(self, mtype: MdevType) -> int:
        return self._free // SIZES[mtype.group_name]
