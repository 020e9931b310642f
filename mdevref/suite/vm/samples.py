"""The kernel's sample vendor drivers, built outside of its tree from the distribution's source and headers.

Their source stays in the cache: it is the kernel's, under the kernel's licence.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path, PurePosixPath

from mdevref.suite.vm import VmError, process
from mdevref.suite.vm.kernels import COMPILERS, SAMPLES, Kernel

#: One change to a source file before it is built: what stands there, what to put in its place.
Edit = tuple[str, str]


def extract_sources(package: Path, into: Path, tick: Callable[[], None] | None = None) -> None:
    """The sample drivers' source files out of a linux-source package, which has the whole kernel, packed once more."""
    with process.group(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as child:
        try:
            with tarfile.open(fileobj=child.stdout, mode="r|") as outer:
                archive = next(member for member in outer if re.search(r"/linux-source-[^/]*\.tar\.", member.name))
                with tarfile.open(fileobj=outer.extractfile(archive), mode="r|*") as source:
                    _extract_samples(source, into, tick)
        except (tarfile.TarError, EOFError) as error:
            raise VmError(f"unpacking {package.name}: {error}") from error
        except StopIteration:
            raise VmError(f"{package.name} holds no archive of the kernel's source") from None
    missing = [name for name in SAMPLES if not (into / f"{name}.c").exists()]
    if missing:
        raise VmError(f"{package.name} has no sample driver {', '.join(missing)}")


def _extract_samples(source: tarfile.TarFile, into: Path, tick: Callable[[], None] | None) -> None:
    found = False
    for count, member in enumerate(source):
        if tick and count % 1000 == 0:
            tick()
        path = PurePosixPath(member.name)
        if path.match("samples/vfio-mdev/*.[ch]"):
            found = True
            data = source.extractfile(member)
            if data is not None:
                (into / path.name).write_bytes(data.read())
        elif found and not path.match("samples/vfio-mdev/*"):
            # The archive is sorted, and unpacking the rest of it costs a second.
            return


def compiler() -> str:
    """The name of the compiler to build modules with."""
    return next((name for name in COMPILERS if shutil.which(name)), process.program(COMPILERS[-1]))


def relocate(headers: Path, release: str) -> Path:
    """Make unpacked headers refer to each other where they lie, not where they would be installed; the build tree."""
    tree = headers / "usr/src" / f"linux-headers-{release}"
    makefile = tree / "Makefile"
    makefile.write_text(re.sub(r"(=|\s)\S*/usr/src/", rf"\1{headers}/usr/src/", makefile.read_text()))
    return tree


def adapt_tools(headers: Path, libraries: Path) -> None:
    """Have those of the kernel's build tools that cannot start here run with the libraries of their own release."""
    linkers = sorted(libraries.rglob("ld-linux-x86-64.so.2"))
    folders = sorted({str(path.parent) for path in libraries.rglob("libc.so.6")})
    if not linkers or not folders:
        raise VmError("the libraries for the kernel's build tools are not where they were")
    for tool in sorted((headers / "usr/lib").rglob("*")):
        if tool.is_symlink() or not tool.is_file() or not os.access(tool, os.X_OK):
            continue
        if tool.read_bytes()[:4] == b"\x7fELF" and tool.suffix != ".own" and "not found" in _libraries_of(tool):
            real = tool.with_name(tool.name + ".own")
            tool.rename(real)
            tool.write_text(f'#!/bin/sh\nexec "{linkers[0]}" --library-path "{":".join(folders)}" "{real}" "$@"\n')
            tool.chmod(0o755)


def _libraries_of(tool: Path) -> str:
    done = process.run(["ldd", tool])
    return done.stdout + done.stderr


def build(
    kernel: Kernel,
    tree: Path,
    sources: Path,
    into: Path,
    *,
    names: Iterable[str] = SAMPLES,
    edits: Mapping[str, Iterable[Edit]] | None = None,
    tick: Callable[[], None] | None = None,
) -> list[Path]:
    """Build sample drivers in the folder ``into``; the modules' files, in the order of ``names``.

    ``edits`` (by file name) build a driver that is wrong on purpose; VmError unless each finds exactly one place.
    """
    for path in (tree, into):
        if re.search(r"[\s:]", str(path)):
            raise VmError(f"the kernel's makefiles take no path with a space or a colon: {path}")
    into.mkdir(parents=True, exist_ok=True)
    for source in sorted(sources.iterdir()):
        text = source.read_text()
        for old, new in (edits or {}).get(source.name, ()):
            if text.count(old) != 1:
                raise VmError(f"{source.name} has {text.count(old)} places like {old!r}, not one")
            text = text.replace(old, new)
        (into / source.name).write_text(text)
    names = tuple(names)
    (into / "Makefile").write_text(f"obj-m := {' '.join(f'{name}.o' for name in names)}\n")
    done = process.run(
        ["make", "-j2", "-C", tree, f"M={into}", f"CC={compiler()}", *kernel.make, "modules"],
        # The makefiles of the kernel take these for their own.
        env={"MAKEFLAGS": "", "MAKELEVEL": ""},
        tick=tick,
    )
    if done.returncode:
        raise VmError(f"building {', '.join(names)} for {kernel.version}: {_first_error(done.stdout + done.stderr)}")
    return [into / f"{name}.ko" for name in names]


def _first_error(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    for pattern in (r"No space left", r"error:|not found|cannot execute", r"Error |\*\*\*"):
        for line in lines:
            if re.search(pattern, line):
                return line
    return lines[-1] if lines else "make failed without a word"
