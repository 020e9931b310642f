"""The guest of a ``vm:`` target: a kernel of the distribution by its version, or another kernel by its path."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mdevref.suite.vm import VmError, image
from mdevref.suite.vm.boot import Guest
from mdevref.suite.vm.fetch import Fetched, Progress, fetch, quiet, scripted_driver
from mdevref.suite.vm.kernels import KERNELS, SAMPLES
from mdevref.suite.vm.modules import Module, find_modules, load_order, read_module

#: Modules of the mdev core and its bus drivers. One that is not in the folder is built into the kernel, or missing.
CORE = ("vfio_iommu_type1", "mdev", "vfio_mdev")


def guest_for(name: str, folder: Path | None = None, files: Sequence[Path] = (), progress: Progress = quiet) -> Guest:
    """Return the guest of ``vm:NAME``. ``folder`` (with its subfolders) contains the modules of a kernel given by path.

    ``files`` are the vendor drivers to test; without them, a kernel of the distribution gets its sample drivers.
    """
    if name in KERNELS:
        if folder is not None:
            raise VmError(f"vm:{name}: this kernel has its own modules; --modules is for vm:PATH only")
        return fetched_guest(fetch(name, progress), files, progress)
    path = Path(name)
    if not path.is_file() and "/" not in name:
        raise VmError(f"vm:{name}: unknown kernel (choose from {', '.join(KERNELS)}, or give the path of a kernel)")
    return own_guest(path, folder, files)


def fetched_guest(kernel: Fetched, files: Sequence[Path] = (), progress: Progress = quiet) -> Guest:
    """Return the guest of a distribution kernel: it loads the core at boot, and contains the drivers."""
    available = find_modules(kernel.modules)
    core = load_order([available[name] for name in kernel.kernel.core], available)
    drivers = load_order(
        files or [kernel.driver(name) for name in SAMPLES], available, [module.name for module in core]
    )
    check_release(drivers, kernel.release)
    origin = f"Debian linux {kernel.package}, {kernel.kernel.suite}"
    scripted = read_module(scripted_driver(kernel, progress))
    return Guest(kernel.boot, tuple(core), tuple(drivers), scripted, kernel.release, origin)


def own_guest(kernel: Path, folder: Path | None, files: Sequence[Path]) -> Guest:
    """Return the guest of a kernel given by path; its mdev core is loaded from the folder or built in."""
    release = image.release(image.read(kernel))
    available = find_modules(folder) if folder is not None else {}
    core = load_order([available[name] for name in CORE if name in available], available)
    drivers = load_order(files, available, [module.name for module in core])
    if release is not None:
        check_release((*core, *drivers), release)
    return Guest(kernel, tuple(core), tuple(drivers), release=release)


def check_release(modules: Sequence[Module], release: str) -> None:
    """Raise VmError for a module of another kernel, which the guest would reject with a less helpful message."""
    for module in modules:
        built_for = module.vermagic.partition(" ")[0]
        if built_for and built_for != release:
            raise VmError(f"{module.path.name} was built for Linux {built_for}, but the kernel is {release}")
