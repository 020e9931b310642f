"""Features derived from a spec are deterministic and complete, and behave reads them as intended."""

from __future__ import annotations

from pathlib import Path

import pytest
from behave.parser import parse_feature

from mdevref.suite.spec import derivation as derive
from mdevref.suite.spec.model import SpecError
from mdevref.suite.spec.reader import read
from tests.suite.small import REQUIREMENT, SpecWriter
from tests.suite.spec.test_reader import FULL

EXPECTED = r"""# Derived from spec/widgets.rst by `mdevref derive`; edit the spec, not this file.
Feature: Making widgets

  @widget.paint @should @driver @basis.kernel @since.4.18 @until.5.12
  Rule: widget.paint
    Painting with paint MUST in a colour SHOULD dry. It dries by

    * wind

    * sun

    Scenario: Red paint
      Given a frame
      And these colours
        | colour |
        | red    |
      When it is read as
        '''
          two
        '''
      Then it dries

    Scenario Outline: The paint <paint> [<case>]
      When "<paint>" is used

      Examples: paints
        | case | paint  |
        | one  | a \| b |
""".replace("'''", '"""')


def test_a_feature_says_all_that_a_run_needs(write_spec: SpecWriter) -> None:
    assert derive.features(read(write_spec(FULL) / "spec")) == {"widgets/making-widgets.feature": EXPECTED}


def test_behave_reads_the_scenarios_that_we_say_it_runs(write_spec: SpecWriter) -> None:
    spec = read(write_spec(FULL) / "spec")
    (text,) = derive.features(spec).values()
    feature = parse_feature(text)
    assert feature is not None
    ran = [
        (scenario.name.partition(" -- ")[0], [(step.step_type, step.name) for step in scenario.steps])
        for scenario in feature.walk_scenarios()
    ]
    (requirement,) = spec.requirements()
    said = [each for scenario in requirement.scenarios for each in derive.concrete(scenario, spec.cases)]
    assert ran == [(each.title, list(each.steps)) for each in said]
    assert ran[1] == ("The paint a | b [one]", [("when", '"a | b" is used')])


def test_no_line_of_a_clause_is_taken_for_gherkin() -> None:
    clause = "word " * 18 + "typing # echo @once | and Scenario: twice " + "word " * 18
    lines = [line.strip() for line in derive.clause_lines(clause.strip())]
    assert not any(derive.GHERKIN_LINE.match(line) for line in lines)
    feature = parse_feature("Feature: f\n  Rule: r\n" + "\n".join(lines) + "\n    Scenario: s\n      Given x\n")
    assert feature is not None
    assert " ".join(feature.rules[0].description).split() == clause.split()


@pytest.mark.parametrize("word", ["# echo", "@tag", "| x", "Scenario: x"])
def test_a_word_of_gherkin_is_never_first_on_its_line(word: str) -> None:
    for length in range(80, 105):
        lines = [line.strip() for line in derive.clause_lines("x" * length + f" {word} and more")]
        assert not any(derive.GHERKIN_LINE.match(line) for line in lines)


def test_written_features_do_not_differ_and_a_changed_word_does(write_spec: SpecWriter) -> None:
    folder = write_spec()
    features = folder / "features"
    derived = derive.features(read(folder / "spec"))
    assert derive.write(derived, features) == ["widgets/making-widgets.feature"]
    assert derive.write(derived, features) == []
    assert derive.difference(derived, features) == ""
    changed = derive.features(read(write_spec(REQUIREMENT.replace("exists", "is there")) / "spec"))
    diff = derive.difference(changed, features)
    assert "-      Then the widget exists\n+      Then the widget is there\n" in diff
    assert diff.startswith("--- features/widgets/making-widgets.feature\n")


def test_a_feature_that_the_spec_does_not_give_any_more_differs_and_is_removed(write_spec: SpecWriter) -> None:
    folder = write_spec()
    features = folder / "features"
    derived = derive.features(read(folder / "spec"))
    stale = features / "old/section.feature"
    stale.parent.mkdir()
    stale.write_text(derived["widgets/making-widgets.feature"])
    derive.write(derived, features)
    assert not stale.parent.exists()
    stale.parent.mkdir()
    stale.write_text(derived["widgets/making-widgets.feature"])
    assert "--- features/old/section.feature\n+++ /dev/null\n" in derive.difference(derived, features)


def test_a_feature_written_by_hand_is_not_overwritten(write_spec: SpecWriter) -> None:
    folder = write_spec()
    own = folder / "features/own.feature"
    own.write_text("Feature: Mine\n")
    with pytest.raises(SpecError, match=r"own\.feature: not a feature derived from the spec"):
        derive.write(derive.features(read(folder / "spec")), folder / "features")
    assert own.read_text() == "Feature: Mine\n"
    assert not (folder / "features/widgets").exists()


def test_deriving_twice_gives_the_same_bytes(write_spec: SpecWriter, tmp_path: Path) -> None:
    folder = write_spec(FULL)
    assert derive.features(read(folder / "spec")) == derive.features(read(folder / "spec"))
