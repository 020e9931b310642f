"""nvidia: a device of one type excludes the other types of its GPU."""

from __future__ import annotations

from errno import EINVAL

import pytest

from mdevref.mdev.eras import ERAS
from tests.drivers.shapes import attribute, counts, loaded, type_of
from tests.machines import create, errno_of, remove, uuid

ALL = list(ERAS)


@pytest.mark.parametrize("era", ALL)
def test_one_type_of_nvidia_zeroes_the_others_of_that_gpu(era: str) -> None:
    host = loaded(era, "nvidia", addresses="0000:3b:00.0 0000:af:00.0")
    fresh = counts(host, "0000:3b:00.0")
    assert fresh == [16, 8, 4, 2, 1]
    create(host, 1, type_of("0000:3b:00.0", "nvidia-18"))
    assert counts(host, "0000:3b:00.0") == [0, 0, 3, 0, 0]
    assert counts(host, "0000:af:00.0") == fresh
    assert errno_of(create, host, 2, type_of("0000:3b:00.0", "nvidia-22")) == EINVAL
    create(host, 2, type_of("0000:af:00.0", "nvidia-22"))
    assert counts(host, "0000:af:00.0") == [0, 0, 0, 0, 0]
    assert errno_of(create, host, 3, type_of("0000:af:00.0", "nvidia-22")) == EINVAL
    remove(host, uuid(1))
    assert counts(host, "0000:3b:00.0") == fresh


def test_nvidias_parameters_are_kept() -> None:
    host = loaded("5.10", "nvidia")
    create(host, 1, type_of("0000:3b:00.0", "nvidia-18"))
    assert host.sysfs.read(attribute("nvidia/vgpu_params")) == b"\n"
    host.sysfs.write(attribute("nvidia/vgpu_params"), b"frame_rate_limiter=0\n")
    assert host.sysfs.read(attribute("nvidia/vgpu_params")) == b"frame_rate_limiter=0\n"
