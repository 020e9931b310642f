"""Fixtures: a bench for each era, and a user of a device."""

from __future__ import annotations

import pytest

from mdevref.mdev.eras import ERAS
from tests.vfio.bench import Bench
from tests.vfio.users import User, host_of, user_of

ALL = list(ERAS)


@pytest.fixture(params=ALL)
def bench(request: pytest.FixtureRequest) -> Bench:
    return Bench(request.param)


@pytest.fixture(params=ALL)
def user(request: pytest.FixtureRequest) -> User:
    return user_of(host_of(request.param))
