"""Kernel modules as files: read their properties, and find the order in which to load them.

The distribution's packages lack the index that depmod creates, so dependencies are read from the modules.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mdevref.suite.vm import VmError
from mdevref.suite.vm.compression import decompress

SUFFIXES = (".ko", ".ko.xz", ".ko.zst", ".ko.gz")


@dataclass(frozen=True, slots=True)
class Module:
    """A module: its name as lsmod shows it, the names of the modules it needs, its kernel, and its file."""

    name: str
    depends: tuple[str, ...]
    vermagic: str
    path: Path


def module_name(path: Path) -> str:
    """Return the name of the module in a file: dashes of the file's name become underscores."""
    return path.name.split(".ko")[0].replace("-", "_")


def contents(path: Path) -> bytes:
    """Return the uncompressed contents of a module's file. Raises VmError if it cannot be read."""
    try:
        return decompress(path.read_bytes())
    except OSError as error:
        raise VmError(f"{path}: {error.strerror}") from error


def modinfo(elf: bytes) -> dict[str, str]:
    """Return the ``key=value`` strings of a module's .modinfo section; for a duplicate key, the first value.

    Raises VmError if the file is not a kernel module.
    """
    if elf[:4] != b"\x7fELF" or elf[4:6] != b"\x02\x01":
        raise VmError("not a 64-bit little-endian ELF file")
    try:
        (sections_at,) = struct.unpack_from("<Q", elf, 0x28)
        entry_size, count, names_index = struct.unpack_from("<HHH", elf, 0x3A)
        headers = [struct.unpack_from("<IIQQQQ", elf, sections_at + index * entry_size) for index in range(count)]
        names_at = headers[names_index][4]
    except (struct.error, IndexError) as error:
        raise VmError("damaged ELF file") from error
    for name, _type, _flags, _address, offset, size in headers:
        if elf[names_at + name : names_at + name + 9] == b".modinfo\0":
            pairs = [
                entry.decode(errors="replace").partition("=") for entry in elf[offset : offset + size].split(b"\0")
            ]
            return {key: value for key, equals, value in reversed(pairs) if equals}
    raise VmError("ELF file without a .modinfo section")


def read_module(path: Path) -> Module:
    """Read the properties of a module from its file. Raises VmError if it is not a kernel module."""
    try:
        info = modinfo(contents(path))
    except VmError as error:
        raise VmError(f"{path.name}: not a kernel module: {error}") from error
    depends = tuple(name.replace("-", "_") for name in info.get("depends", "").split(",") if name)
    return Module(info.get("name", module_name(path)), depends, info.get("vermagic", ""), path)


def find_modules(folder: Path) -> dict[str, Path]:
    """Map the name of each module below a folder to its file. Raises VmError if there is no such folder."""
    if not folder.is_dir():
        raise VmError(f"{folder}: folder of kernel modules not found")
    return {module_name(path): path for path in sorted(folder.rglob("*.ko*")) if path.name.endswith(SUFFIXES)}


def load_order(wanted: Iterable[Path], available: Mapping[str, Path], loaded: Iterable[str] = ()) -> list[Module]:
    """Return the wanted modules and their dependencies in loading order, without those that are already ``loaded``.

    Raises VmError if a dependency is not ``available``, or if dependencies form a cycle.
    """
    there = frozenset(loaded)
    order: dict[str, Module] = {}

    def add(path: Path, on_the_way: tuple[str, ...]) -> None:
        module = read_module(path)
        if module.name in order or module.name in there:
            return
        if module.name in on_the_way:
            raise VmError(f"circular dependency of modules: {' -> '.join((*on_the_way, module.name))}")
        for name in module.depends:
            if name in there or name in order:
                continue
            if name in available:
                add(available[name], (*on_the_way, module.name))
            else:
                raise VmError(f"{module.path.name} needs the module {name}, which was not found")
        order[module.name] = module

    for path in wanted:
        add(path, ())
    return list(order.values())
