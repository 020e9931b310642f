"""Fetch a kernel of the distribution into the cache, and build its sample vendor drivers.

Each stage fills its own folder, which gets its final name only when it is complete. So a fetch can be interrupted at
any point, and the next one continues there. ``complete.json`` is written last; without it the cache is not used.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import platform
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mdevref.suite.vm import VmError, apt, image, modules, samples
from mdevref.suite.vm.kernels import KERNELS, SAMPLES, SCRIPTED, Kernel, cache_folder

Progress = Callable[[str], None]
FORMAT = 1  #: the format of complete.json and its folder; a cache of another format is created again


@dataclass(frozen=True, slots=True)
class Fetched:
    """A kernel in the cache."""

    kernel: Kernel
    release: str  #: the release as uname -r reports it
    package: str  #: the version of the distribution's package
    folder: Path

    @property
    def boot(self) -> Path:
        """The kernel in the form that boots fastest in QEMU."""
        return self.folder / "kernel" / "vmlinux" if (self.folder / "kernel" / "vmlinux").exists() else self.vmlinuz

    @property
    def vmlinuz(self) -> Path:
        return self.folder / "kernel" / "vmlinuz"

    @property
    def modules(self) -> Path:
        """The distribution's modules that the core and the sample drivers need."""
        return self.folder / "kernel" / "modules"

    @property
    def sources(self) -> dict[str, Path]:
        """The sample drivers' source files, by name."""
        return _sources(self.folder)

    @property
    def tree(self) -> samples.Tree:
        """The tree against which modules are built."""
        return samples.Tree(self.kernel, self.release, self.folder / "headers", self.folder / "tools")

    def driver(self, name: str) -> Path:
        """Return the path of the module of a sample driver."""
        return self.folder / "drivers" / f"{name}.ko"


def quiet(message: str) -> None:
    """Ignore a progress message."""


def _sources(folder: Path) -> dict[str, Path]:
    """Return the sample drivers' source files by name; the same folder contains the kernel's document."""
    return {path.name: path for path in sorted((folder / "samples").glob("*.[ch]"))}


def scripted_driver(fetched: Fetched, progress: Progress = quiet) -> Path:
    """Return the scripted vendor driver for a kernel in the cache, after building it if necessary."""
    sources = samples.scripted_sources(fetched.kernel)
    key = hashlib.sha256(b"\0".join(path.read_bytes() for path in sources.values())).hexdigest()[:16]
    folder = fetched.folder / f"{SCRIPTED}-{key}"
    if not folder.exists():
        with alone(fetched.folder, progress), full_disk_told(fetched.folder, f"Linux {fetched.kernel.version}"):
            for old in fetched.folder.glob(f"{SCRIPTED}-*"):
                shutil.rmtree(old, ignore_errors=True)
            progress(f"Linux {fetched.kernel.version}: building the {SCRIPTED} vendor driver")
            with stage(folder) as partial:
                if partial:
                    samples.build(fetched.tree, sources, partial, [SCRIPTED])
    return folder / f"{SCRIPTED}.ko"


def cached(version: str) -> Fetched | None:
    """Return the kernel if it is in the cache, else None."""
    kernel = known(version)
    folder = cache_folder(version)
    try:
        facts = json.loads((folder / "complete.json").read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    if facts.get("format") != FORMAT:
        return None
    return Fetched(kernel, facts["release"], facts["package"], folder)


def known(version: str) -> Kernel:
    """Return the kernel of that version. Raises VmError with the known versions if it is unknown."""
    if version not in KERNELS:
        raise VmError(f"unknown kernel {version!r} (choose from {', '.join(KERNELS)}, or use vm:PATH)")
    return KERNELS[version]


def fetch(version: str, progress: Progress = quiet) -> Fetched:
    """Fetch a kernel into the cache unless it is there, and return it; ``progress`` is called often with a message."""
    if (there := cached(version)) is not None:
        return there
    kernel = known(version)
    if platform.machine() != "x86_64":
        raise VmError(f"vm: targets need an x86-64 machine; this one is {platform.machine()}")
    folder = cache_folder(version)
    with full_disk_told(folder, f"Linux {version}"), alone(folder, progress):
        return cached(version) or _fetch(kernel, folder, lambda message: progress(f"Linux {version}: {message}"))


@contextmanager
def full_disk_told(folder: Path, what: str) -> Iterator[None]:
    """Turn an OSError while fetching ``what`` into a VmError."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise VmError(f"no space left in {folder} while fetching {what}") from error
        raise VmError(f"cannot fetch {what}: {error}") from error


@contextmanager
def alone(folder: Path, progress: Progress) -> Iterator[None]:
    """Lock one folder of the cache; a second fetch of it waits for the first."""
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress(f"waiting for another fetch into {folder}")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def stage(folder: Path) -> Iterator[Path | None]:
    """Yield a folder to fill, which is renamed to ``folder`` if the block succeeds; None if ``folder`` exists."""
    if folder.exists():
        yield None
        return
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    yield partial
    partial.rename(folder)


def _fetch(kernel: Kernel, folder: Path, progress: Progress) -> Fetched:
    progress("reading the archive's lists")
    suites = (kernel.suite, kernel.tools.suite) if kernel.tools and _is_older(kernel.tools.glibc) else (kernel.suite,)
    state = apt.prepare(folder / "apt", suites)
    release, packages = _resolve(state, kernel, with_tools=len(suites) > 1)
    _begin(folder, {name: [package.version for package in group] for name, group in packages.items()})

    wanted = [package for group in packages.values() for package in group]
    apt.download(state, wanted, folder / "packages", progress)
    for name in ("headers", "tools", "binaries"):
        if not packages[name]:
            continue
        with stage(folder / name) as partial:
            if partial:
                for package in packages[name]:
                    progress(f"unpacking {package.name}")
                    apt.unpack(folder / "packages" / package.file, partial)
    with stage(folder / "samples") as partial:
        if partial:
            progress("unpacking the sample drivers' source")
            samples.extract_sources(folder / "packages" / packages["source"][0].file, partial)

    with stage(folder / "drivers") as partial:
        if partial:
            progress(f"building {', '.join(SAMPLES)}")
            tree = samples.Tree(kernel, release, folder / "headers", folder / "tools")
            shutil.rmtree(folder / "build", ignore_errors=True)
            for built in samples.build(tree, _sources(folder), folder / "build", SAMPLES):
                shutil.copy2(built, partial)
    with stage(folder / "kernel") as partial:
        if partial:
            progress("unpacking the kernel")
            _keep_kernel(kernel, release, folder, partial)

    facts = {"format": FORMAT, "release": release, "package": packages["source"][0].version}
    write_last(folder / "complete.json", json.dumps(facts))
    for name in ("packages", "binaries", "build", "apt"):
        shutil.rmtree(folder / name, ignore_errors=True)
    fetched = cached(kernel.version)
    if fetched is None:
        raise VmError(f"the cache of Linux {kernel.version} vanished while it was created")
    return fetched


def _is_older(glibc: tuple[int, int]) -> bool:
    """Return whether this machine's C library is older than ``glibc``."""
    name, _, version = (os.confstr("CS_GNU_LIBC_VERSION") or "").partition(" ")
    return name != "glibc" or tuple(map(int, version.split(".")[:2])) < glibc


def _resolve(state: apt.Apt, kernel: Kernel, *, with_tools: bool) -> tuple[str, dict[str, list[apt.Package]]]:
    """Return the kernel's release, and the packages of each stage."""
    meta = apt.show(state, "linux-image-amd64")
    if not meta.version.startswith(f"{kernel.version}."):
        raise VmError(f"Linux {kernel.version} not found in {kernel.suite}, which now has {meta.version}")
    named = [name.removeprefix("linux-image-") for name in meta.depends if name.startswith("linux-image-")]
    if len(named) != 1:
        raise VmError(f"linux-image-amd64 of {kernel.suite} does not depend on exactly one kernel")
    (release,) = named
    headers = apt.show(state, f"linux-headers-{release}")
    beside = [name for name in headers.depends if name.startswith(("linux-headers-", "linux-kbuild-"))]
    return release, {
        "binaries": [apt.show(state, name.format(release=release)) for name in kernel.binaries],
        "headers": [headers, *(apt.show(state, name) for name in beside)],
        "tools": [apt.show(state, name) for name in kernel.tools.packages] if kernel.tools and with_tools else [],
        "source": [apt.show(state, f"linux-source-{kernel.version}", meta.version)],
    }


def _begin(folder: Path, plan: dict[str, list[str]]) -> None:
    """Remove the stages of an earlier fetch if it was for other versions or another format."""
    text = json.dumps({"format": FORMAT, "plan": plan})
    noted = folder / "plan.json"
    if not noted.exists() or noted.read_text() != text:
        for name in ("headers", "tools", "binaries", "samples", "drivers", "kernel"):
            shutil.rmtree(folder / name, ignore_errors=True)
    write_last(noted, text)


def _keep_kernel(kernel: Kernel, release: str, folder: Path, into: Path) -> None:
    """Copy from the unpacked packages the image, and the modules that the core and the samples need."""
    binaries = folder / "binaries"
    available = modules.find_modules(binaries / kernel.modules.format(release=release))
    missing = [name for name in kernel.core if name not in available]
    if missing:
        raise VmError(f"module {', '.join(missing)} not found in the packages of Linux {release}")
    wanted = [*(available[name] for name in kernel.core), *sorted((folder / "drivers").glob("*.ko"))]
    (into / "modules").mkdir()
    for module in modules.load_order(wanted, available):
        if module.name not in SAMPLES:
            shutil.copy2(module.path, into / "modules")
    shutil.copy2(binaries / kernel.image.format(release=release), into / "vmlinuz")
    image.extract(into / "vmlinuz", into / "vmlinux")


def write_last(path: Path, text: str) -> None:
    """Write a file atomically, so that it is complete or missing even after a crash of the machine."""
    partial = path.with_name(path.name + ".partial")
    with partial.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(path)
