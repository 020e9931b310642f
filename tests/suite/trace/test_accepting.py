"""Accepting an edition: what is recorded of it, and what remains to fill in."""

from __future__ import annotations

import pytest

from mdevref.suite.run.lint import lint
from mdevref.suite.spec import reader as spec
from mdevref.suite.trace import command as tracing
from mdevref.suite.trace import editions
from mdevref.suite.trace.account import FILE, load_file
from mdevref.suite.trace.document import parse
from tests.suite.trace.traced import DOCUMENT, Traced, key_of, traced_document


def test_an_accepted_edition_leaves_what_somebody_has_to_fill_in(
    traced: Traced, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec_dir = traced()
    later = DOCUMENT.replace("for people who like order", "for people who love order").replace(
        "Each frame has a name of its own.", "Each frame has a number of its own. Some are red."
    )
    said = tracing.accepted(parse(later), "2.0", spec_dir)
    file = load_file(spec_dir)
    assert file.edition == "2.0"
    assert editions.names(spec_dir) == ["1.0", "2.0"]
    new = [key_of("Frames hold", later), key_of("Each frame", later), key_of("Some are red", later)]
    assert [key for key, why in file.whys().items() if not why] == new
    assert "3 to fill in" in said
    assert f"# reworded from {key_of('Each frame')}: It only tells." in (spec_dir / FILE).read_text()
    assert f"# reworded from {key_of('Frames hold')}: source of widget.hold" in (spec_dir / FILE).read_text()
    # Until then the spec has problems, and does not account for the document.
    assert [each.key for each in traced_document(spec_dir, later).unknown()] == new
    found = [str(problem) for problem in lint(spec.read(spec_dir), spec_dir)]
    assert sum("no reason given" in line for line in found) == 3
    text = (spec_dir / FILE).read_text()
    (spec_dir / FILE).write_text(text.replace('""', '"Now it is filled in."'))
    assert traced_document(spec_dir, later).is_complete
    assert lint(spec.read(spec_dir), spec_dir) == []


def test_accepting_an_edition_anew_tells_which_sources_it_has_lost(traced: Traced) -> None:
    spec_dir = traced()
    lost = key_of("mmap:")
    said = tracing.accepted(parse(DOCUMENT.replace("* mmap: somebody takes it home\n", "")), "1.0", spec_dir)
    assert f"{lost}: no longer in any edition, but a source of widget.hold" in said
    assert any(f"source {lost} not found in any edition" in str(each) for each in lint(spec.read(spec_dir), spec_dir))


def test_going_back_to_an_edition_leaves_nothing_open_of_another(traced: Traced) -> None:
    spec_dir = traced()
    tracing.accepted(parse(DOCUMENT), "1.0", spec_dir)
    written = (spec_dir / FILE).read_text()
    tracing.accepted(parse(DOCUMENT.replace("Each frame has a name", "Each frame has a number")), "2.0", spec_dir)
    assert (spec_dir / FILE).read_text().count('""') == 1
    tracing.accepted(parse(DOCUMENT), "1.0", spec_dir)
    assert (spec_dir / FILE).read_text() == written
    assert lint(spec.read(spec_dir), spec_dir) == []


def test_a_paraphrase_stays_until_its_edition_is_accepted(traced: Traced) -> None:
    spec_dir = traced()
    later = DOCUMENT.replace("Each frame has a name", "Each frame has a number")
    tracing.accepted(parse(later), "2.0", spec_dir)
    tracing.accepted(parse(DOCUMENT), "1.0", spec_dir)
    section, _, digest = key_of("Each frame", later).partition("/")
    kept = f'[later.{section}]\n{digest} = "Frames are numbered."\n'
    with (spec_dir / FILE).open("a") as file:
        file.write(kept)
    assert lint(spec.read(spec_dir), spec_dir) == []
    tracing.accepted(parse(DOCUMENT), "1.0", spec_dir)
    assert (spec_dir / FILE).read_text().endswith(f"\n{kept}")
    tracing.accepted(parse(later), "2.0", spec_dir)
    assert "later" not in (spec_dir / FILE).read_text()


def test_accepting_what_is_accounted_for_changes_no_word(traced: Traced) -> None:
    spec_dir = traced()
    listing = editions.path_of(spec_dir, "1.0").read_text()
    whys = load_file(spec_dir).whys()
    tracing.accepted(parse(DOCUMENT), "1.0", spec_dir)
    assert editions.path_of(spec_dir, "1.0").read_text() == listing
    assert load_file(spec_dir).whys() == whys
    written = (spec_dir / FILE).read_text()
    tracing.accepted(parse(DOCUMENT), "1.0", spec_dir)
    assert (spec_dir / FILE).read_text() == written
