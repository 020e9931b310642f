"""The input that create and remove accept, according to recordings and sources of real kernels."""

from __future__ import annotations

from collections.abc import Callable
from errno import EINVAL

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdevref.mdev.parsing import UNSIGNED_LONG_MAX, parse_unsigned, parse_uuid
from tests.machines import errno_of

UUID = b"83b8f4f2-509f-382f-3c1e-e6bfe0fa0002"


@pytest.mark.parametrize("last", [b"", b"\n", b" ", b"\0", b"x", b"0"])
def test_36_characters_are_a_uuid_and_a_37th_may_be_anything(last: bytes) -> None:
    assert parse_uuid(UUID + last) == UUID.decode()


@pytest.mark.parametrize("written", [UUID.upper(), b"83B8f4F2-509f-382F-3c1e-E6bfe0fa0002"])
def test_letters_of_either_case_become_lower_case(written: bytes) -> None:
    assert parse_uuid(written) == UUID.decode()


@pytest.mark.parametrize("digit", "0f")
def test_no_version_or_variant_is_asked_for(digit: str) -> None:
    written = "-".join(digit * length for length in (8, 4, 4, 4, 12))
    assert parse_uuid(written.encode()) == written


@pytest.mark.parametrize(
    "written",
    [
        UUID + b"\r\n",
        UUID + b"\n\n",
        b" " + UUID,
        b"\n" + UUID,
        UUID[:35],
        UUID[:35] + b"\n",
        UUID.replace(b"-", b""),
        UUID.replace(b"-", b"") + b"0000",
        b"{" + UUID + b"}",
        b"urn:uuid:" + UUID,
        UUID[:35] + b"z",
        b"g" + UUID[1:],
        b"83b8f4f-2509f-382f-3c1e-e6bfe0fa0002",
        UUID.replace(b"-", b"_"),
        b"0x" + UUID[2:],
        UUID[:20] + b"\0" + UUID[21:],
        b"\xff" * 36,
        b"\n",
        b"a" * 4096,
    ],
)
def test_anything_else_is_einval(written: bytes) -> None:
    assert errno_of(parse_uuid, written) == EINVAL


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (b"1", 1),
        (b"1\n", 1),
        (b"2", 2),
        (b"+1", 1),
        (b"0x1", 1),
        (b"0X1f", 31),
        (b"0x10\n", 16),
        (b"010", 8),
        (b"0", 0),
        (b"00", 0),
        (b"0\n", 0),
        (b"0x0", 0),
        (b"+0x2", 2),
        (b"18446744073709551615", UNSIGNED_LONG_MAX),
        (b"1\0", 1),
        (b"1\0 what else", 1),
        (b"1\n\0x", 1),
    ],
)
def test_numbers_in_the_kernels_notation(written: bytes, value: int) -> None:
    assert parse_unsigned(written) == value


@pytest.mark.parametrize(
    "written",
    [
        b"\n", b"", b"\0", b"-1", b" 1", b"1 ", b"1\n\n", b"1x", b"yes", b"abc", b"0x", b"08", b"09", b"++1", b"0b1",
        b"1\r\n", b"0x1g", b"+", b"18446744073709551616", b"0x10000000000000000", b"1_0",
    ],
)  # fmt: skip
def test_what_is_no_number_is_einval(written: bytes) -> None:
    assert errno_of(parse_unsigned, written) == EINVAL


@given(st.uuids(), st.booleans())
def test_every_uuid_comes_back_as_its_lower_case_text(value: object, is_upper: bool) -> None:
    text = str(value).upper() if is_upper else str(value)
    assert parse_uuid(text.encode()) == str(value)


@given(st.integers(min_value=0, max_value=UNSIGNED_LONG_MAX), st.sampled_from(["{}", "+{}", "0x{:x}", "0{:o}", "{}\n"]))
def test_every_unsigned_number_is_read_in_each_notation(value: int, notation: str) -> None:
    assert parse_unsigned(notation.format(value).encode()) == value


@given(st.binary(max_size=40), st.sampled_from([parse_uuid, parse_unsigned]))
def test_any_bytes_give_a_value_or_einval(written: bytes, parse: Callable[[bytes], object]) -> None:
    try:
        parse(written)
    except OSError as error:
        outcome = error.errno
    else:
        outcome = None
    assert outcome in (None, EINVAL)
