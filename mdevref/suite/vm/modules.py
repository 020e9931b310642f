"""Kernel modules as files: what one says of itself, and the order in which a set of them loads.

The distribution's packages come without the index that depmod makes, so dependencies are read from the modules.
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
    """A module: its name as lsmod tells it, the names of those it needs, the kernel it was built for, and its file."""

    name: str
    depends: tuple[str, ...]
    vermagic: str
    path: Path


def module_name(path: Path) -> str:
    """The name under which a module's file loads: a dash of the file's name is an underscore."""
    return path.name.split(".ko")[0].replace("-", "_")


def contents(path: Path) -> bytes:
    """A module's file, unpacked."""
    try:
        return decompress(path.read_bytes())
    except OSError as error:
        raise VmError(f"{path}: {error.strerror}") from error


def modinfo(elf: bytes) -> dict[str, str]:
    """The ``key=value`` strings of a module's .modinfo section; of a key that stands there twice, the first."""
    if elf[:4] != b"\x7fELF" or elf[4:6] != b"\x02\x01":
        raise VmError("not a 64-bit little-endian ELF file")
    try:
        (sections_at,) = struct.unpack_from("<Q", elf, 0x28)
        entry_size, count, names_index = struct.unpack_from("<HHH", elf, 0x3A)
        headers = [struct.unpack_from("<IIQQQQ", elf, sections_at + index * entry_size) for index in range(count)]
        names_at = headers[names_index][4]
    except (struct.error, IndexError) as error:
        raise VmError("a damaged ELF file") from error
    for name, _type, _flags, _address, offset, size in headers:
        if elf[names_at + name : names_at + name + 9] == b".modinfo\0":
            pairs = [
                entry.decode(errors="replace").partition("=") for entry in elf[offset : offset + size].split(b"\0")
            ]
            return {key: value for key, equals, value in reversed(pairs) if equals}
    raise VmError("an ELF file that is no kernel module")


def read_module(path: Path) -> Module:
    """What a module's file says of itself."""
    try:
        info = modinfo(contents(path))
    except VmError as error:
        raise VmError(f"{path.name} is no kernel module: {error}") from error
    depends = tuple(name.replace("-", "_") for name in info.get("depends", "").split(",") if name)
    return Module(info.get("name", module_name(path)), depends, info.get("vermagic", ""), path)


def find_modules(folder: Path) -> dict[str, Path]:
    """Name -> file of every module below a folder."""
    if not folder.is_dir():
        raise VmError(f"{folder} is no folder of kernel modules")
    return {module_name(path): path for path in sorted(folder.rglob("*.ko*")) if path.name.endswith(SUFFIXES)}


def load_order(wanted: Iterable[Path], available: Mapping[str, Path], loaded: Iterable[str] = ()) -> list[Module]:
    """The wanted modules and all they need, each after what it needs, without those that are ``loaded`` by then."""
    there = frozenset(loaded)
    order: dict[str, Module] = {}

    def add(path: Path, on_the_way: tuple[str, ...]) -> None:
        module = read_module(path)
        if module.name in order or module.name in there:
            return
        if module.name in on_the_way:
            raise VmError(f"modules need each other in a circle: {' -> '.join((*on_the_way, module.name))}")
        for name in module.depends:
            if name in there or name in order:
                continue
            if name in available:
                add(available[name], (*on_the_way, module.name))
            else:
                raise VmError(f"{module.path.name} needs the module {name}, which is not there")
        order[module.name] = module

    for path in wanted:
        add(path, ())
    return list(order.values())
