"""Reading a spec: the values of the directives, and the errors for invalid ones."""

from __future__ import annotations

import pickle

import pytest

from mdevref.suite.interface.releases import Releases
from mdevref.suite.spec.model import SpecError, Step
from mdevref.suite.spec.reader import read
from tests.suite.small import REQUIREMENT, SpecWriter

FULL = """\
.. requirement:: widget.paint
   :level: should
   :interface: driver
   :basis: kernel
   :releases: 4.18-5.12
   :source: frames/0123abcd
      frames/4567cdef

   Painting with ``paint MUST`` in a :term:`colour <paint>` SHOULD dry.
   It dries by

   * wind
   * sun

   .. scenario:: Red paint
      Given a frame
      And these colours

      | colour |
      | red    |
      When it is read as
      \"\"\"
        two
      \"\"\"
      Then it dries

   .. scenario-outline:: The paint <paint>
      :cases: paints
      When "<paint>" is used

.. cases:: paints
   :caption: Known paints

   | case | paint   |
   | one  | a \\| b |
"""


def test_a_requirement_carries_all_that_its_directive_says(write_spec: SpecWriter) -> None:
    spec = read(write_spec(FULL) / "spec")
    (chapter,) = spec.chapters
    (section,) = chapter.sections
    assert (chapter.name, chapter.title) == ("widgets", "Widgets")
    assert (section.title, section.slug) == ("Making widgets", "making-widgets")
    (requirement,) = section.requirements
    assert requirement.id == "widget.paint"
    assert (requirement.level, requirement.interface, requirement.basis) == ("should", "driver", "kernel")
    assert requirement.releases == Releases((4, 18), (5, 12))
    assert requirement.sources == ("frames/0123abcd", "frames/4567cdef")
    assert requirement.clause == "Painting with paint MUST in a colour SHOULD dry. It dries by\n\n* wind\n\n* sun"
    assert requirement.keywords == ("SHOULD",)
    assert (requirement.place.file, requirement.place.line) == ("widgets.rst", 7)


def test_a_scenario_has_its_steps_with_what_is_attached_to_them(write_spec: SpecWriter) -> None:
    (requirement,) = read(write_spec(FULL) / "spec").requirements()
    plain, outline = requirement.scenarios
    assert plain.title == "Red paint"
    assert plain.cases is None
    assert plain.steps == (
        Step("Given", "a frame"),
        Step("And", "these colours", ("| colour |", "| red    |")),
        Step("When", "it is read as", ('"""', "  two", '"""')),
        Step("Then", "it dries"),
    )
    assert (outline.title, outline.cases) == ("The paint <paint>", "paints")
    assert outline.steps == (Step("When", '"<paint>" is used'),)


def test_a_table_of_cases_keeps_its_cells_as_written(write_spec: SpecWriter) -> None:
    table = read(write_spec(FULL) / "spec").cases["paints"]
    assert table.caption == "Known paints"
    assert table.columns == ("case", "paint")
    assert table.rows == (("one", r"a \| b"),)


def test_the_nodes_values_survive_being_pickled_as_sphinx_does(write_spec: SpecWriter) -> None:
    spec = read(write_spec(FULL) / "spec")
    assert pickle.loads(pickle.dumps(spec)) == spec


def test_each_section_is_of_the_innermost_title_above_its_requirements(write_spec: SpecWriter) -> None:
    deeper = REQUIREMENT + "\nPainting\n~~~~~~~~\n\n" + REQUIREMENT.replace("widget.make", "widget.paint")
    (chapter,) = read(write_spec(deeper) / "spec").chapters
    assert [(s.slug, [r.id for r in s.requirements]) for s in chapter.sections] == [
        ("making-widgets", ["widget.make"]),
        ("painting", ["widget.paint"]),
    ]


def test_the_order_of_chapters_is_that_of_the_toctree(write_spec: SpecWriter) -> None:
    spec = read(write_spec(zebra="Z\n=\n", ape="A\n=\n") / "spec")
    assert [chapter.name for chapter in spec.chapters] == ["widgets", "zebra", "ape"]


def test_directives_and_roles_of_sphinx_are_passed_over(write_spec: SpecWriter) -> None:
    chapter = "Terms\n=====\n\n.. glossary::\n\n   frame\n      See :doc:`widgets`.\n\nA :term:`frame`.\n"
    assert read(write_spec(terms=chapter) / "spec").chapters[1].title == "Terms"


def test_the_checksum_changes_with_any_chapter(write_spec: SpecWriter) -> None:
    folder = write_spec() / "spec"
    before = read(folder).checksum
    assert read(folder).checksum == before
    (folder / "widgets.rst").write_text((folder / "widgets.rst").read_text() + "\n.. a comment\n")
    assert read(folder).checksum != before


BROKEN = {
    "level": (
        ":level: must",
        ":level: shall",
        "7: requirement 'widget.make': :level: invalid value shall (choose from must, should, may)",
    ),
    "interface": ("   :interface: management\n", "", "7: requirement 'widget.make': missing option :interface:"),
    "id": ("widget.make", "Widget", "7: requirement 'Widget': invalid id (expected lower-case words joined by dots"),
    "releases": (":basis: kernel", ":basis: kernel\n   :releases: 5", "invalid range of releases '5'"),
    "backward": (":basis: kernel", ":basis: kernel\n   :releases: 5.2-5.1", "the end is older than the beginning"),
    "source": (":basis: kernel", ":basis: kernel\n   :source: frames", ":source: invalid statement frames"),
    "option": (":basis:", ":bases:", 'unknown option: "bases"'),
    "clause": ("   A frame MUST make a widget.\n", "", "missing clause"),
    "step": ("When a widget", "Wenn a widget", "14: scenario 'One widget': invalid step 'Wenn a widget is made'"),
    "first step": ("Given a frame", "And a frame", "the first step must not begin with And"),
    "markup": ("A frame MUST", "A ``frame MUST", "Inline literal start-string without end-string"),
}


@pytest.mark.parametrize(("old", "new", "said"), BROKEN.values(), ids=BROKEN)
def test_what_cannot_be_understood_is_named_by_file_and_line(
    write_spec: SpecWriter, old: str, new: str, said: str
) -> None:
    assert old in REQUIREMENT
    folder = write_spec(REQUIREMENT.replace(old, new))
    with pytest.raises(SpecError) as caught:
        read(folder / "spec")
    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"{folder}/spec/widgets.rst:")
    assert said in line


CASES = ".. cases:: paints\n   :caption: Paints\n\n   | case | paint |\n   | one | red |\n"
BROKEN_CASES = {
    "ragged": ("| one | red |", "| one |", "row 1 (one) has 1 cells for 2 columns"),
    "no case": ("| case |", "| name |", "the first column must be 'case', the name of the row, not 'name'"),
    "no rows": ("   | one | red |\n", "", "at least one row"),
    "no bar": ("| one | red |", "| one | red", "invalid row"),
    "two columns": ("| paint |", "| case |", "duplicate column name"),
    "no caption": ("   :caption: Paints\n", "", "missing option :caption:"),
}


@pytest.mark.parametrize(("old", "new", "said"), BROKEN_CASES.values(), ids=BROKEN_CASES)
def test_a_broken_table_is_named(write_spec: SpecWriter, old: str, new: str, said: str) -> None:
    assert old in CASES
    with pytest.raises(SpecError, match=r"widgets\.rst:\d+: cases 'paints': ") as caught:
        read(write_spec(CASES.replace(old, new)) / "spec")
    assert said in str(caught.value)


def test_two_tables_of_one_name_are_an_error(write_spec: SpecWriter) -> None:
    with pytest.raises(SpecError, match=r"widgets\.rst:13: duplicate cases 'paints'; first defined in widgets\.rst:7"):
        read(write_spec(f"{CASES}\n{CASES}") / "spec")


def test_a_chapter_that_the_toctree_forgets_is_an_error(write_spec: SpecWriter) -> None:
    folder = write_spec() / "spec"
    (folder / "lost.rst").write_text("Lost\n====\n")
    with pytest.raises(SpecError, match=r"lost\.rst: chapter missing in the toctree of index\.rst"):
        read(folder)


def test_a_chapter_that_does_not_exist_is_an_error(write_spec: SpecWriter) -> None:
    folder = write_spec() / "spec"
    (folder / "widgets.rst").unlink()
    with pytest.raises(SpecError, match=r"widgets\.rst: No such file or directory"):
        read(folder)


@pytest.mark.parametrize("wrapper", [".. only:: html", ".. tabs::"])
def test_a_requirement_may_not_hide_in_a_directive_of_sphinx(write_spec: SpecWriter, wrapper: str) -> None:
    hidden = wrapper + "\n\n" + "".join(f"   {line}\n" for line in REQUIREMENT.splitlines())
    with pytest.raises(SpecError, match="a requirement must not be inside the directive"):
        read(write_spec(hidden) / "spec")


def test_a_scenario_belongs_to_a_requirement(write_spec: SpecWriter) -> None:
    with pytest.raises(SpecError, match="scenario outside of any requirement"):
        read(write_spec(".. scenario:: Alone\n   Given a frame\n") / "spec")


def test_all_problems_are_told_at_once(write_spec: SpecWriter) -> None:
    both = REQUIREMENT.replace("Given a", "Geben a") + "\n" + REQUIREMENT.replace(":level: must", ":level: shall")
    with pytest.raises(SpecError) as caught:
        read(write_spec(both) / "spec")
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize(
    ("releases", "release", "holds"),
    [
        ("4.18-", (4, 17), False), ("4.18-", (4, 18), True), ("4.18-", (6, 1), True), ("4.18-", None, True),
        ("-5.1", (5, 1), True), ("-5.1", (5, 2), False), ("-5.1", None, False),
        ("4.10-5.12", (4, 9), False), ("4.10-5.12", (5, 12), True), ("4.10-5.12", (5, 13), False),
    ],
)  # fmt: skip
def test_releases_hold_up_to_both_ends(releases: str, release: tuple[int, int] | None, holds: bool) -> None:
    assert Releases.parse(releases).hold_for(release) is holds
    assert str(Releases.parse(releases)) == releases
