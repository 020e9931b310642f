"""Fixtures for all tests: small specs and step definitions in the folder of a test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from tests.suite.small import EDITION, INDEX, REQUIREMENT, STEPS, SpecWriter


@pytest.fixture(autouse=True, scope="session")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the journals of tests away from those of the user."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture
def write_spec(tmp_path: Path) -> SpecWriter:
    """Return a function that writes a spec with ``body`` and returns the folder of ``spec`` and ``steps``."""

    def write(body: str = REQUIREMENT, *, steps: str = STEPS, **chapters: str) -> Path:
        (tmp_path / "spec").mkdir(exist_ok=True)
        (tmp_path / "steps").mkdir(exist_ok=True)
        (tmp_path / "features").mkdir(exist_ok=True)
        names = "".join(f"   {name}\n" for name in chapters)
        (tmp_path / "spec/index.rst").write_text(INDEX + names)
        text = f"Widgets\n=======\n\nMaking widgets\n--------------\n\n{dedent(body)}"
        (tmp_path / "spec/widgets.rst").write_text(text)
        for name, chapter in chapters.items():
            (tmp_path / f"spec/{name}.rst").write_text(dedent(chapter))
        (tmp_path / "spec/editions").mkdir(exist_ok=True)
        (tmp_path / "spec/editions/1.0.toml").write_text(EDITION)
        (tmp_path / "steps/widgets.py").write_text(dedent(steps))
        return tmp_path

    return write
