"""Fixtures: a suite of one chapter."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mdevref.suite.run.suite import Suite
from mdevref.suite.spec import derivation as derive
from mdevref.suite.spec.reader import read
from tests.suite.run.scenarios import STEPS
from tests.suite.small import SpecWriter


@pytest.fixture
def prepare(write_spec: SpecWriter) -> Callable[[str], Suite]:
    """Return the suite of a spec with this body."""

    def suite(body: str) -> Suite:
        folder = write_spec(body, steps=STEPS)
        derive.write(derive.features(read(folder / "spec")), folder / "features")
        return Suite(folder / "features", folder / "steps")

    return suite
