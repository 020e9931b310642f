"""Fixtures that mount a host's tree on a directory."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from mdevref.host import Host
from mdevref.servers.sysfs.mounting import mounted
from tests.servers.sysfs.mounts import is_mounted, mtty_host


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a directory that every user may enter, unlike pytest's temporary directories."""
    with tempfile.TemporaryDirectory(prefix="mdevref-test-") as made:
        os.chmod(made, 0o755)
        yield Path(made)
        assert not is_mounted(Path(made))


@pytest.fixture
def host() -> Host:
    return mtty_host()


@pytest.fixture
def sys_at(host: Host, folder: Path) -> Iterator[Path]:
    with mounted(host, folder):
        yield folder
