"""The kernels that ``vm:VERSION`` names: their Debian suites and packages, and the settings for building modules.

Every peculiarity is data of one kernel, so that the code that fetches and builds contains no versions.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

#: The sample vendor drivers of the kernel's samples/vfio-mdev, in the order in which a guest loads them.
SAMPLES = ("mtty", "mdpy", "mbochs")
#: The vendor driver of the suite itself.
SCRIPTED = "scripted"


@dataclass(frozen=True, slots=True)
class Tools:
    """Libraries for the kernel's build tools, for machines whose C library is too old for the tools."""

    suite: str  #: the Debian suite that contains the packages
    packages: tuple[str, ...]
    glibc: tuple[int, int]  #: the oldest C library that the tools accept


@dataclass(frozen=True, slots=True)
class Kernel:
    """One kernel of the distribution."""

    version: str  #: as in ``vm:6.1`` and in the name of its source package
    suite: str
    #: Packages with the image and the modules; ``{release}`` is the one that uname reports.
    binaries: tuple[str, ...] = ("linux-image-{release}",)
    #: The path of the image below the root of the packages.
    image: str = "boot/vmlinuz-{release}"
    #: The folder of the modules below the root of the packages.
    modules: str = "lib/modules/{release}/kernel"
    #: Modules of the mdev core and its bus driver, which are loaded before every vendor driver.
    core: tuple[str, ...] = ("vfio_iommu_type1", "mdev")
    #: The variant of the suite's vendor driver (in the folder ``scripted``) for this kernel's core.
    scripted: str = "driver.c"
    #: Assignments on make's command line, in addition to the compiler.
    make: tuple[str, ...] = ()
    tools: Tools | None = None


# Passed on make's command line, since Debian's headers name the compiler of their release (5.10: gcc-10).
COMPILERS = ("gcc-12", "gcc")

_ALL = (
    # 5.10: the bus driver is a separate module.
    Kernel("5.10", "bullseye-security", core=("vfio_iommu_type1", "mdev", "vfio_mdev"), scripted="parent_ops.c"),
    Kernel("6.1", "bookworm-security"),
    # 6.12: BTF of modules needs that of the kernel, which is not among the headers.
    Kernel("6.12", "bookworm-backports", make=("CONFIG_DEBUG_INFO_BTF_MODULES=",)),
    Kernel(
        "7.3",
        "trixie-backports",
        binaries=("linux-binary-{release}", "linux-modules-{release}"),
        image="usr/lib/modules/{release}/vmlinuz",
        modules="usr/lib/modules/{release}/kernel",
        # 7.3: its configuration was created with gcc-14; gcc-12 has no option for the alignment of functions.
        make=("CONFIG_DEBUG_INFO_BTF_MODULES=", "CONFIG_CC_HAS_MIN_FUNCTION_ALIGNMENT="),
        tools=Tools("trixie", ("libc6", "libelf1t64", "zlib1g", "libzstd1"), (2, 38)),
    ),
)
KERNELS: Mapping[str, Kernel] = {kernel.version: kernel for kernel in _ALL}


def cache_root() -> Path:
    """Return the folder ``mdevref`` in the XDG cache, which only the user may access, after creating it if needed."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    # The XDG specification requires that a relative path is ignored.
    root = (Path(base) if os.path.isabs(base) else Path.home() / ".cache") / "mdevref"
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    return root


def cache_folder(version: str) -> Path:
    """Return the cache of one kernel by its real path, because files that are built there contain the path."""
    folder = cache_root() / "kernels" / version
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder.resolve()
