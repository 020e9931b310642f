from __future__ import annotations

import bz2
import gzip
import lzma
import shutil
import subprocess
from pathlib import Path

import pytest

from mdevref.suite.vm import VmError, emulator, image
from tests.suite.vm import made_up

PLAIN = emulator.probe_kernel()


def zstd(data: bytes) -> bytes:
    if (tool := shutil.which("zstd")) is None:
        pytest.skip("zstd is not installed")
    return subprocess.run([tool, "-qc"], input=data, capture_output=True, check=True).stdout


def lzma_alone(data: bytes) -> bytes:
    return lzma.compress(data, format=lzma.FORMAT_ALONE)


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, lzma_alone, bz2.compress, zstd, bytes])
def test_the_plain_kernel_comes_out_of_a_bzimage(tmp_path: Path, pack: object) -> None:
    assert callable(pack)
    path = tmp_path / "bzImage"
    path.write_bytes(made_up.bzimage(pack(PLAIN)))
    plain = image.bootable(path, tmp_path)
    assert plain == tmp_path / "vmlinux"
    assert image.pvh_entry(plain.read_bytes()) == image.pvh_entry(PLAIN) == 0x100000


def test_a_bzimage_that_cannot_be_unpacked_here_boots_as_it_is(tmp_path: Path, programs: Path) -> None:
    path = tmp_path / "bzImage"
    path.write_bytes(made_up.bzimage(b"\x28\xb5\x2f\xfd" + b"packed by zstd, which is not installed"))
    assert image.bootable(path, tmp_path) == path


def test_a_bzimage_whose_kernel_has_no_direct_entry_boots_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "bzImage"
    path.write_bytes(made_up.bzimage(gzip.compress(PLAIN.replace(b"Xen\0", b"Who\0"))))
    assert image.bootable(path, tmp_path) == path


def test_an_old_bzimage_boots_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "bzImage"
    path.write_bytes(made_up.bzimage(gzip.compress(PLAIN), protocol=0x207))
    assert image.bootable(path, tmp_path) == path


def test_a_plain_kernel_needs_its_direct_entry(tmp_path: Path) -> None:
    path = tmp_path / "vmlinux"
    path.write_bytes(PLAIN)
    assert image.bootable(path, tmp_path) == path
    path.write_bytes(PLAIN.replace(b"Xen\0", b"Who\0"))
    with pytest.raises(VmError, match=r"without a PVH entry .* use its bzImage"):
        image.bootable(path, tmp_path)


@pytest.mark.parametrize("data", [b"", b"\x7fELF", b"#!/bin/sh\n", b"\0" * 4096])
def test_a_file_that_is_no_kernel_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    with pytest.raises(VmError, match=r"file: (not an x86-64 kernel|kernel without a PVH entry)"):
        image.bootable(path, tmp_path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(VmError, match="none: No such file"):
        image.bootable(tmp_path / "none", tmp_path)


def test_the_release_of_a_kernel() -> None:
    assert image.release(made_up.bzimage(b"", release="7.3.4+deb13-amd64")) == "7.3.4+deb13-amd64"
    assert image.release(PLAIN + b"\0Linux version 6.1.0-x (me@here) (gcc) #1\0") == "6.1.0-x"
    assert image.release(PLAIN) is None
