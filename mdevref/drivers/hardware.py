"""Hardware that vendor drivers find on a bus: PCI functions, subchannels, the crypto matrix.

A real machine has its hardware regardless of drivers. Here the first load of a driver adds the hardware for it, and
unloading the driver leaves it in place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from errno import EINVAL

from mdevref.kernel.attributes import Attribute, AttributeGroup
from mdevref.kernel.bus import Bus
from mdevref.kernel.core import Kernel
from mdevref.kernel.device import Device, Driver
from mdevref.kernel.directories import Directory
from mdevref.kernel.errors import fail


@dataclass(frozen=True, slots=True)
class Hardware:
    """A kind of device on a bus.

    ``form`` describes its addresses and ``address`` is their pattern. ``above`` returns the parent directory of the
    device at an address, ``files`` its files and ``variables`` its uevent variables.
    """

    bus: str
    form: str
    address: re.Pattern[str]
    above: Callable[[str], str]
    files: Callable[[str], Mapping[str, bytes]]
    variables: Callable[[str], Mapping[str, str]]

    def check(self, address: str) -> None:
        """Raise ``EINVAL`` if ``address`` is not a valid address of this kind."""
        if not self.address.fullmatch(address):
            raise fail(EINVAL, address)


class PhysicalDevice(Device):
    """A device at an address. It matches only the driver named ``fits``."""

    __slots__ = ("fits", "variables")

    def __init__(self, address: str, parent: Device, bus: Bus, hardware: Hardware, fits: str) -> None:
        files = [_file(name, content) for name, content in hardware.files(address).items()]
        groups = [AttributeGroup(None, files)] if files else []
        super().__init__(address, parent=parent, bus=bus, groups=groups)
        self.fits = fits
        self.variables = hardware.variables(address)

    def environment(self) -> dict[str, str]:
        return {**super().environment(), **self.variables}


def bus_of(kernel: Kernel, hardware: Hardware) -> Bus:
    """Return the bus of ``hardware``, and register it on first use. A real machine has the bus from boot on."""
    directory = kernel.bus_directory.children.get(hardware.bus)
    if isinstance(directory, Directory):
        bus = directory.owner
        assert isinstance(bus, Bus)
        return bus
    return Bus(kernel.driver_core, hardware.bus, match=_fits)


def plug(kernel: Kernel, hardware: Hardware, address: str, fits: str) -> None:
    """Add a device at ``address`` unless one exists there. ``fits`` names the driver that it matches."""
    bus = bus_of(kernel, hardware)
    if address in bus.devices:
        return
    name = hardware.above(address)
    directory = kernel.devices_directory.children.get(name)
    if isinstance(directory, Directory):
        above = directory.owner
        assert isinstance(above, Device)
    else:
        above = Device(name)
        kernel.driver_core.add_device(above)
    kernel.driver_core.add_device(PhysicalDevice(address, above, bus, hardware, fits))


def _fits(device: Device, driver: Driver) -> bool:
    return isinstance(device, PhysicalDevice) and device.fits == driver.name


def _file(name: str, content: bytes) -> Attribute:
    return Attribute(name, 0o444, lambda device: content)


def pci(vendor: int, device: int, subsystem: tuple[int, int], kind: int) -> Hardware:
    """Return the description of a PCI function with these ids. ``kind`` is the 24-bit class code.

    The address of the function determines its root bus.
    """
    ids = f"v{vendor:08X}d{device:08X}sv{subsystem[0]:08X}sd{subsystem[1]:08X}"
    modalias = f"pci:{ids}bc{kind >> 16:02X}sc{kind >> 8 & 0xFF:02X}i{kind & 0xFF:02X}"
    config = bytearray(256)
    for position, size, value in (
        (0x00, 2, vendor),
        (0x02, 2, device),
        (0x09, 3, kind),
        (0x2C, 2, subsystem[0]),
        (0x2E, 2, subsystem[1]),
    ):
        config[position : position + size] = value.to_bytes(size, "little")
    files = {
        "class": f"0x{kind:06x}\n".encode(),
        "config": bytes(config),
        "device": f"0x{device:04x}\n".encode(),
        "irq": b"0\n",
        "modalias": f"{modalias}\n".encode(),
        "numa_node": b"-1\n",
        "resource": b"0x0000000000000000 0x0000000000000000 0x0000000000000000\n" * 13,
        "revision": b"0x00\n",
        "subsystem_device": f"0x{subsystem[1]:04x}\n".encode(),
        "subsystem_vendor": f"0x{subsystem[0]:04x}\n".encode(),
        "vendor": f"0x{vendor:04x}\n".encode(),
    }

    def variables(address: str) -> Mapping[str, str]:
        return {
            "PCI_CLASS": f"{kind:X}",
            "PCI_ID": f"{vendor:04X}:{device:04X}",
            "PCI_SUBSYS_ID": f"{subsystem[0]:04X}:{subsystem[1]:04X}",
            "PCI_SLOT_NAME": address,
            "MODALIAS": modalias,
        }

    return Hardware(
        bus="pci",
        form="a PCI address such as 0000:00:02.0",
        address=re.compile(r"[0-9a-f]{4}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]"),
        above=lambda address: f"pci{address[:7]}",
        files=lambda address: files,
        variables=variables,
    )


#: A subchannel of a mainframe's channel subsystem, for I/O (type 0).
SUBCHANNEL = Hardware(
    bus="css",
    form="a subchannel such as 0.0.0313",
    address=re.compile(r"0\.[0-3]\.[0-9a-f]{4}"),
    above=lambda address: "css0",
    files=lambda address: {"modalias": b"css:t0\n", "type": b"0\n"},
    variables=lambda address: {"ST": "0", "MODALIAS": "css:t0"},
)

#: The one device that represents all crypto queues of a mainframe (fact 6.3).
CRYPTO_MATRIX = Hardware(
    bus="matrix",
    form="matrix",
    address=re.compile("matrix"),
    above=lambda address: "vfio_ap",
    files=lambda address: {},
    variables=lambda address: {},
)
