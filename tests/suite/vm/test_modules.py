from __future__ import annotations

import gzip
import lzma
from pathlib import Path

import pytest

from mdevref.suite.vm import VmError
from mdevref.suite.vm.modules import find_modules, load_order, modinfo, read_module
from tests.suite.vm import made_up


def test_modinfo_tells_what_a_module_says_of_itself() -> None:
    assert modinfo(made_up.module({"name": "mtty", "depends": "mdev,vfio", "parm": "a=b"})) == {
        "name": "mtty",
        "depends": "mdev,vfio",
        "parm": "a=b",
    }


@pytest.mark.parametrize(("suffix", "pack"), [(".ko", bytes), (".ko.xz", lzma.compress), (".ko.gz", gzip.compress)])
def test_a_packed_module_reads_like_a_plain_one(tmp_path: Path, suffix: str, pack: object) -> None:
    assert callable(pack)
    path = tmp_path / f"vfio-pci{suffix}"
    path.write_bytes(
        pack(made_up.module({"name": "vfio_pci", "depends": "vfio-pci-core,irqbypass", "vermagic": "6.1 SMP"}))
    )
    module = read_module(path)
    assert (module.name, module.depends, module.vermagic) == ("vfio_pci", ("vfio_pci_core", "irqbypass"), "6.1 SMP")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"#!/bin/sh\n", "not a 64-bit little-endian ELF file"),
        (made_up.module({"name": "x"})[:70], "damaged"),
        (made_up.module({"name": "x"}).replace(b".modinfo", b".nothing"), "ELF file without a .modinfo section"),
        (lzma.compress(b"x" * 1000)[:40] + b"\xff" * 40, "damaged xz data"),
    ],
)
def test_a_file_that_is_no_module_is_named(tmp_path: Path, data: bytes, why: str) -> None:
    path = tmp_path / "driver.ko"
    path.write_bytes(data)
    with pytest.raises(VmError, match=rf"driver\.ko: not a kernel module: .*{why}"):
        read_module(path)


def test_each_module_loads_after_what_it_needs(tmp_path: Path) -> None:
    made_up.write_module(tmp_path / "a" / "vfio.ko")
    made_up.write_module(tmp_path / "b" / "mdev.ko", "vfio")
    made_up.write_module(tmp_path / "b" / "vfio_iommu_type1.ko", "vfio")
    mtty = made_up.write_module(tmp_path / "own" / "mtty.ko", "mdev,vfio")
    available = find_modules(tmp_path)
    core = load_order([available["vfio_iommu_type1"]], available)
    assert [module.name for module in core] == ["vfio", "vfio_iommu_type1"]
    assert [module.name for module in load_order([mtty], available)] == ["vfio", "mdev", "mtty"]
    assert [module.name for module in load_order([mtty], available, loaded=["vfio", "mdev"])] == ["mtty"]


def test_a_module_that_is_missing_is_named_with_who_needs_it(tmp_path: Path) -> None:
    path = made_up.write_module(tmp_path / "mtty.ko", "mdev")
    with pytest.raises(VmError, match=r"mtty\.ko needs the module mdev, which was not found"):
        load_order([path], find_modules(tmp_path))


def test_modules_in_a_circle_are_refused(tmp_path: Path) -> None:
    made_up.write_module(tmp_path / "a.ko", "b")
    path = made_up.write_module(tmp_path / "b.ko", "a")
    with pytest.raises(VmError, match="b -> a -> b"):
        load_order([path], find_modules(tmp_path))


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(VmError, match="none: folder of kernel modules not found"):
        find_modules(tmp_path / "none")
