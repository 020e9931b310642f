"""A tree without devices."""

from __future__ import annotations

from pathlib import Path

import pytest

from mdevref.suite.targets.sysfs import files
from tests.suite.targets.sysfs.kernel import Kernel


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kernel:
    """Create a tree without devices, and a state folder for the test."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    made = Kernel(tmp_path / "sys")
    monkeypatch.setattr(files, "remove", made.remove)
    return made
