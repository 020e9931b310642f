"""A spec that accounts for every statement of a small document."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.suite.small import SpecWriter
from tests.suite.trace.traced import DOCUMENT, Traced, write


@pytest.fixture
def traced(write_spec: SpecWriter) -> Traced:
    """Write the spec and return its folder."""

    def written(text: str = DOCUMENT, more: str = "") -> Path:
        return write(write_spec, text, more)

    return written
