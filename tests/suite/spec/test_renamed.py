"""A scenario is found under its earlier names, and each entry of ``renamed.toml`` must lead to one current name."""

from __future__ import annotations

from pathlib import Path

import pytest

from mdevref.suite.run.lint import lint
from mdevref.suite.spec.reader import read
from mdevref.suite.spec.renamed import FILE, Renamed, RenamedError, load
from tests.suite.small import SpecWriter

SPEC = """\
.. requirement:: widget.make
   :level: must
   :interface: management
   :basis: kernel

   A frame MUST make a widget.

   .. scenario:: Make a widget
      Given a frame
      When a widget is made
      Then the widget exists

   .. scenario-outline:: Make a painted widget
      :cases: paints

      Given a frame
      When a <paint> widget is made

.. requirement:: widget.keep
   :level: must
   :interface: management
   :basis: kernel

   A frame MUST keep its widget.

   .. scenario:: Widget after a second one
      Given a frame

   .. scenario-outline:: Painted widget after a second one
      :cases: paints

      Given a <paint> frame

.. cases:: paints
   :caption: Paints

   | case       | paint |
   | dark red   | red   |
   | green      | green |
"""

RENAMED = """\
[rows]
paints."the red of wine" = "dark red"

[moved]
"widget.make"."A widget is there still" = "widget.keep: Widget after a second one"
"widget.make"."Paint that stays [<paints>]" = "widget.keep: Painted widget after a second one [<paints>]"

[scenarios]
"widget.make"."One widget" = "Make a widget"
"widget.make"."Paint [<paints>]" = "Make a painted widget [<paints>]"
"""


@pytest.fixture
def spec_dir(write_spec: SpecWriter) -> Path:
    folder = write_spec(SPEC) / "spec"
    (folder / FILE).write_text(RENAMED)
    return folder


@pytest.fixture
def renamed(spec_dir: Path) -> Renamed:
    return load(spec_dir)


@pytest.mark.parametrize(
    ("earlier", "current"),
    [
        (("widget.make", "One widget"), ("widget.make", "Make a widget")),
        (("widget.make", "Paint [the red of wine]"), ("widget.make", "Make a painted widget [dark red]")),
        (("widget.make", "Paint [green]"), ("widget.make", "Make a painted widget [green]")),
        (("widget.make", "A widget is there still"), ("widget.keep", "Widget after a second one")),
        (
            ("widget.make", "Paint that stays [the red of wine]"),
            ("widget.keep", "Painted widget after a second one [dark red]"),
        ),
        # What is not listed has kept its name, and so has what is named alike elsewhere.
        (("widget.make", "Make a widget"), ("widget.make", "Make a widget")),
        (("widget.make", "Make a painted widget [dark red]"), ("widget.make", "Make a painted widget [dark red]")),
        (("widget.keep", "One widget"), ("widget.keep", "One widget")),
        (("widget.keep", "Two [the red of wine]"), ("widget.keep", "Two [the red of wine]")),
        (("gone.for-good", "One widget"), ("gone.for-good", "One widget")),
    ],
)
def test_a_scenario_is_found_under_its_earlier_name(
    renamed: Renamed, earlier: tuple[str, str], current: tuple[str, str]
) -> None:
    assert renamed.current(*earlier) == current
    assert renamed.current(*current) == current


def test_a_row_is_renamed_where_its_outline_kept_its_title(spec_dir: Path) -> None:
    outline = '"widget.make"."Make a painted widget [<paints>]" = "Make a painted widget [<paints>]"\n'
    (spec_dir / FILE).write_text(RENAMED.replace(RENAMED.splitlines()[-1] + "\n", outline))
    found = load(spec_dir).current("widget.make", "Make a painted widget [the red of wine]")
    assert found == ("widget.make", "Make a painted widget [dark red]")
    assert lint(read(spec_dir), spec_dir) == []


def test_a_spec_without_earlier_names_renames_nothing(write_spec: SpecWriter) -> None:
    assert load(write_spec() / "spec").current("widget.make", "One widget") == ("widget.make", "One widget")


# -- lints

LINTS = {
    "unknown requirement": (
        '"widget.made"."A" = "Make a widget"',
        "'A' of widget.made: unknown requirement 'widget.made'",
    ),
    "unknown requirement moved to": (
        '[moved]\n"widget.make"."A" = "widget.kept: Make a widget"',
        "'A' of widget.make: unknown requirement 'widget.kept'",
    ),
    "moved without a requirement": ('[moved]\n"widget.make"."A" = "Make a widget"', "unknown requirement 'Make a wid"),
    "unknown title": ('"widget.make"."A" = "Make a frame"', "widget.make has no scenario 'Make a frame'"),
    "title of another requirement": ('"widget.keep"."A" = "Make a widget"', "widget.keep has no scenario"),
    "outline without its table": ('"widget.make"."A" = "Make a painted widget"', "has no scenario 'Make a painted wi"),
    "outline with another table": (
        '"widget.keep"."A [<colours>]" = "Painted widget after a second one [<paints>]"',
        "must name the same table of cases, 'colours'",
    ),
    "mapped twice": (
        '"widget.make"."A widget is there still" = "Make a widget"',
        "'A widget is there still' of widget.make: this earlier name is mapped twice",
    ),
    "outline mapped twice": (
        '"widget.make"."Paint" = "Make a widget"',
        "'Paint' of widget.make: this earlier name is mapped twice",
    ),
    "two to one": ('"widget.make"."A" = "Make a widget"', "another earlier name is mapped to 'Make a widget' of"),
    "a current name": (
        '[moved]\n"widget.make"."Make a widget" = "widget.keep: Widget after a second one"',
        "'Make a widget' of widget.make: this is the name of a scenario today",
    ),
    "the same name": ('"widget.keep"."Widget after a second one" = "Widget after a second one"', "has not changed"),
    "unknown table": ('[rows]\nwoods."oak" = "beech"', "'oak' of woods: unknown table of cases 'woods'"),
    "unknown row": ('[rows]\npaints."blue" = "azure"', "'blue' of paints: the table has no row 'azure'"),
    "a current row": ('[rows]\npaints."green" = "dark red"', "'green' of paints: this is the name of a row today"),
    "two rows to one": ('[rows]\npaints."wine" = "dark red"', "another earlier name is mapped to 'dark red' too"),
}


@pytest.mark.parametrize(("lines", "said"), LINTS.values(), ids=LINTS)
def test_an_entry_that_does_not_lead_to_a_current_name_is_an_error(spec_dir: Path, lines: str, said: str) -> None:
    *table, entry = lines.splitlines()
    parts = RENAMED.split("\n\n")
    index = next((index for index, part in enumerate(parts) if table and part.startswith(table[0])), -1)
    parts[index] = f"{parts[index].rstrip()}\n{entry}"
    text = "\n\n".join(parts)
    (spec_dir / FILE).write_text(text)
    place = f"spec/renamed.toml:{text.splitlines().index(entry) + 1}: "
    found = [str(problem).removeprefix(f"{spec_dir.parent}/") for problem in lint(read(spec_dir), spec_dir)]
    assert any(line.startswith(place) and said in line for line in found), found


def test_a_sound_file_has_no_findings(spec_dir: Path) -> None:
    assert lint(read(spec_dir), spec_dir) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[scenarios", "renamed.toml: "),
        ('[scenarios]\n"a.b"."A" = "B"\n"a.b"."A" = "C"\n', "at line 3"),
        ('[scenarios]\n"a.b" = "A"\n', "at `$.scenarios"),
        ('[titles]\n"a.b"."A" = "B"\n', "unknown field `titles`"),
    ],
)
def test_a_file_that_is_not_sound_is_one_line(spec_dir: Path, text: str, said: str) -> None:
    (spec_dir / FILE).write_text(text)
    with pytest.raises(RenamedError, match=r"renamed\.toml: ") as caught:
        load(spec_dir)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
