"""Kernels, modules and programs made up for these tests: in the format of the real ones, without their contents."""

from __future__ import annotations

import gzip
import hashlib
import io
import struct
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from mdevref.suite.vm import emulator, samples
from mdevref.suite.vm.kernels import SAMPLES, SCRIPTED


def module(info: Mapping[str, str]) -> bytes:
    """Return an ELF file with a .modinfo section like that of a kernel module."""
    strings = b"\0.modinfo\0.shstrtab\0"
    modinfo = b"".join(f"{key}={value}".encode() + b"\0" for key, value in info.items())
    sections_at = 64 + len(strings) + len(modinfo)
    header = struct.pack(
        "<16sHHIQQQIHHHHHH", b"\x7fELF\x02\x01\x01", 1, 62, 1, 0, 0, sections_at, 0, 64, 0, 0, 64, 3, 1
    )

    def section(name: int, offset: int, size: int) -> bytes:
        return struct.pack("<IIQQQQIIQQ", name, 1, 0, 0, offset, size, 0, 0, 1, 0)

    table = section(0, 0, 0) + section(10, 64, len(strings)) + section(1, 64 + len(strings), len(modinfo))
    return header + strings + modinfo + table


def write_module(path: Path, depends: str = "", release: str = "6.1.0-made-up") -> Path:
    """Write the file of a module that needs others."""
    name = path.name.split(".")[0].replace("-", "_")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(
        module({"license": "GPL", "depends": depends, "name": name, "vermagic": f"{release} SMP mod_unload "})
    )
    return path


def bzimage(payload: bytes, release: str = "6.1.0-made-up", protocol: int = 0x20F) -> bytes:
    """Return a bzImage around a packed kernel, followed by the kernel's size as in real ones."""
    setup_sectors, offset = 3, 0x40
    payload += struct.pack("<I", 123)
    image = bytearray(512 * (setup_sectors + 1) + offset)
    image[0x1F1] = setup_sectors
    image[0x1FE:0x200] = b"\x55\xaa"
    image[0x202:0x206] = b"HdrS"
    struct.pack_into("<H", image, 0x206, protocol)
    struct.pack_into("<H", image, 0x20E, 0x400 - 0x200)
    text = f"{release} (somebody@somewhere) #1".encode()
    image[0x400 : 0x400 + len(text)] = text
    struct.pack_into("<II", image, 0x248, offset, len(payload))
    return bytes(image) + payload + b"the end"


def program(folder: Path, name: str, body: str) -> Path:
    """Write a shell script into a folder that a test puts on PATH; the script uses the machine's programs."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{body}\n")
    path.chmod(0o755)
    return path


class Archive:
    """A distribution's archive of one kernel, and minimal versions of the programs that access it.

    ``log`` names the programs that succeeded, in order. A file ``allowed`` contains the number of downloads,
    unpackings and builds that may still succeed before the next one fails.
    """

    release = "6.1.0-9-amd64"
    version = "6.1.9-1"

    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder = folder
        (folder / "pool").mkdir(parents=True)
        self.allowed = folder / "allowed"
        self._log = folder / "log"
        self._log.touch()
        self._fill()
        self._programs(programs)

    def _fill(self) -> None:
        folder = self.folder
        self._package("linux-image-amd64", {}, depends=f"linux-image-{self.release} (= {self.version})")
        self._package(
            f"linux-image-{self.release}",
            {
                f"boot/vmlinuz-{self.release}": bzimage(gzip.compress(emulator.probe_kernel())),
                **{
                    f"lib/modules/{self.release}/kernel/drivers/vfio/{name}.ko": module(
                        {"name": name, "depends": depends, "vermagic": f"{self.release} SMP"}
                    )
                    for name, depends in (
                        ("vfio", ""),
                        ("vfio_iommu_type1", "vfio"),
                        ("mdev", ""),
                        ("vfio_pci", "vfio"),
                    )
                },
            },
        )
        tree = f"usr/src/linux-headers-{self.release}"
        self._package(
            f"linux-headers-{self.release}",
            {f"{tree}/Makefile": f"include /{tree.replace('amd64', 'common')}/Makefile\n".encode()},
            depends=f"linux-headers-6.1.0-9-common (= {self.version}), linux-kbuild-6.1 (>= 6.1), some-compiler",
        )
        self._package("linux-headers-6.1.0-9-common", {f"{tree.replace('amd64', 'common')}/Makefile": b""})
        self._package("linux-kbuild-6.1", {"usr/lib/linux-kbuild-6.1/scripts/tool": b""})
        source = {f"linux-source-6.1/{samples.DOCUMENT}": b"Widgets\n=======\n\nOne.\n"}
        source |= {f"linux-source-6.1/samples/vfio-mdev/{name}.c": f"/* {name} */\n".encode() for name in SAMPLES}
        source["linux-source-6.1/README"] = source["linux-source-6.1/zzz"] = b"more of the kernel"
        self._package("linux-source-6.1", {"usr/src/linux-source-6.1.tar.xz": _tar(source, "w:xz")})
        for name in (*SAMPLES, SCRIPTED):
            info = {"name": name, "depends": "mdev,vfio", "vermagic": f"{self.release} SMP"}
            (folder / f"{name}.ko").write_bytes(module(info))

    def _package(self, name: str, files: Mapping[str, bytes], depends: str = "") -> None:
        data = _tar(files, "w")
        (self.folder / "pool" / f"{name}_{self.version}_amd64.deb").write_bytes(data)
        (self.folder / f"{name}.show").write_text(
            f"Package: {name}\nVersion: {self.version}\nArchitecture: amd64\nDepends: {depends}\n"
            f"Size: {len(data)}\nSHA256: {hashlib.sha256(data).hexdigest()}\n\n"
        )

    def _programs(self, folder: Path) -> None:
        here = self.folder
        work = f"""
        work() {{
          if [ -e {here}/allowed ]; then
            left=$(cat {here}/allowed)
            if [ $left = 0 ]; then echo "${{wrong:-E: interrupted}}" >&2; exit 9; fi
            echo $((left - 1)) > {here}/allowed
          fi
          echo "$@" >> {here}/log
        }}
        """
        program(folder, "gcc", "exit 0")
        program(
            folder,
            "apt-get",
            f"""{work}
            [ "$1" = -c ] && shift 2
            case $1 in
              indextargets) echo "http://deb.example/debian bookworm main"
                            echo "http://deb.example/debian bookworm-updates main"
                            echo "http://deb.example/security bookworm-security main" ;;
              install) for wanted in {here}/*.show; do
                         name=$(basename $wanted .show)
                         echo "Inst $name ($(sed -n 's/^Version: //p' $wanted) Debian:stable [amd64]) []"
                       done ;;
              update) [ ! -e {here}/update ] || {{ cat {here}/update >&2; exit 100; }} ;;
              download) shift
                for wanted in "$@"; do
                  file=${{wanted%%=*}}_${{wanted#*=}}_amd64.deb
                  # Half of the file is there when a download is interrupted.
                  wrong="E: Failed to fetch: Connection timed out"
                  head -c 100 {here}/pool/$file > $file
                  work download ${{wanted%%=*}}
                  cp {here}/pool/$file $file
                done ;;
            esac""",
        )
        program(
            folder,
            "apt-cache",
            f"""[ "$1" = -c ] && shift 2
            shift
            for name; do
              [ "$name" = --no-all-versions ] && continue
              cat "{here}/${{name%%=*}}.show" 2>/dev/null || {{ echo "E: No packages found" >&2; exit 100; }}
            done""",
        )
        program(
            folder,
            "dpkg-deb",
            f"""{work}
            work $1 $(basename $2)
            case $1 in
              --extract) tar -x -f $2 -C $3 ;;
              --fsys-tarfile) cat $2 ;;
            esac""",
        )
        program(
            folder,
            "make",
            f"""{work}
            wrong="mtty.c:1: error: it does not compile"
            work make
            for word; do case $word in M=*) into=${{word#M=}} ;; esac; done
            for name in {" ".join((*SAMPLES, SCRIPTED))}; do cp {here}/$name.ko $into/; done""",
        )

    def log(self) -> list[str]:
        """Return what was done, in order."""
        return self._log.read_text().splitlines()


def _tar(files: Mapping[str, bytes], mode: Literal["w", "w:xz"]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(f"./{name}" if mode == "w" else name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return out.getvalue()
