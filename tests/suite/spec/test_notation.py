"""Texts in scenarios: names, escapes, and the display of observed values."""

from __future__ import annotations

import pytest
from hypothesis import given as holds_for
from hypothesis import strategies as st

from mdevref.suite.spec import notation

NAMES = {"uuid": "abc", "UUID": "ABC", "A": "def"}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("", ""),
        ("mtty", "mtty"),
        ("{uuid}", "abc"),
        ("{UUID}\\n", "ABC\n"),
        ("{{uuid}}", "{abc}"),
        ("{A}{B}", "def{B}"),
        ("\\x20\\x00\\xff", " \0\xff"),
        ("\\\\n\\t\\r", "\\n\t\r"),
        ("{nobody}", "{nobody}"),
    ],
)
def test_a_text_means(written: str, meant: str) -> None:
    assert notation.resolve(written, NAMES.get) == meant


@pytest.mark.parametrize("written", ["\\q", "\\X20", "\\x2", "a\\"])
def test_what_is_no_escape_is_refused_or_stays(written: str) -> None:
    if written.endswith("\\"):
        assert notation.resolve(written, NAMES.get) == written
    else:
        with pytest.raises(ValueError, match="unknown escape"):
            notation.resolve(written, NAMES.get)


@holds_for(st.binary())
def test_what_is_shown_means_what_was_seen(seen: bytes) -> None:
    shown = notation.shown(seen)
    assert shown.isascii()
    assert shown.isprintable()
    assert notation.data(notation.resolve(shown[1:-1], lambda _: None)) == seen
