"""Build vendor drivers outside of the kernel's tree: the kernel's samples, and the suite's scripted driver.

The source of the samples stays in the cache, because it is under the kernel's licence. The callbacks of the scripted
driver fail and block as a scenario requests; its source is in a folder beside this module.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mdevref.suite.vm import VmError, process
from mdevref.suite.vm.kernels import COMPILERS, SAMPLES, SCRIPTED, Kernel

#: The path of the document in the kernel's source; in a sorted archive it precedes the samples.
DOCUMENT = "Documentation/driver-api/vfio-mediated-device.rst"
#: A change to a source file before it is built: the old text and the new text.
Edit = tuple[str, str]
_OWN = ".own"  # the suffix of a build tool that was replaced by a script, which starts it


def extract_sources(package: Path, into: Path, tick: Callable[[], None] | None = None) -> None:
    """Extract the sample drivers' source files, and the document for :mod:`~mdevref.suite.trace.command`.

    ``package`` is a linux-source package, which contains an archive of the whole kernel's source.
    """
    with process.group(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as child:
        try:
            with tarfile.open(fileobj=child.stdout, mode="r|") as outer:
                archive = next(member for member in outer if re.search(r"/linux-source-[^/]*\.tar\.", member.name))
                with tarfile.open(fileobj=outer.extractfile(archive), mode="r|*") as source:
                    _extract_samples(source, into, tick)
        except (tarfile.TarError, EOFError) as error:
            raise VmError(f"cannot unpack {package.name}: {error}") from error
        except StopIteration:
            raise VmError(f"{package.name}: archive of the kernel's source not found") from None
    missing = [name for name in SAMPLES if not (into / f"{name}.c").exists()]
    if missing:
        raise VmError(f"{package.name}: sample driver {', '.join(missing)} not found")


def _extract_samples(source: tarfile.TarFile, into: Path, tick: Callable[[], None] | None) -> None:
    found = False
    for count, member in enumerate(source):
        if tick and count % 1000 == 0:
            tick()
        path = PurePosixPath(member.name)
        if path.match(DOCUMENT) or path.match("samples/vfio-mdev/*.[ch]"):
            found = not path.match(DOCUMENT)
            data = source.extractfile(member)
            if data is not None:
                (into / path.name).write_bytes(data.read())
        elif found and not path.match("samples/vfio-mdev/*"):
            # The archive is sorted, so nothing relevant follows; unpacking the rest would take a second.
            return


def scripted_sources(kernel: Kernel) -> dict[str, Path]:
    """Return the source files of the scripted vendor driver for :func:`build`."""
    folder = Path(__file__).parent / SCRIPTED
    return {f"{SCRIPTED}.h": folder / f"{SCRIPTED}.h", f"{SCRIPTED}.c": folder / kernel.scripted}


def compiler() -> str:
    """Return the name of the compiler for building modules."""
    return next((name for name in COMPILERS if shutil.which(name)), process.program(COMPILERS[-1]))


@dataclass(frozen=True, slots=True)
class Tree:
    """The tree against which modules are built: the kernel's unpacked headers, and libraries for its build tools."""

    kernel: Kernel
    release: str
    headers: Path
    tools: Path  #: need not exist

    def ready(self) -> Path:
        """Return the folder to build in, after correcting the paths in its makefile and adapting its tools."""
        if re.search(r"[\s:]", str(self.headers)):
            raise VmError(f"{self.headers}: the kernel's makefiles do not support paths with a space or a colon")
        folder = self.headers / "usr/src" / f"linux-headers-{self.release}"
        makefile = folder / "Makefile"
        makefile.write_text(re.sub(r"(=|\s)\S*/usr/src/", rf"\1{self.headers}/usr/src/", makefile.read_text()))
        if self.tools.exists():
            adapt_tools(self.headers, self.tools)
        return folder


def adapt_tools(headers: Path, libraries: Path) -> None:
    """Make the kernel's build tools that cannot start on this machine use the libraries of their own release."""
    linkers = sorted(libraries.rglob("ld-linux-x86-64.so.2"))
    folders = sorted({str(path.parent) for path in libraries.rglob("libc.so.6")})
    if not linkers or not folders:
        raise VmError(f"{libraries}: libraries for the kernel's build tools not found")
    for tool in sorted((headers / "usr/lib").rglob("*")):
        if tool.is_symlink() or not tool.is_file() or tool.suffix == _OWN or not os.access(tool, os.X_OK):
            continue
        real = tool.with_name(tool.name + _OWN)
        if not real.exists():
            if tool.read_bytes()[:4] != b"\x7fELF" or "not found" not in _libraries_of(tool):
                continue
            tool.rename(real)
        tool.write_text(f'#!/bin/sh\nexec "{linkers[0]}" --library-path "{":".join(folders)}" "{real}" "$@"\n')
        tool.chmod(0o755)


def _libraries_of(tool: Path) -> str:
    done = process.run(["ldd", tool])
    return done.stdout + done.stderr


def build(
    tree: Tree,
    sources: Mapping[str, Path],
    into: Path,
    names: Sequence[str],
    *,
    edits: Mapping[str, Iterable[Edit]] | None = None,
    tick: Callable[[], None] | None = None,
) -> list[Path]:
    """Build drivers in the folder ``into``, and return the modules' files in the order of ``names``.

    ``sources`` maps file names in that folder to the files to copy. ``edits``, by the same names, change a source to
    build a driver that misbehaves on purpose. Raises VmError if the build fails, or if the old text of an edit does not
    occur exactly once.
    """
    if re.search(r"[\s:]", str(into)):
        raise VmError(f"{into}: the kernel's makefiles do not support paths with a space or a colon")
    into.mkdir(parents=True, exist_ok=True)
    for file, source in sources.items():
        text = source.read_text()
        for old, new in (edits or {}).get(file, ()):
            if text.count(old) != 1:
                raise VmError(f"{file}: {old!r} occurs {text.count(old)} times, not once")
            text = text.replace(old, new)
        (into / file).write_text(text)
    (into / "Makefile").write_text(f"obj-m := {' '.join(f'{name}.o' for name in names)}\n")
    done = process.run(
        ["make", "-j2", "-C", tree.ready(), f"M={into}", f"CC={compiler()}", *tree.kernel.make, "modules"],
        # The kernel's makefiles would interpret these variables of an outer make.
        env={"MAKEFLAGS": "", "MAKELEVEL": ""},
        tick=tick,
    )
    if done.returncode:
        raise VmError(
            f"cannot build {', '.join(names)} for {tree.kernel.version}: {_first_error(done.stdout + done.stderr)}"
        )
    return [into / f"{name}.ko" for name in names]


def _first_error(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    for pattern in (r"No space left", r"error:|error while loading|not found|cannot execute", r"Error |\*\*\*"):
        for line in lines:
            if re.search(pattern, line):
                return line
    return lines[-1] if lines else "make failed without an error message"
