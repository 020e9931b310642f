"""Helpers for the tests of vendor driver models: parents, types, counts, attributes."""

from __future__ import annotations

from mdevref.host import Host
from tests.machines import machine, uuid

GPU = "devices/pci0000:00/0000:00:02.0"


def loaded(era: str, vendor: str, **options: str) -> Host:
    host = machine(era)
    host.load(vendor, **options)
    return host


def types_of(host: Host, parent: str) -> list[str]:
    return host.sysfs.listdir(f"class/mdev_bus/{parent}/mdev_supported_types")


def type_of(parent: str, name: str) -> str:
    return f"class/mdev_bus/{parent}/mdev_supported_types/{name}"


def counts(host: Host, parent: str) -> list[int]:
    return [
        int(host.sysfs.read(f"{type_of(parent, name)}/available_instances")) for name in sorted(types_of(host, parent))
    ]


def attribute(name: str, number: int = 1) -> str:
    return f"bus/mdev/devices/{uuid(number)}/{name}"
