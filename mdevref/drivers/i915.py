"""``i915``: the interface of Intel's GVT-g, which divides the graphics memory and fences of a GPU (facts 6.2)."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from errno import EBUSY, EINVAL, ENOSPC
from typing import ClassVar

from mdevref.drivers.hardware import pci
from mdevref.drivers.placed import PlacedDriver
from mdevref.drivers.vendor import Offer
from mdevref.kernel.attributes import Attribute, AttributeGroup
from mdevref.kernel.device import Device
from mdevref.kernel.errors import fail
from mdevref.kernel.ids import LowestFree
from mdevref.mdev.core import Core
from mdevref.mdev.objects import MdevDevice, MdevType
from mdevref.vfio.core import Vfio


@dataclass(frozen=True, slots=True)
class Profile:
    """The resources of a device of one type: low and high graphics memory in MB, fences, time weight, resolution."""

    low: int
    high: int
    fences: int
    weight: int
    resolution: str

    def describe(self) -> str:
        return (
            f"low_gm_size: {self.low}MB\nhigh_gm_size: {self.high}MB\nfence: {self.fences}\n"
            f"resolution: {self.resolution}\nweight: {self.weight}"
        )


#: The profiles by the last part of a type's name (facts 6.2).
PROFILES = {
    "8": Profile(64, 384, 4, 2, "1024x768"),
    "4": Profile(128, 512, 4, 4, "1920x1200"),
    "2": Profile(256, 1024, 4, 8, "1920x1200"),
    "1": Profile(512, 2048, 4, 16, "1920x1200"),
}
GRAPHICS_MEMORY = 4096  #: MB that the GPU can address; memory beyond the aperture is high memory
HOST_LOW, HOST_HIGH, HOST_FENCES = 128, 384, 4  #: reserved for the host by i915 in 5.10 (gvt/gvt.h)
FENCES = 32  #: number of fences of the whole GPU


@dataclass(slots=True)
class Gpu:
    """The free resources of one GPU."""

    low: int
    high: int
    fences: int = FENCES - HOST_FENCES
    ids: LowestFree = field(default_factory=LowestFree)

    def room(self, profile: Profile) -> int:
        """Return how many more devices of ``profile`` fit."""
        return min(self.low // profile.low, self.high // profile.high, self.fences // profile.fences)

    def take(self, profile: Profile, sign: int = 1) -> None:
        """Take the resources of a device, or return them if ``sign`` is -1."""
        self.low -= sign * profile.low
        self.high -= sign * profile.high
        self.fences -= sign * profile.fences


_DEVICE_GROUP = AttributeGroup("intel_vgpu", [Attribute("vgpu_id", 0o444, lambda mdev: f"{mdev.data + 1}\n".encode())])


class I915(PlacedDriver):
    """Virtual GPUs of Intel. Create fails with ENOSPC when a GPU is exhausted.

    In eras in which a vendor may refuse removal, removing an open device fails with EBUSY. The option ``aperture`` is
    the low graphics memory in MB that the firmware sets (256, 512 or 1024). The option ``generation`` is that of the
    GPU, 8 or 9, and part of the names of types. Types that never fit into the aperture are not offered.
    """

    name = "i915"
    mdev_driver_name = "intel_vgpu_mdev"
    hardware = pci(0x8086, 0x5916, (0x8086, 0x2212), 0x030000)
    defaults: ClassVar[Mapping[str, str]] = {"addresses": "0000:00:02.0", "aperture": "256", "generation": "9"}
    # The driver of 5.10 has no name attribute; from 6.1 on the core shows the type's own name.
    optional_attributes = frozenset({"description", "available_instances", "device_api"})

    def __init__(self, core: Core, vfio: Vfio, parameters: Mapping[str, str]) -> None:
        super().__init__(core, vfio, parameters)
        self._aperture = self.number("aperture")
        generation = self.number("generation")
        if generation not in (8, 9) or not HOST_LOW < self._aperture < GRAPHICS_MEMORY:
            raise fail(EINVAL, f"aperture={self._aperture} generation={generation}")
        self._lock = threading.Lock()
        self._gpus: dict[Device, Gpu] = {}
        self.offers = tuple(
            Offer(f"GVTg_V{generation - 4}_{suffix}", "", profile.describe())
            for suffix, profile in PROFILES.items()
            if profile.low <= self._aperture - HOST_LOW
        )

    def device_groups(self) -> list[AttributeGroup]:
        return [_DEVICE_GROUP]

    def parent_comes(self, device: Device) -> None:
        self._gpus[device] = Gpu(self._aperture - HOST_LOW, GRAPHICS_MEMORY - self._aperture - HOST_HIGH)

    def create(self, mtype: MdevType, mdev: MdevDevice) -> None:
        gpu, profile = self._gpus[mtype.parent.device], _profile(mtype)
        with self._lock:
            if not gpu.room(profile):
                raise fail(ENOSPC, mtype.name)
            gpu.take(profile)
            mdev.data = gpu.ids.take()

    def remove(self, mdev: MdevDevice) -> None:
        if mdev in self.users:
            raise fail(EBUSY, mdev.name)
        gpu = self._gpus[mdev.type.parent.device]
        with self._lock:
            gpu.take(_profile(mdev.type), sign=-1)
            gpu.ids.give_back(mdev.data)

    def available(self, mtype: MdevType) -> int:
        return self._gpus[mtype.parent.device].room(_profile(mtype))


def _profile(mtype: MdevType) -> Profile:
    return PROFILES[mtype.group_name.rpartition("_")[2]]
