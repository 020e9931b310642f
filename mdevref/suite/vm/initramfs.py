"""Pack the initramfs of a guest: this machine's Python, a shell, the suite and kernel modules.

The part that seldom changes (Python, its libraries, the packages that the suite needs) is kept in the cache.
"""

from __future__ import annotations

import hashlib
import importlib.machinery
import importlib.metadata
import importlib.util
import os
import py_compile
import re
import shutil
import stat
import struct
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from packaging.requirements import Requirement

from mdevref.suite.vm import VmError, cpio, process
from mdevref.suite.vm.cpio import Entry
from mdevref.suite.vm.kernels import cache_root

#: Python distributions that the suite needs in a guest; their own requirements are added.
DISTRIBUTIONS = ("behave", "msgspec")
#: Parts of the standard library that the suite does not need: tests, graphics, package installation, databases.
UNNEEDED = frozenset(
    (
        *("test", "tests", "idlelib", "tkinter", "turtledemo", "ensurepip", "lib2to3", "distutils", "venv", "msilib"),
        *("pydoc_data", "curses", "sqlite3", "dbm", "wsgiref", "xmlrpc", "site-packages", "dist-packages"),
    )
)
#: The extension modules of those parts and of unused encodings; some depend on large libraries.
_UNNEEDED_EXTENSIONS = re.compile(
    r"(_test|_xxtest|xx|_tkinter|_curses|_sqlite3|_dbm|_gdbm|_codecs_|nis|readline)[\w.-]*\.so"
)
PYTHON_HOME = "python"
PYTHON = f"/{PYTHON_HOME}/bin/python3"
LIBRARIES = "lib/guest"
_INTERPRETER_SEGMENT = 3
_DAY = 24 * 3600
_STRIP = "strip"


def base(folder: Path | None = None) -> Path:
    """Return the unchanging part as an archive in the cache, after packing it if Python or a package changed."""
    folder = folder or cache_root() / "guest"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    entries = [*_shell(), *_standard_library(), *_distributions(DISTRIBUTIONS)]
    key = hashlib.sha256(b"stripped" if shutil.which(_STRIP) else b"")
    for entry in entries:
        status = entry.data.stat() if isinstance(entry.data, Path) else None
        key.update(repr((entry, status and (status.st_mtime_ns, status.st_size, status.st_ino))).encode())
    packed = folder / f"base-{key.hexdigest()[:32]}.cpio"
    if not packed.exists():
        for old in folder.glob("base-*"):
            # Keep recent archives: another Python may be using its own at this moment.
            if time.time() - old.stat().st_mtime > _DAY:
                old.unlink(missing_ok=True)
        partial = packed.with_suffix(f".{os.getpid()}")
        try:
            with partial.open("wb") as out, tempfile.TemporaryDirectory(dir=folder) as scratch:
                whole = cpio.with_parents([*entries, *_libraries(entries)])
                cpio.write(out, _stripped(whole, Path(scratch)))
            partial.rename(packed)
        finally:
            partial.unlink(missing_ok=True)
    return packed


def pack(into: Path, entries: Iterable[Entry]) -> None:
    """Write an initramfs: the unchanging part, then ``entries``."""
    packed = base()
    with into.open("wb") as out, packed.open("rb") as source:
        size = packed.stat().st_size
        while out.tell() < size and os.sendfile(out.fileno(), source.fileno(), out.tell(), size - out.tell()):
            out.seek(0, os.SEEK_END)
        cpio.write(out, cpio.with_parents(entries))


def _shell() -> Iterator[Entry]:
    """Yield busybox as the guest's /bin; it is statically linked, so that it can report errors of everything else."""
    busybox = Path(process.program("busybox"))
    if needs_loader(busybox.read_bytes()):
        raise VmError("busybox is not statically linked (Debian package: busybox-static)")
    yield cpio.copy("bin/busybox", busybox)
    for name in process.run([busybox, "--list"]).stdout.split():
        if name != "busybox":
            yield cpio.link(f"bin/{name}", "busybox")


def needs_loader(elf: bytes) -> bool:
    """Return whether an ELF program is dynamically linked."""
    (segments_at,) = struct.unpack_from("<Q", elf, 0x20)
    size, count = struct.unpack_from("<HH", elf, 0x36)
    kinds = (struct.unpack_from("<I", elf, segments_at + index * size)[0] for index in range(count))
    return _INTERPRETER_SEGMENT in kinds


def _standard_library() -> Iterator[Entry]:
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    home = f"{PYTHON_HOME}/lib/{version}"
    yield cpio.copy(PYTHON.removeprefix("/"), Path(os.path.realpath(sys.executable)))
    yield from tree(Path(sysconfig.get_path("stdlib")), home, leave_out=UNNEEDED)
    dynamic = next((Path(path) for path in sys.path if path.endswith("lib-dynload")), None)
    if dynamic is not None and not dynamic.is_relative_to(sysconfig.get_path("stdlib")):
        yield from tree(dynamic, f"{home}/lib-dynload")


def tree(folder: Path, into: str, leave_out: frozenset[str] = frozenset()) -> Iterator[Entry]:
    """Yield the Python files below a folder, with those compiled for this Python without optimisation."""
    compiled = f".{sys.implementation.cache_tag}.pyc"
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in leave_out and not name.startswith("config-"))
        inside = Path(parent).relative_to(folder)
        for name in sorted(files):
            if name.endswith(".pyc") and not name.endswith(compiled):
                continue
            if _UNNEEDED_EXTENSIONS.fullmatch(name):
                continue
            yield cpio.copy(str(Path(into) / inside / name), Path(parent) / name)


def _distributions(roots: Sequence[str]) -> Iterator[Entry]:
    """Yield the files of distributions and of their requirements, below the guest's /site."""
    wanted, seen = list(roots), set[str]()
    while wanted:
        name = wanted.pop()
        key = re.sub(r"[-_.]+", "-", name).lower()
        if key in seen:
            continue
        seen.add(key)
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            raise VmError(f"Python package {name} not found; the guest needs it, so install it here") from None
        for text in distribution.requires or ():
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                wanted.append(requirement.name)
        for file in sorted(distribution.files or (), key=str):
            if ".." not in file.parts and not re.search(r"\.opt-\d\.pyc$", file.name):
                path = Path(str(file.locate()))
                if path.is_file():
                    yield cpio.copy(f"site/{file}", path)


def _libraries(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Yield the shared libraries that the programs and extension modules among the entries need, and the loader."""
    dynamic = []
    for entry in entries:
        if isinstance(entry.data, Path) and (entry.path.endswith(".so") or entry.path == PYTHON.removeprefix("/")):
            dynamic.append(entry.data)
    # Call ldd once for all files: a hundred calls would take seconds.
    output = process.run(["ldd", *dynamic]).stdout
    for name, path in sorted(set(re.findall(r"^\s+(\S+) => (/\S+) \(", output, re.MULTILINE))):
        yield cpio.copy(f"{LIBRARIES}/{name}", Path(path))
    for path in sorted(set(re.findall(r"^\s+(/\S+) \(", output, re.MULTILINE))):
        yield cpio.copy(path.removeprefix("/"), Path(path))


def _stripped(entries: Sequence[Entry], scratch: Path) -> list[Entry]:
    """Return the entries with the debug information stripped from libraries and extension modules, if possible.

    It doubles the size of a Python that was built locally, and a guest needs 20 ms for each megabyte.
    """
    if shutil.which(_STRIP) is None:
        return list(entries)
    copies: dict[Entry, Path] = {}
    for number, entry in enumerate(entries):
        if isinstance(entry.data, Path) and (".so" in entry.path or entry.path == PYTHON.removeprefix("/")):
            copies[entry] = scratch / str(number)
            shutil.copyfile(entry.data, copies[entry])
    process.run([_STRIP, "--strip-debug", *copies.values()])
    return [replace(entry, data=copies[entry]) if entry in copies else entry for entry in entries]


def python_sources(folder: Path, into: str, scratch: Path, leave_out: frozenset[str] = frozenset()) -> Iterator[Entry]:
    """Yield the Python files below a folder, each with its compiled form, which is created in ``scratch`` if needed."""
    for path in sorted(folder.rglob("*.py")):
        inside = path.relative_to(folder)
        if not leave_out.isdisjoint(inside.parts):
            continue
        yield cpio.copy(f"{into}/{inside}", path)
        compiled = Path(importlib.util.cache_from_source(str(inside)))
        yield Entry(f"{into}/{compiled}", stat.S_IFREG | 0o644, _compiled(path, scratch / into / compiled), 0)


def _compiled(source: Path, scratch: Path) -> Path:
    status = source.stat()
    for candidate in (Path(importlib.util.cache_from_source(str(source))), scratch):
        try:
            header = candidate.read_bytes()[:16]
        except FileNotFoundError:
            continue
        fresh = importlib.util.MAGIC_NUMBER + struct.pack(
            "<III", 0, int(status.st_mtime) & 0xFFFFFFFF, status.st_size & 0xFFFFFFFF
        )
        if header == fresh:
            return candidate
    scratch.parent.mkdir(parents=True, exist_ok=True)
    try:
        py_compile.compile(str(source), cfile=str(scratch), doraise=True)
    except py_compile.PyCompileError as error:
        raise VmError(f"cannot compile {source.name}: {error.exc_value}") from error
    return scratch
