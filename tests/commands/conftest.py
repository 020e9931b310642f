"""Fixtures that run the command on a suite of two requirements."""

from __future__ import annotations

from pathlib import Path

import pytest

from mdevref import cli
from mdevref.suite import data
from tests.commands.command import MATERIAL, STEPS, Command, Said
from tests.suite.small import REQUIREMENT, SpecWriter


@pytest.fixture
def small(write_spec: SpecWriter, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Replace the real suite by one with two requirements, laid out as in a checkout."""
    folder = write_spec(REQUIREMENT + MATERIAL, steps=STEPS)
    (folder / "docs/deviations").mkdir(parents=True)
    monkeypatch.setattr(data, "root", lambda: folder)
    monkeypatch.setattr(data, "is_checkout", lambda: True)
    return folder


@pytest.fixture
def mdevref(capsys: pytest.CaptureFixture[str]) -> Command:
    """Run the command in this process."""

    def run(*arguments: object) -> Said:
        status = cli.run([str(argument) for argument in arguments])
        return Said(status, *capsys.readouterr())

    return run


@pytest.fixture
def derived(small: Path, mdevref: Command) -> Path:
    """Derive the features of the small suite."""
    assert mdevref("derive").status == 0
    return small
