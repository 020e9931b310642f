"""The wheel works without the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from mdevref import hosts
from mdevref.suite import data
from mdevref.suite.results import format as results
from tests.commands.command import start


@pytest.fixture(scope="module")
def unpacked_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory of the unpacked wheel, as an installer would create it."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=data.PACKAGE.parent, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    with (folder / "site/mdevref/_data/spec/terms.rst").open("a") as chapter:
        chapter.write("\n.. Not the checkout's.\n")
    return folder / "site"


def test_the_wheel_alone_has_the_described_hosts(unpacked_wheel: Path, tmp_path: Path) -> None:
    process = start(
        "hosts", cwd=tmp_path, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(unpacked_wheel)}
    )
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert [line.split()[0].decode() for line in out.splitlines()] == hosts.names()


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_the_wheel_alone_checks_from_an_empty_folder(unpacked_wheel: Path, tmp_path: Path, jobs: str) -> None:
    process = start(
        "check", "--results", "found.ndjson", "--jobs", jobs, cwd=tmp_path, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(unpacked_wheel)},
    )  # fmt: skip
    out, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (0, b"")
    assert out.splitlines()[-1] == b"Conforms."
    found = results.read(tmp_path / "found.ndjson")
    assert found.header.suite.spec == data.spec_checksum(unpacked_wheel / "mdevref/_data/spec")
    assert len(found.scenarios) > 130
