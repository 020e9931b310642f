"""Rules for the spec as a whole, in addition to the lints of single requirements."""

from __future__ import annotations

from collections import Counter

import pytest

from mdevref.suite import data
from mdevref.suite.run.lint import lint
from mdevref.suite.spec.catalogue import Catalogue
from mdevref.suite.spec.model import Spec
from mdevref.suite.spec.reader import read


@pytest.fixture(scope="module")
def spec() -> Spec:
    return read(data.spec())


def test_it_is_sound_and_its_vocabulary_closed(spec: Spec, catalogue: Catalogue) -> None:
    assert lint(spec, data.spec(), catalogue, data.steps()) == []


def test_a_title_stands_for_one_scenario(spec: Spec) -> None:
    titles = Counter(scenario.title for requirement in spec.requirements() for scenario in requirement.scenarios)
    assert [title for title, count in titles.items() if count > 1] == []


def test_only_scenarios_with_the_scripted_vendor_driver_tell_it_what_to_do(spec: Spec) -> None:
    for requirement in spec.requirements():
        for scenario in requirement.scenarios:
            steps = [step.text for step in scenario.steps]
            told = [
                text
                for text in steps
                if text.startswith(
                    ("create of the vendor driver", "remove of the vendor driver", "probe of the vendor driver")
                )
            ]
            assert not told or steps[0].startswith("the scripted vendor driver"), scenario.title


def test_no_chapter_of_the_management_interface_names_a_vendor(spec: Spec) -> None:
    vendors = ("mtty", "mdpy", "mbochs", "i915", "nvidia")
    named = [
        scenario.title
        for requirement in spec.requirements()
        if requirement.interface == "management"
        for scenario in requirement.scenarios
        for step in scenario.steps
        if any(vendor in step.text for vendor in vendors)
    ]
    assert named == []
