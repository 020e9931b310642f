"""A model of devices with which a host is compared."""

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
    """The expected state of a device."""

    vendor: str
    type: str
    is_bound: bool
    open_files: list[HeldDevice] = field(default_factory=list)


def cost(device: Model) -> int:
    """Return the amount of the vendor's resource that a device takes."""
    suffix = device.type.rpartition("-")[2]
    return {"mtty": lambda: int(suffix), "mbochs": lambda: SIZES[suffix]}.get(device.vendor, lambda: 1)()
