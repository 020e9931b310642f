"""The guide's generated tables contain every key and every driver, each with a description."""

from __future__ import annotations

import msgspec
import pytest

from mdevref.host import DRIVERS
from mdevref.hosts import description, reference

STRUCTS = [
    name for name, thing in vars(description).items() if isinstance(thing, type) and issubclass(thing, msgspec.Struct)
]


@pytest.mark.parametrize("name", STRUCTS)
def test_each_key_has_a_row_with_a_meaning(name: str) -> None:
    rows = [row.splitlines() for row in reference.keys(name).split("   * - ")[2:]]
    fields = [field.encode_name for field in msgspec.structs.fields(getattr(description, name))]
    tag = [] if getattr(description, name).__struct_config__.tag is None else ["at"]
    assert [row[0] for row in rows] == [f"``{field}``" for field in tag + fields]
    assert all(row[3].removeprefix("     - ").endswith(".") for row in rows)


def test_what_can_be_left_out_says_what_then_holds() -> None:
    text = reference.keys("Description")
    assert '* - ``era``\n     - text\n     - ``"4.13"``\n' in text
    assert "* - ``bus_driver``\n     - true or false\n     - ``true``\n" in text
    assert "* - ``driver``\n     - text\n     - required\n" in reference.keys("Parent")
    assert "* - ``delay``\n     - seconds\n     - required\n" in reference.keys("MdevTypeFault")


def test_each_driver_is_told_of_with_its_options() -> None:
    lines = [line for line in reference.options().splitlines() if line and not line.startswith(" ")]
    assert [line.partition(":")[0] for line in lines] == list(DRIVERS)
    assert 'mdpy: ``count = "4"``' in lines
    assert "nvidia: no options" in lines
