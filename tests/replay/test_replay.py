"""Every operation recorded on a real kernel has the same result on the reference host of the matching era."""

from __future__ import annotations

from collections import Counter
from itertools import product

import pytest

import mdevref.mdev.eras
from tests.replay.player import ERAS, MASKED_NAMES, MASKED_TEXT, operations, replay
from tests.replay.recording import RECORDINGS, read

SECTIONS = [(kernel, section) for kernel in ERAS for section in operations(kernel)]


@pytest.mark.parametrize(("kernel", "section"), SECTIONS)
def test_the_host_answers_as_the_kernel_did(kernel: str, section: str) -> None:
    divergences = replay(kernel, section, ERAS[kernel]).divergences
    assert not divergences, f"{len(divergences)} differences from {kernel}:\n" + "\n".join(divergences)


@pytest.mark.parametrize("kernel", ERAS)
def test_nearly_all_that_was_recorded_is_compared(kernel: str, capsys: pytest.CaptureFixture[str]) -> None:
    outcomes = [replay(kernel, section, ERAS[kernel]) for section in operations(kernel)]
    recorded = sum(outcome.recorded for outcome in outcomes)
    compared = sum(outcome.compared for outcome in outcomes)
    header, _ = read(RECORDINGS / f"{kernel}.ndjson")
    with capsys.disabled():
        print(f"\n{kernel} on era {ERAS[kernel]}: {compared} of {recorded} recorded operations compared")
        for reason, count in sum((outcome.left_out for outcome in outcomes), Counter[str]()).items():
            print(f"  {count} operations left out: {reason}")
        for reason, count in header.left_out.items():
            print(f"  {count} of {header.lines} lines not converted: {reason}")
    assert compared > 0.9 * recorded


def test_what_is_masked_is_told_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    reasons: dict[str, list[str]] = {}
    for what, reason in [(text, why) for text, (_, why) in MASKED_TEXT.items()] + list(MASKED_NAMES.items()):
        reasons.setdefault(reason, []).append(what)
    with capsys.disabled():
        for reason, names in reasons.items():
            print(f"\nnot compared: {', '.join(names)}: {reason}", end="")
    assert all(reasons)


STRANGERS = [(kernel, era) for kernel, era in product(ERAS, mdevref.mdev.eras.ERAS) if era != ERAS[kernel]]


@pytest.mark.parametrize(("kernel", "era"), STRANGERS)
def test_a_host_of_another_era_does_not_pass(kernel: str, era: str) -> None:
    """Each recording matches the host of its own era and no other."""
    assert any(replay(kernel, section, era).divergences for section in operations(kernel))
