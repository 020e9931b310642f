"""``i915``: the shape of Intel's GVT-g, which shares a GPU's graphics memory and fences (facts 6.2)."""

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
    """What a device of a type takes: low and high graphics memory in MB, fences, its share of time, its resolution."""

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
GRAPHICS_MEMORY = 4096  #: MB that the GPU can address; those beyond the aperture are the high ones
HOST_LOW, HOST_HIGH, HOST_FENCES = 128, 384, 4  #: what 5.10's i915 keeps for the host (gvt/gvt.h)
FENCES = 32  #: of the whole GPU


@dataclass(slots=True)
class Gpu:
    """What is left of one GPU."""

    low: int
    high: int
    fences: int = FENCES - HOST_FENCES
    ids: LowestFree = field(default_factory=LowestFree)

    def room(self, profile: Profile) -> int:
        """How many devices of ``profile`` fit in."""
        return min(self.low // profile.low, self.high // profile.high, self.fences // profile.fences)

    def take(self, profile: Profile, sign: int = 1) -> None:
        """Take what a device needs; ``sign`` -1 gives it back."""
        self.low -= sign * profile.low
        self.high -= sign * profile.high
        self.fences -= sign * profile.fences


_DEVICE_GROUP = AttributeGroup("intel_vgpu", [Attribute("vgpu_id", 0o444, lambda mdev: f"{mdev.data + 1}\n".encode())])


class I915(PlacedDriver):
    """ENOSPC when a GPU is used up; a device that is open cannot be removed (EBUSY) while a vendor may refuse that.

    Options: ``aperture``, MB of low graphics memory (256, 512 or 1024; what the firmware sets); ``generation`` of the
    GPU, 8 or 9, which is in the types' names. A type for which the aperture has no room at all is not offered.
    """

    name = "i915"
    mdev_driver_name = "intel_vgpu_mdev"
    hardware = pci(0x8086, 0x5916, (0x8086, 0x2212), 0x030000)
    defaults: ClassVar[Mapping[str, str]] = {"addresses": "0000:00:02.0", "aperture": "256", "generation": "9"}
    # 5.10's driver has no name; from 6.1 on the core shows the type's own.
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
