"""Editions are listed without their text, but can be compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from mdevref.suite import data
from mdevref.suite.trace import editions
from mdevref.suite.trace.document import parse
from mdevref.suite.trace.drift import Change, drift
from mdevref.suite.trace.editions import EditionError, alike, likeness, listed

HEAD = "Widgets\n=======\n\n"


def changes(old: str, new: str) -> list[tuple[str, str, str]]:
    """Return the kind, old text and new text of each change."""
    before, after = parse(HEAD + old), parse(HEAD + new)
    texts = {each.key: each.text for document in (before, after) for each in document.statements}

    def told(change: Change) -> tuple[str, str, str]:
        return (
            change.kind,
            texts[change.old.key] if change.old else "",
            texts[change.new.key] if change.new else "",
        )

    return [told(change) for change in drift(listed(before, "1"), listed(after, "2"))]


def test_the_same_text_has_no_drift() -> None:
    assert changes("One frame is here.\n", "One   frame\nis here.\n") == []


def test_of_two_new_wordings_the_nearer_one_is_taken_for_the_old() -> None:
    old = "A frame holds four widgets of one colour.\n"
    near, far = "A frame holds five widgets of one colour.", "A frame holds what it must."
    assert changes(old, f"{far} {near}\n") == [
        ("new", "", far),
        ("reworded", old.strip(), near),
    ]


def test_a_statement_of_a_name_stays_itself_whatever_else_is_said() -> None:
    old, new = "::\n\n    int hold(struct frame *f);\n", "::\n\n    void hold(struct widget *w, int many, long for);\n"
    ((kind, was, now),) = changes(old, new)
    assert (kind, was) == ("reworded", "int hold(struct frame *f);")
    assert now.startswith("void hold")


def test_two_names_are_two_statements_however_alike() -> None:
    old, new = "::\n\n    int hold(struct frame *f);\n", "::\n\n    int held(struct frame *f);\n"
    assert sorted(kind for kind, _, _ in changes(old, new)) == ["new", "vanished"]


def test_a_sentence_under_another_heading_has_moved() -> None:
    old, new = "One frame is here.\n\nUse\n---\n\nTake it.\n", "Take it.\n\nUse\n---\n\nOne frame is here.\n"
    assert [kind for kind, was, now in changes(old, new) if was == now] == ["moved", "moved"]


def test_what_vanished_stands_where_it_stood() -> None:
    old = "First comes this.\n\nThen something else entirely.\n\nLast of all.\n"
    new = "First comes this.\n\nLast of all.\n\nAn afterthought was added.\n"
    assert [kind for kind, _, _ in changes(old, new)] == ["vanished", "new"]


def test_a_likeness_is_of_words_and_tells_none() -> None:
    one, other = likeness("frames hold many widgets"), likeness("Frames hold few widgets.")
    assert alike(one, other) == pytest.approx(0.6)
    assert alike(one, one) == 1
    assert alike(one, likeness("")) == 0


def test_a_listing_is_read_as_it_was_written(tmp_path: Path) -> None:
    document = parse(HEAD + "One frame is here.\n\nUse\n---\n\n::\n\n    int hold(struct frame *f);\n")
    edition = listed(document, "6.1")
    path = tmp_path / "6.1.toml"
    path.write_text(editions.render(edition))
    assert editions.load(path) == edition
    assert dict(edition.sections) == {"widgets": 1, "use": 2}
    assert "frame is here" not in path.read_text()


@pytest.mark.parametrize("name", editions.names(data.spec()))
def test_the_listings_are_as_the_command_writes_them(name: str) -> None:
    path = editions.path_of(data.spec(), name)
    assert path.read_text() == editions.render(editions.load(path))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("edition = ", "Invalid value"),
        ("edition = 6.1", "str"),
        ('edition = "1"\n[[section]]\nslug = "a"\ndepth = 1\nstatements = ["nothing"]', "invalid statement 'nothing'"),
        ('edition = "1"\ncolour = "red"', "colour"),
    ],
)
def test_a_listing_that_is_not_sound_is_told_of(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "1.toml"
    path.write_text(text)
    with pytest.raises(EditionError, match=said):
        editions.load(path)


def test_editions_are_in_the_order_of_their_releases(tmp_path: Path) -> None:
    (tmp_path / editions.FOLDER).mkdir()
    for name in ("6.1", "5.10", "6.12", "4.10"):
        editions.path_of(tmp_path, name).write_text(editions.render(editions.Edition(name)))
    assert editions.names(tmp_path) == list(editions.load_all(tmp_path)) == ["4.10", "5.10", "6.1", "6.12"]
