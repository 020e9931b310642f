"""Fetch a QEMU with vfio-user support, and a kernel and tools for a guest in it, into the cache.

The QEMU of the stable releases is too old (``vfio-user-pci`` was added in 10.1). So the packages of a newer release are
unpacked into a folder, and run with the loader in that folder. Nothing is installed.
"""

from __future__ import annotations

import json
import platform
import re
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mdevref.suite.vm import VmError, apt, cpio, image, process
from mdevref.suite.vm.boot import Guest
from mdevref.suite.vm.emulator import MEMORY, QEMU, VIRTUAL_CONSOLE, Emulator
from mdevref.suite.vm.fetch import Progress, alone, full_disk_told, quiet, stage, write_last
from mdevref.suite.vm.kernels import cache_root

FORMAT: Final = 1  #: the format of the cached folder
OLDEST: Final = (10, 1)  #: the first QEMU with ``vfio-user-pci``
SUITES: Final = ("trixie-backports", "trixie")  #: QEMU and the kernel come from the first
TOOLS: Final = ("lspci", "setserial")  #: the tools with which a guest inspects its card
PACKAGES: Final = ("qemu-system-x86", "pciutils", "setserial")
#: A small kernel without drivers of real hardware; serial ports, PCI hot plug and the console are built in.
KERNEL: Final = "linux-image-cloud-amd64"
BINARY: Final = "linux-binary-{release}"
_IMAGE = "usr/lib/modules/{release}/vmlinuz"
_LIBRARIES = "usr/lib/x86_64-linux-gnu"
_LOADER = "usr/lib64/ld-linux-x86-64.so.2"
_NAMES = "usr/share/misc/pci.ids"
_GUEST_TOOLS = "tools"  # the tools' folder in a guest


@dataclass(frozen=True, slots=True)
class Machine:
    """The contents of the cache: QEMU, a kernel, tools."""

    folder: Path
    qemu: str  #: the version of QEMU's package
    release: str  #: the kernel's release as uname reports it

    @property
    def root(self) -> Path:
        """The folder of the unpacked packages."""
        return self.folder / "root"

    @property
    def command(self) -> tuple[str, ...]:
        """The command that starts QEMU."""
        share = self.root / "usr/share"
        program = (self.root / _LOADER, "--library-path", self.root / _LIBRARIES, self.root / "usr/bin" / QEMU)
        return tuple(map(str, (*program, "-L", share / "qemu", "-L", share / "seabios")))

    def emulator(self, *options: str) -> Emulator:
        """Return QEMU with TCG, and with the guest's memory in a file that a vfio-user server can map."""
        memory = f"memory-backend-memfd,id=memory,share=on,size={MEMORY}"
        return Emulator(
            self.command,
            {"QEMU_MODULE_DIR": str(self.root / _LIBRARIES / "qemu")},
            ("-object", memory, "-machine", "memory-backend=memory", *options),
            kvm=False,
        )

    def guest(self) -> Guest:
        """Return a guest with the kernel, whose serial ports except the first are those of the card."""
        kernel = self.folder / "vmlinux"
        return Guest(kernel if kernel.exists() else self.folder / "vmlinuz", release=self.release, line=VIRTUAL_CONSOLE)

    def tools(self) -> Iterator[cpio.Entry]:
        """Yield the tools for a guest, in ``/tools/bin``, with the libraries and the loader of their release."""
        loader = self.root / _LOADER
        yield cpio.copy(f"{_GUEST_TOOLS}/loader", loader)
        libraries: dict[str, Path] = {}
        for name in TOOLS:
            program = next(self.root.glob(f"usr/*bin/{name}"), None)
            if program is None:
                raise VmError(f"{name} not found in the packages")
            listed = process.run([loader, "--library-path", self.root / _LIBRARIES, "--list", program]).stdout
            libraries |= {name: Path(path) for name, path in re.findall(r"^\s+([^/\s]+) => (/\S+) \(", listed, re.M)}
            yield cpio.copy(f"{_GUEST_TOOLS}/{name}", program)
            start = f"/{_GUEST_TOOLS}/loader --library-path /{_GUEST_TOOLS}/lib /{_GUEST_TOOLS}/{name}"
            yield cpio.text(f"{_GUEST_TOOLS}/bin/{name}", f'#!/bin/sh\nexec {start} "$@"\n', 0o755)
        for name, path in sorted(libraries.items()):
            yield cpio.Entry(f"{_GUEST_TOOLS}/lib/{name}", stat.S_IFREG | 0o755, path.resolve(), 0)
        yield cpio.copy(_NAMES, self.root / _NAMES)


def cache_folder() -> Path:
    """Return the folder of the machine in the cache, after creating it if needed."""
    folder = cache_root() / "qemu"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def cached() -> Machine | None:
    """Return the machine if it is in the cache, else None."""
    folder = cache_folder()
    try:
        facts = json.loads((folder / "complete.json").read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return Machine(folder, facts["qemu"], facts["release"]) if facts.get("format") == FORMAT else None


def fetch(progress: Progress = quiet) -> Machine:
    """Fetch the machine into the cache unless it is there, and return it; ``progress`` is called with messages."""
    if (there := cached()) is not None:
        return there
    if platform.machine() != "x86_64":
        raise VmError(f"this QEMU needs an x86-64 machine; this one is {platform.machine()}")
    folder = cache_folder()
    with full_disk_told(folder, "QEMU"), alone(folder, progress):
        return cached() or _fetch(folder, lambda message: progress(f"QEMU: {message}"))


def _fetch(folder: Path, progress: Progress) -> Machine:
    progress("reading the archive's lists")
    state = apt.prepare(folder / "apt", SUITES)
    release = _release(state)
    packages = apt.plan(state, (*PACKAGES, f"{BINARY.format(release=release)}"), SUITES[0])
    qemu = next(package.version for package in packages if package.name == PACKAGES[0])
    if version_of(qemu) < OLDEST:
        raise VmError(f"QEMU {qemu} of {SUITES[0]} is too old: vfio-user-pci needs {'.'.join(map(str, OLDEST))}")
    # An interrupted fetch may have unpacked other versions, so start again; downloaded packages are checked singly.
    shutil.rmtree(folder / "root", ignore_errors=True)
    files = apt.download(state, packages, folder / "packages", progress)
    with stage(folder / "root") as partial:
        if partial:
            for package, file in zip(packages, files, strict=True):
                progress(f"unpacking {package.name}")
                apt.unpack(file, partial)
    progress("unpacking the kernel")
    shutil.copy2(folder / "root" / _IMAGE.format(release=release), folder / "vmlinuz")
    image.extract(folder / "vmlinuz", folder / "vmlinux")
    write_last(folder / "complete.json", json.dumps({"format": FORMAT, "qemu": qemu, "release": release}))
    for name in ("packages", "apt"):
        shutil.rmtree(folder / name, ignore_errors=True)
    return Machine(folder, qemu, release)


def _release(state: apt.Apt) -> str:
    depends = apt.show(state, KERNEL).depends
    named = [name.removeprefix("linux-image-") for name in depends if name.startswith("linux-image-")]
    if len(named) != 1:
        raise VmError(f"{KERNEL} of {SUITES[0]} does not depend on exactly one kernel")
    return named[0]


def version_of(package: str) -> tuple[int, ...]:
    """Return the first two numbers of a package's version, such as (11, 1)."""
    return tuple(map(int, re.findall(r"\d+", package.partition(":")[2] or package)[:2]))
