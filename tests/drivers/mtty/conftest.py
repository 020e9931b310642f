"""Fixtures: a card and a port."""

from __future__ import annotations

import pytest

from tests.drivers.mtty.bench import Bench
from tests.drivers.mtty.wired import Wired


@pytest.fixture
def card() -> Bench:
    return Bench()


@pytest.fixture
def port() -> Wired:
    return Wired()
