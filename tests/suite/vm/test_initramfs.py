from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mdevref.suite.vm import VmError, cpio, initramfs

pytestmark = pytest.mark.skipif(shutil.which("busybox") is None, reason="busybox is not installed (busybox-static)")


def names(archive: Path) -> list[str]:
    with archive.open("rb") as file:
        return subprocess.run(
            ["busybox", "cpio", "-t"], stdin=file, capture_output=True, text=True, check=True
        ).stdout.splitlines()


def test_the_unchanging_part_is_packed_once_and_holds_what_python_needs(cache: Path) -> None:
    base = initramfs.base()
    found = set(names(base))
    assert {"bin/busybox", "bin/sh", "bin/insmod", "python/bin/python3", "lib64/ld-linux-x86-64.so.2"} <= found
    assert {"lib/guest/libc.so.6", "site/behave/__init__.py", "site/msgspec/__init__.py"} <= found
    assert any(name.endswith("/json/__init__.py") for name in found)
    # The suite in a guest runs behave, not the documentation's tools.
    assert not [name for name in found if name.startswith(("site/docutils", "site/sphinx", "site/rich"))]
    before = base.stat().st_mtime_ns
    assert initramfs.base() == base
    assert base.stat().st_mtime_ns == before
    into = cache / "initramfs"
    initramfs.pack(into, [cpio.text("init", "x", 0o755)])
    assert into.read_bytes()[: base.stat().st_size] == base.read_bytes()
    assert b"init\0" in into.read_bytes()[base.stat().st_size :][:200]


def test_a_python_in_the_archive_runs_with_nothing_else_of_this_machine(cache: Path, tmp_path: Path) -> None:
    if os.geteuid():
        pytest.skip("only root may change the root folder of a process")
    chroot = shutil.which("chroot", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    assert chroot is not None
    root = tmp_path / "root"
    root.mkdir()
    with initramfs.base().open("rb") as file:
        subprocess.run(["busybox", "cpio", "-idm"], stdin=file, cwd=root, check=True)
    code = "import behave.runner, msgspec, ctypes, socket, sys; print(sys.prefix)"
    environment = {"PYTHONHOME": "/python", "PYTHONPATH": "/site", "LD_LIBRARY_PATH": f"/{initramfs.LIBRARIES}"}
    done = subprocess.run(
        [chroot, root, initramfs.PYTHON, "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("/python\n", "")


def test_a_busybox_that_needs_libraries_is_refused(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "programs").mkdir()
    shutil.copy(os.path.realpath("/bin/sh"), tmp_path / "programs" / "busybox")
    monkeypatch.setenv("PATH", str(tmp_path / "programs"))
    with pytest.raises(VmError, match="not statically linked"):
        initramfs.base()


def test_a_source_is_packed_with_a_compiled_form_that_python_takes_for_fresh(tmp_path: Path) -> None:
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "module.py").write_text("VALUE = 1\n")
    scratch = tmp_path / "scratch"
    first = {entry.path: entry for entry in initramfs.python_sources(folder, "suite/package", scratch)}
    compiled = next(path for path in first if path.endswith(".pyc"))
    assert compiled.startswith("suite/package/__pycache__/module.")
    root = tmp_path / "root"
    for entry in first.values():
        (root / entry.path).parent.mkdir(parents=True, exist_ok=True)
        assert isinstance(entry.data, Path)
        (root / entry.path).write_bytes(entry.data.read_bytes())
        os.utime(root / entry.path, (entry.mtime, entry.mtime))
    done = subprocess.run(
        [sys.executable, "-v", "-c", "import package.module"],
        env={**os.environ, "PYTHONPATH": str(root / "suite")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"# {root}/{compiled} matches" in done.stderr


def test_a_stale_compiled_form_is_made_again(tmp_path: Path) -> None:
    folder = tmp_path / "package"
    folder.mkdir()
    source = folder / "module.py"
    source.write_text("VALUE = 1\n")
    list(initramfs.python_sources(folder, "suite", tmp_path / "scratch"))
    compiled = next((tmp_path / "scratch").rglob("*.pyc"))
    before = compiled.read_bytes()
    source.write_text("VALUE = 'longer'\n")
    list(initramfs.python_sources(folder, "suite", tmp_path / "scratch"))
    assert compiled.read_bytes() != before


def test_a_source_that_does_not_compile_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "module.py").write_text("def :\n")
    with pytest.raises(VmError, match=r"module\.py"):
        list(initramfs.python_sources(tmp_path / "package", "suite", tmp_path / "scratch"))
