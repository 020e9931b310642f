"""i915: types that share memory and fences."""

from __future__ import annotations

from errno import EBUSY, EINVAL, ENOSPC

import pytest

from mdevref.mdev.eras import ERAS
from tests.drivers.shapes import attribute, counts, loaded, type_of, types_of
from tests.machines import create, errno_of, machine, remove, uuid

ALL = list(ERAS)


@pytest.mark.parametrize("era", ALL)
def test_i915s_types_share_memory_and_fences(era: str) -> None:
    host = loaded(era, "i915", aperture="512")
    address = "0000:00:02.0"
    assert sorted(types_of(host, address)) == ["i915-GVTg_V5_2", "i915-GVTg_V5_4", "i915-GVTg_V5_8"]
    assert counts(host, address) == [1, 3, 6]
    create(host, 1, type_of(address, "i915-GVTg_V5_4"))
    assert counts(host, address) == [1, 2, 4]
    create(host, 2, type_of(address, "i915-GVTg_V5_2"))
    assert counts(host, address) == [0, 0, 0]
    assert errno_of(create, host, 3, type_of(address, "i915-GVTg_V5_8")) == ENOSPC
    assert host.sysfs.read(attribute("intel_vgpu/vgpu_id", 2)) == b"2\n"


def test_i915s_names_tell_the_generation() -> None:
    assert sorted(types_of(loaded("4.13", "i915", generation="8"), "0000:00:02.0")) == [
        "i915-GVTg_V4_4",
        "i915-GVTg_V4_8",
    ]
    assert errno_of(machine("4.13").load, "i915", generation="12") == EINVAL


def test_low_memory_high_memory_and_fences_can_each_be_what_is_short() -> None:
    host = loaded("5.10", "i915", aperture="1024")
    assert counts(host, "0000:00:02.0") == [1, 2, 5, 7]
    for number in range(7):
        create(host, number, type_of("0000:00:02.0", "i915-GVTg_V5_8"))
    assert errno_of(create, host, 7, type_of("0000:00:02.0", "i915-GVTg_V5_8")) == ENOSPC


def test_i915_refuses_to_remove_what_is_open_where_a_vendor_may() -> None:
    host = loaded("4.13", "i915")
    create(host, 1, type_of("0000:00:02.0", "i915-GVTg_V5_4"))
    device = host.open_device(uuid(1))
    assert errno_of(remove, host, uuid(1)) == EBUSY
    device.close()
    remove(host, uuid(1))
    assert counts(host, "0000:00:02.0") == [1, 2]
