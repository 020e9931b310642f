"""Each checking step fails if its condition is not met: a step that cannot fail tests nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from mdevref.suite.scenario.checks import Mismatch
from mdevref.suite.spec.catalogue import Catalogue
from tests.steps.change_cases import CASES as CHANGE_CASES
from tests.steps.conftest import Stage, StageMaker
from tests.steps.device_cases import CASES as DEVICE_CASES
from tests.steps.driver_cases import CASES as DRIVER_CASES
from tests.steps.sample_cases import CASES as SAMPLE_CASES
from tests.steps.sysfs_cases import CASES as SYSFS_CASES
from tests.steps.translation_cases import CASES as TRANSLATION_CASES
from tests.steps.walk_through_cases import CASES as WALK_THROUGH_CASES

Spoil = Callable[[Stage], None]
Cases = Mapping[str, tuple[str, Spoil | None, str]]


def _of(topic: str, cases: Cases) -> Cases:
    """Return the cases with the topic in front of their names."""
    return {f"{topic}: {name}": case for name, case in cases.items()}


#: The steps, the function that modifies the machine at a line ``*``, and what the failing last step reports as seen.
CASES: Cases = {
    **SYSFS_CASES,
    **CHANGE_CASES,
    **_of("device", DEVICE_CASES),
    **_of("driver", DRIVER_CASES),
    **_of("sample", SAMPLE_CASES),
    **_of("translation", TRANSLATION_CASES),
    **_of("walk-through", WALK_THROUGH_CASES),
}


@pytest.mark.parametrize("case", CASES)
def test_a_step_says_what_it_expected_and_what_it_saw(case: str, stage: StageMaker) -> None:
    played, spoil, seen = CASES[case]
    *before, last = filter(None, played.split("\n"))
    on = stage(watches=True)
    for number, line in enumerate(before):
        if line == "*":
            assert spoil
            spoil(on)
        else:
            on.play(line if not line.startswith("And") else f"{_kind(before[:number])} {line[4:]}")
    assert on.context.scenario.reason is None
    with pytest.raises(Mismatch) as raised:
        on.play(last)
    on.spoil()
    assert seen in raised.value.seen
    assert raised.value.expected


def _kind(before: list[str]) -> str:
    return next(line.split()[0] for line in reversed(before) if line != "*" and not line.startswith("And"))


def test_every_step_that_looks_has_a_case(catalogue: Catalogue) -> None:
    last = [played.splitlines()[-1].partition(" ")[2] for played, _, _ in CASES.values()]
    missed = [
        definition.pattern
        for definition, matcher in catalogue.matchers["then"]
        if not any(matcher.match(text) for text in last)
    ]
    assert not missed


def test_every_step_is_described_in_one_line(catalogue: Catalogue) -> None:
    unfit = [each.pattern for each in catalogue.definitions if not each.doc or len(each.doc.splitlines()) > 1]
    assert not unfit
