"""The names of the reference host, for the trace: files of its tree, members and functions of its drivers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from mdevref.mdev.core import Core
from mdevref.mdev.objects import MdevParentOps
from mdevref.suite.interface import vmm
from mdevref.suite.interface.files import Files
from mdevref.suite.targets.reference.target import ReferenceMachine, ReferenceTarget
from mdevref.vfio.pinning import Pinning

_CLASS = "class/mdev_bus"
_SAMPLE = "devices/virtual/mtty/mtty"
#: The bytes that the guest in the document wrote to configuration space: the addresses of its ports, and its interrupt.
_GUESTS = {0x10: b"\x50\xc1\0\0", 0x14: b"\x58\xc1\0\0", 0x3C: b"\x0a"}
_UUID = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001"  # arbitrary; the device vanishes with its host


def reference_names() -> dict[str, dict[str, str]]:
    """Return the names of the reference by topic, each with its value, or an empty string if it has none.

    Files and bytes are those of a host of the document's era; functions and members are those of every era.
    """
    machine = ReferenceTarget().machine()
    try:
        files = machine.files
        parents = [f"{_CLASS}/{name}" for name in files.listdir(_CLASS)]
        types = [f"{parent}/mdev_supported_types/{name}" for parent in parents
                 for name in files.listdir(f"{parent}/mdev_supported_types")]  # fmt: skip
        files.write(f"{_CLASS}/mtty/mdev_supported_types/mtty-2/create", _UUID.encode())
        functions = [f"mdev_{name}" for name in dir(Core) if "register_" in name]
        functions += [f"vfio_{name}" for name in dir(Pinning) if name.endswith("pin_pages")]
        return {
            "function": dict.fromkeys(functions, ""),
            "ops": dict.fromkeys((field.name for field in fields(MdevParentOps)), ""),
            "parent": _all(files, parents),
            "type": _all(files, types),
            "device": _all(files, [f"bus/mdev/devices/{_UUID}"]),
            "sample": dict.fromkeys(_below(files, _SAMPLE, ""), ""),
            "config": _config(machine),
        }
    finally:
        machine.close()


def _config(machine: ReferenceMachine) -> dict[str, str]:
    """Return the head of mtty's configuration space after a guest has set its port addresses and its interrupt line."""
    group = machine.files.readlink(f"bus/mdev/devices/{_UUID}/iommu_group").rpartition("/")[2]
    device = vmm.hold(machine.process(), _UUID, group)
    try:
        config = vmm.region_info(device, 7).offset
        for offset, written in _GUESTS.items():
            device.pwrite(written, config + offset)
        return {f"{offset:02x}": f"{byte:02x}" for offset, byte in enumerate(device.pread(64, config))}
    finally:
        device.close()


def _all(files: Files, folders: list[str]) -> dict[str, str]:
    """Return the names of the entries of all the folders."""
    return {name: "" for folder in folders for name in files.listdir(folder)}


def _below(files: Files, folder: str, prefix: str) -> Iterator[str]:
    for name in files.listdir(folder):
        yield f"{prefix}{name}"
        if files.lstat(f"{folder}/{name}").kind == "directory":
            yield from _below(files, f"{folder}/{name}", f"{prefix}{name}/")
