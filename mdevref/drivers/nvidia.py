"""``nvidia``: the interface of NVIDIA's vGPU, where the first device fixes the type of all on its GPU (facts 6.2).

The driver is not published. This model follows its user manuals and bug reports.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from errno import EINVAL
from typing import ClassVar

from mdevref.drivers.hardware import pci
from mdevref.drivers.placed import PlacedDriver
from mdevref.drivers.vendor import Offer
from mdevref.kernel.attributes import Attribute, AttributeGroup
from mdevref.kernel.device import Device
from mdevref.kernel.errors import fail
from mdevref.mdev.core import Core
from mdevref.mdev.objects import MdevDevice, MdevType
from mdevref.vfio.core import Vfio

#: Types of one GPU of a Tesla M60, by number: name, heads, frame rate limit, framebuffer in MB, resolution, instances.
TYPES = {
    "11": ("GRID M60-0B", 2, 45, 512, "2560x1600", 16),
    "15": ("GRID M60-1Q", 4, 60, 1024, "5120x2880", 8),
    "18": ("GRID M60-2Q", 4, 60, 2048, "5120x2880", 4),
    "20": ("GRID M60-4Q", 4, 60, 4096, "5120x2880", 2),
    "22": ("GRID M60-8Q", 4, 60, 8192, "5120x2880", 1),
}


def _describe(number: str) -> str:
    _, heads, limit, framebuffer, resolution, instances = TYPES[number]
    return (
        f"num_heads={heads}, frl_config={limit}, framebuffer={framebuffer}M, "
        f"max_resolution={resolution}, max_instance={instances}"
    )


def _store_parameters(mdev: MdevDevice, data: bytes) -> None:
    mdev.data = data.rstrip(b"\n")


_DEVICE_GROUP = AttributeGroup(
    "nvidia", [Attribute("vgpu_params", 0o644, lambda mdev: mdev.data + b"\n", _store_parameters)]
)


class Nvidia(PlacedDriver):
    """Virtual GPUs of NVIDIA. While a GPU has a device, its other types have no instances.

    Without an available instance create fails with EINVAL, the only errno reported for it (mdevctl issue 115).
    """

    name = "nvidia"
    mdev_driver_name = "nvidia-vgpu-vfio"
    hardware = pci(0x10DE, 0x13F2, (0x10DE, 0x115E), 0x030000)
    defaults: ClassVar[Mapping[str, str]] = {"addresses": "0000:3b:00.0"}
    offers = tuple(Offer(number, TYPES[number][0], _describe(number)) for number in TYPES)

    def __init__(self, core: Core, vfio: Vfio, parameters: Mapping[str, str]) -> None:
        super().__init__(core, vfio, parameters)
        self._lock = threading.Lock()
        self._devices: dict[Device, list[str]] = {}  # for each GPU, the type numbers of its devices

    def device_groups(self) -> list[AttributeGroup]:
        return [_DEVICE_GROUP]

    def parent_comes(self, device: Device) -> None:
        self._devices[device] = []

    def create(self, mtype: MdevType, mdev: MdevDevice) -> None:
        with self._lock:
            if not self.available(mtype):
                raise fail(EINVAL, mtype.name)
            self._devices[mtype.parent.device].append(mtype.group_name)
        mdev.data = b""

    def remove(self, mdev: MdevDevice) -> None:
        with self._lock:
            self._devices[mdev.type.parent.device].remove(mdev.type.group_name)

    def available(self, mtype: MdevType) -> int:
        made = self._devices[mtype.parent.device]
        if made and made[0] != mtype.group_name:
            return 0
        return TYPES[mtype.group_name][-1] - len(made)
