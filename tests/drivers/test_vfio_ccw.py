"""vfio_ccw: one device per subchannel."""

from __future__ import annotations

from errno import ENODEV, EPERM, EUSERS

import pytest

from mdevref.mdev.eras import ERAS
from tests.drivers.shapes import counts, loaded, type_of
from tests.machines import OLD, create, errno_of, remove, uuid

ALL = list(ERAS)


@pytest.mark.parametrize("era", ALL)
def test_a_subchannel_has_one_device(era: str) -> None:
    host = loaded(era, "vfio_ccw")
    type_ = type_of("0.0.0313", "vfio_ccw-io")
    create(host, 1, type_)
    assert counts(host, "0.0.0313") == [0]
    assert errno_of(create, host, 2, type_) == (EPERM if era in OLD else EUSERS)
    remove(host, uuid(1))
    create(host, 2, type_)


@pytest.mark.parametrize("era", ALL)
def test_a_broken_subchannel_has_none(era: str) -> None:
    host = loaded(era, "vfio_ccw", addresses="0.0.0313 0.0.0314", broken="0.0.0314")
    assert errno_of(create, host, 1, type_of("0.0.0314", "vfio_ccw-io")) == ENODEV
    assert counts(host, "0.0.0314") == [1]
    create(host, 1, type_of("0.0.0313", "vfio_ccw-io"))
