from __future__ import annotations

import io
import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from mdevref.suite.vm import cpio


@pytest.fixture
def unpack(tmp_path: Path) -> object:
    """Unpack an archive with another implementation."""
    if tool := shutil.which("cpio"):
        argv = [tool, "-idm", "--quiet"]
    elif tool := shutil.which("busybox"):
        argv = [tool, "cpio", "-idm"]
    else:
        pytest.skip("neither cpio nor busybox is installed")

    def into(archive: bytes) -> Path:
        folder = tmp_path / "unpacked"
        folder.mkdir()
        subprocess.run(argv, input=archive, cwd=folder, check=True)
        return folder

    return into


def test_another_program_unpacks_what_was_packed(tmp_path: Path, unpack: object) -> None:
    assert callable(unpack)
    source = tmp_path / "source"
    source.write_bytes(b"x" * 1001)
    source.chmod(0o750)
    os.utime(source, (1_000_000_000, 1_234_567_890))
    out = io.BytesIO()
    cpio.write(
        out,
        cpio.with_parents(
            [
                cpio.copy("a/b/copy", source),
                cpio.text("a/init", "odd", 0o755),
                cpio.link("bin/sh", "busybox"),
                cpio.directory("proc"),
            ]
        ),
    )
    folder = unpack(out.getvalue())
    copy = folder / "a" / "b" / "copy"
    assert copy.read_bytes() == source.read_bytes()
    # 0o644 for all files, plus the original executable bits.
    assert stat.S_IMODE(copy.stat().st_mode) == 0o754
    assert copy.stat().st_mtime == 1_234_567_890
    assert (folder / "a" / "init").read_text() == "odd"
    assert os.readlink(folder / "bin" / "sh") == "busybox"
    assert (folder / "proc").is_dir()


def test_a_device_node_carries_its_numbers() -> None:
    out = io.BytesIO()
    cpio.write(out, [cpio.device("console", 5, 1)])
    fields = [int(out.getvalue()[6 + 8 * index : 14 + 8 * index], 16) for index in range(13)]
    assert (fields[1], fields[9:11]) == (stat.S_IFCHR | 0o600, [5, 1])


def test_every_header_and_every_file_begins_at_a_multiple_of_four() -> None:
    for length in range(1, 6):
        out = io.BytesIO()
        cpio.write(out, [cpio.text("n" * length, "d" * length), cpio.text("m", "")])
        archive = out.getvalue()
        assert len(archive) % 4 == 0
        positions = [at for at in range(len(archive)) if archive.startswith(b"070701", at)]
        assert len(positions) == 3
        assert all(at % 4 == 0 for at in positions)


def test_folders_come_before_what_lies_in_them_and_only_once() -> None:
    paths = [
        entry.path for entry in cpio.with_parents([cpio.text("a/b/c", ""), cpio.text("a/b/d", ""), cpio.directory("a")])
    ]
    assert paths == ["a", "a/b", "a/b/c", "a/b/d"]
