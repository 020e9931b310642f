"""Devices as they ought to be, for a host to be compared with."""

from __future__ import annotations

from dataclasses import dataclass, field

from mdevref.drivers.mbochs import SIZES
from mdevref.vfio.holding import HeldDevice

TYPES = {
    "mtty": ("mtty-1", "mtty-2"),
    "mdpy": ("mdpy-vga", "mdpy-hd"),
    "mbochs": ("mbochs-medium", "mbochs-large"),
    "scripted": ("scripted-plain", "scripted-fancy"),
}
VENDORS = sorted(TYPES)


@dataclass
class Model:
    """A device as it ought to be."""

    vendor: str
    type: str
    is_bound: bool
    open_files: list[HeldDevice] = field(default_factory=list)


def cost(device: Model) -> int:
    """What a device takes of its vendor's resource."""
    suffix = device.type.rpartition("-")[2]
    return {"mtty": lambda: int(suffix), "mbochs": lambda: SIZES[suffix]}.get(device.vendor, lambda: 1)()
