"""The kernels that ``vm:VERSION`` names: where Debian carries them, and what building a module against each one takes.

Every peculiarity is data of one kernel, so that the code which fetches and builds knows no versions.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

#: The sample vendor drivers of the kernel's samples/vfio-mdev, in the order in which a guest loads them.
SAMPLES = ("mtty", "mdpy", "mbochs")
#: The suite's own vendor driver.
SCRIPTED = "scripted"


@dataclass(frozen=True, slots=True)
class Tools:
    """Libraries for the kernel's own build tools, where this machine's C library is older than theirs."""

    suite: str  #: the suite that carries the packages
    packages: tuple[str, ...]
    glibc: tuple[int, int]  #: the C library that the tools ask for


@dataclass(frozen=True, slots=True)
class Kernel:
    """One kernel of the distribution."""

    version: str  #: as in ``vm:6.1`` and in the name of its source package
    suite: str
    #: Packages with the image and the modules, ``{release}`` as uname tells it.
    binaries: tuple[str, ...] = ("linux-image-{release}",)
    #: The image, below the root of the packages.
    image: str = "boot/vmlinuz-{release}"
    #: Where the modules lie, below the root of the packages.
    modules: str = "lib/modules/{release}/kernel"
    #: Modules that make the mdev core and its bus driver, to be loaded before any vendor driver.
    core: tuple[str, ...] = ("vfio_iommu_type1", "mdev")
    #: The form of the suite's own vendor driver (in the folder ``scripted``) that this kernel's core takes.
    scripted: str = "driver.c"
    #: Assignments on make's command line beside the compiler.
    make: tuple[str, ...] = ()
    tools: Tools | None = None


# Named on make's command line for all, since Debian's headers name the one of their own release (5.10: gcc-10).
COMPILERS = ("gcc-12", "gcc")

_ALL = (
    # 5.10: the bus driver is a module of its own.
    Kernel("5.10", "bullseye-security", core=("vfio_iommu_type1", "mdev", "vfio_mdev"), scripted="parent_ops.c"),
    Kernel("6.1", "bookworm-security"),
    # 6.12: type information of modules would need the kernel's own, which the headers lack.
    Kernel("6.12", "bookworm-backports", make=("CONFIG_DEBUG_INFO_BTF_MODULES=",)),
    Kernel(
        "7.3",
        "trixie-backports",
        binaries=("linux-binary-{release}", "linux-modules-{release}"),
        image="usr/lib/modules/{release}/vmlinuz",
        modules="usr/lib/modules/{release}/kernel",
        # 7.3: its configuration was probed with gcc-14; gcc-12 has no option for the alignment of functions.
        make=("CONFIG_DEBUG_INFO_BTF_MODULES=", "CONFIG_CC_HAS_MIN_FUNCTION_ALIGNMENT="),
        tools=Tools("trixie", ("libc6", "libelf1t64", "zlib1g", "libzstd1"), (2, 38)),
    ),
)
KERNELS: Mapping[str, Kernel] = {kernel.version: kernel for kernel in _ALL}


def cache_root() -> Path:
    """Where everything fetched and packed lies: a folder ``mdevref`` in the XDG cache, of the user alone."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    # The XDG specification asks to ignore a relative path.
    root = (Path(base) if os.path.isabs(base) else Path.home() / ".cache") / "mdevref"
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    return root


def cache_folder(version: str) -> Path:
    """The cache of one kernel, by its real path: what is built there refers to it."""
    folder = cache_root() / "kernels" / version
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder.resolve()
