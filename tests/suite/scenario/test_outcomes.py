"""Outcomes and mismatches in words."""

from __future__ import annotations

from errno import EEXIST

import pytest

from mdevref.suite.scenario.checks import Mismatch, check, name_of
from mdevref.suite.scenario.outcomes import Outcome


def test_a_mismatch_says_what_was_expected_and_seen() -> None:
    with pytest.raises(Mismatch) as raised:
        check(False, "0200", b"0644\n")
    assert str(raised.value) == 'expected 0200; seen: "0644\\n"'
    with pytest.raises(Mismatch, match="seen: none"):
        check([], "something", [])
    check(True, "nothing", None)
    assert name_of(EEXIST) == "EEXIST"
    assert name_of(None) == "errno None"


@pytest.mark.parametrize(
    ("outcome", "succeeded", "text"),
    [
        (Outcome(value=36, size=36), True, "36 of 36 bytes written"),
        (Outcome(value=12, size=36), False, "12 of 36 bytes written"),
        (Outcome(errno=EEXIST, size=36), False, "EEXIST"),
        (Outcome(value=b"0\n"), True, '"0\\n"'),
        (Outcome(), True, "success"),
    ],
)
def test_an_outcome(outcome: Outcome, succeeded: bool, text: str) -> None:
    assert outcome.succeeded is succeeded
    assert str(outcome) == text
