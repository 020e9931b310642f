"""``mdevref derive``."""

from __future__ import annotations

from pathlib import Path

from tests.commands.command import GOOD, Command, Said, one_line


def test_derive_writes_and_then_has_nothing_to_do(small: Path, mdevref: Command) -> None:
    assert mdevref("derive") == Said(0, "1 features, 1 changed\n", "")
    assert mdevref("derive") == Said(0, "1 features, 0 changed\n", "")
    assert mdevref("derive", "--check") == Said(0, "", "")


def test_derive_check_shows_a_changed_word_and_exits_1(derived: Path, mdevref: Command) -> None:
    chapter = derived / "spec/widgets.rst"
    chapter.write_text(chapter.read_text().replace(".. scenario:: One widget", ".. scenario:: A widget"))
    said = mdevref("derive", "--check")
    assert said.status == 1
    assert "-    Scenario: One widget\n+    Scenario: A widget\n" in said.out
    assert said.err == ""


def test_derive_check_shows_a_feature_that_is_too_many(derived: Path, mdevref: Command) -> None:
    stale = derived / "features/widgets/stale.feature"
    stale.write_text((derived / "features/widgets/making-widgets.feature").read_text())
    said = mdevref("derive", "--check")
    assert said.status == 1
    assert "--- features/widgets/stale.feature" in said.out


def test_a_spec_with_a_duplicate_id_is_one_clear_line(derived: Path, mdevref: Command) -> None:
    chapter = derived / "spec/widgets.rst"
    chapter.write_text(chapter.read_text().replace("widget.material", "widget.make"))
    for command in (("derive",), ("derive", "--check"), ("check", GOOD)):
        one_line(mdevref(*command), "spec/widgets.rst:19: widget.make: duplicate id; first used in widgets.rst:7")


def test_a_step_that_nothing_defines_is_one_clear_line(derived: Path, mdevref: Command) -> None:
    chapter = derived / "spec/widgets.rst"
    chapter.write_text(chapter.read_text().replace("is wood", "be wood"))
    said = mdevref("derive")
    assert said.status == 2
    assert "widget.material: no step definition matches: Then the material be wood" in said.err
