"""The smallest spec with a problem triggers each lint, which reports the place."""

from __future__ import annotations

import pytest

from mdevref.suite.run import step_modules
from mdevref.suite.run.lint import lint
from mdevref.suite.spec import catalogue
from mdevref.suite.spec.model import SpecError
from mdevref.suite.spec.reader import read
from tests.suite.small import REQUIREMENT, STEPS, SpecWriter

OUTLINE = """\
.. requirement:: widget.paint
   :level: may
   :interface: management
   :basis: kernel

   A frame MAY be painted.

   .. scenario-outline:: Paint
      :cases: paints
      When <paint> is used

.. cases:: paints
   :caption: Paints

   | case | paint |
   | one  | red   |
   | two  | green |
"""


def findings(write_spec: SpecWriter, body: str, steps: str | None = None) -> list[str]:
    folder = write_spec(body, steps=STEPS if steps is None else steps)
    known = step_modules.load_catalogue(folder / "steps") if steps is not None else None
    problems = lint(read(folder / "spec"), folder / "spec", known, folder / "steps")
    return [str(problem).removeprefix(f"{folder}/") for problem in problems]


@pytest.mark.parametrize("body", [REQUIREMENT, OUTLINE])
def test_a_sound_spec_has_no_findings(write_spec: SpecWriter, body: str) -> None:
    assert findings(write_spec, body) == []


def test_a_sound_spec_with_its_steps_has_no_findings(write_spec: SpecWriter) -> None:
    assert findings(write_spec, REQUIREMENT, STEPS) == []


SPEC_LINTS = {
    "duplicate id": (
        f"{REQUIREMENT}\n{REQUIREMENT}",
        "spec/widgets.rst:19: widget.make: duplicate id; first used in widgets.rst:7",
    ),
    "no keyword": (
        REQUIREMENT.replace("MUST", "must"),
        "spec/widgets.rst:7: widget.make: a clause has exactly one RFC 2119 keyword; this one has no keyword",
    ),
    "two keywords": (
        REQUIREMENT.replace("widget.\n\n   ..", "widget and SHOULD NOT break.\n\n   .."),
        "this one has 2 keywords (MUST, SHOULD NOT)",
    ),
    "keyword of another level": (
        REQUIREMENT.replace("MUST", "SHOULD NOT"),
        "keyword SHOULD NOT does not match level must",
    ),
    "must without scenario": (REQUIREMENT[: REQUIREMENT.index("   .. scenario")], "a MUST needs a scenario"),
    "unknown source": (
        REQUIREMENT.replace("kernel\n", "kernel\n   :source: nowhere/12345678\n", 1),
        "source nowhere/12345678 not found in any edition of editions/",
    ),
    "source twice": (
        REQUIREMENT.replace("kernel\n", "kernel\n   :source: frames/12345678 frames/12345678\n", 1),
        "duplicate source frames/12345678",
    ),
    "document without source": (
        REQUIREMENT.replace("kernel", "document"),
        "basis document: :source: must name its statements",
    ),
    "document with releases": (
        REQUIREMENT.replace("kernel", "document\n   :source: frames/12345678\n   :releases: 5.1-"),
        "basis document: :releases: is not allowed",
    ),
    "title twice": (
        REQUIREMENT + "\n" + REQUIREMENT[REQUIREMENT.index("   .. scenario") :],
        "widget.make: duplicate title 'One widget'",
    ),
    "unknown cases": (OUTLINE.replace(":cases: paints", ":cases: paint"), "'Paint': unknown cases 'paint'"),
    "unnamed row": (OUTLINE.replace("| two ", "|     "), "cases paints: a row has no name (first column)"),
    "row twice": (OUTLINE.replace("| two ", "| one "), "cases paints: two rows are named 'one'"),
    "placeholder without column": (
        OUTLINE.replace("<paint> is", "<paint> <size> is"),
        "'Paint': unknown column <size> of the cases 'paints'",
    ),
    "no placeholder": (OUTLINE.replace("<paint>", "paint"), "'Paint': no column of the cases 'paints' is used"),
    "placeholder in a cell": (OUTLINE.replace("red  ", "<case>"), "cell '<case>' would be read as a placeholder"),
    "gherkin": (REQUIREMENT.replace("A frame MUST", "@frame MUST"), "starts like a line of Gherkin"),
}


@pytest.mark.parametrize(("body", "said"), SPEC_LINTS.values(), ids=SPEC_LINTS)
def test_a_spec_that_is_not_sound_is_told_where(write_spec: SpecWriter, body: str, said: str) -> None:
    found = findings(write_spec, body)
    assert any(said in line for line in found), found
    assert all(line.startswith("spec/widgets.rst:") for line in found)


def test_a_step_that_no_definition_matches(write_spec: SpecWriter) -> None:
    found = findings(write_spec, REQUIREMENT.replace("Then the widget", "Then this widget"), STEPS)
    assert found == [
        "spec/widgets.rst:14: widget.make: no step definition matches: Then this widget exists",
        "steps/widgets.py:9: no scenario uses: then 'the widget exists'",
    ]


def test_a_step_that_two_definitions_match(write_spec: SpecWriter) -> None:
    # behave notices only if the earlier pattern matches the later one as text.
    steps = STEPS.replace('"a widget is made"', '"a widget is {done}"').replace(
        "(context):\n    pass", "(context, done=''):\n    pass", 1
    )
    steps += '\n@when("a {thing} is made")\ndef a_thing_is_made(context, thing):\n    pass\n'
    (found,) = findings(write_spec, REQUIREMENT, steps)
    assert "widget.make: 2 step definitions match: When a widget is made: " in found
    assert "widgets.py:5 'a widget is {done}' and widgets.py:13 'a {thing} is made'" in found


def test_a_step_of_an_outline_is_checked_with_every_row(write_spec: SpecWriter) -> None:
    (found,) = findings(write_spec, OUTLINE, '@when("red is used")\ndef red(context):\n    pass\n')
    assert found.endswith("widget.paint: no step definition matches: When green is used")


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ("import nothing_of_that_name\n", "ModuleNotFoundError: No module named 'nothing_of_that_name'"),
        (STEPS + '\n@given("a frame")\ndef again(context):\n    pass\n', "already been defined"),
        ("def broken(:\n", "SyntaxError"),
    ],
)
def test_steps_that_cannot_be_loaded_are_one_line(write_spec: SpecWriter, steps: str, said: str) -> None:
    folder = write_spec(steps=steps)
    with pytest.raises(SpecError) as caught:
        step_modules.load_catalogue(folder / "steps")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_catalogue_knows_pattern_text_module_and_uses(write_spec: SpecWriter) -> None:
    folder = write_spec()
    known = step_modules.load_catalogue(folder / "steps")
    assert [(d.type, d.pattern, d.doc, d.module) for d in known.definitions] == [
        ("given", "a frame", "A frame.", "widgets"),
        ("when", "a widget is made", "", "widgets"),
        ("then", "the widget exists", "", "widgets"),
    ]
    used = catalogue.uses(known, read(folder / "spec"))
    assert [[(use.requirement, use.scenario) for use in uses] for uses in used.values()] == [
        [("widget.make", "One widget")]
    ] * 3
