"""Statements of a document; a text of our own contains every construct of the kernel's document."""

from __future__ import annotations

from pathlib import Path

import pytest

from mdevref.suite import data
from mdevref.suite.trace import editions
from mdevref.suite.trace.document import LARGEST, LONGEST, DocumentError, main, parse, read
from tests.suite.trace.documents import kernels_document

SAMPLE = """\
.. include:: <isonum.txt>

=============
Widget frames
=============

:Author: Ada Body

Frames [1] hold widgets, e.g. small ones. Each frame has a
name. (A frame may be
empty.)

The parts::

    +---------+   hold()  +--------+
    | frame   +---------->| widget |
    | core    |           +--------+
    +---------+

Calls
-----

::

     /*
      * struct frame - a frame
      * @hold: takes a widget
      */
     struct frame {
             const char *name;
             int  (*hold)  (struct widget *w);
     };

* Register::

    extern int  frame_register(struct frame *f,
                               struct module *owner);

* size

  This attribute is optional.

* colour

  This attribute is optional.

Files
-----

::

  |- [frame]
  |--- [kinds]
  |     |--- [<kind>]
  |     |   |--- make
  |     |--- [<kind>]
  |          |--- make

1. Make one::

     # echo "7" >       \\
              /sys/frames/make

2. Look. It is there::

     # dump frame
     Frame 7
     00: 48 43 53 32 01

3. Start with::

     -widget frame,\\
      path=/sys/frames

References
----------

1. See :doc:`frames` for more.
"""


def kinds_and_texts(text: str) -> list[tuple[str, str]]:
    return [(statement.kind, statement.text) for statement in parse(text).statements]


def test_every_construct_becomes_statements_in_the_order_of_the_text() -> None:
    assert kinds_and_texts(SAMPLE) == [
        ("field", "Author: Ada Body"),
        ("sentence", "Frames [1] hold widgets, e.g. small ones."),
        ("sentence", "Each frame has a name."),
        ("sentence", "(A frame may be empty.)"),
        ("sentence", "The parts:"),
        ("label", "hold()"),
        ("label", "frame core"),
        ("label", "widget"),
        ("comment", "struct frame: struct frame - a frame"),
        ("comment", "struct frame: @hold: takes a widget"),
        ("structure", "struct frame"),
        ("member", "struct frame: const char *name;"),
        ("member", "struct frame: int (*hold)(struct widget *w);"),
        ("item", "Register:"),
        ("prototype", "int frame_register(struct frame *f, struct module *owner);"),
        ("item", "size"),
        ("sentence", "size: This attribute is optional."),
        ("item", "colour"),
        ("sentence", "colour: This attribute is optional."),
        ("tree", "[frame]"),
        ("tree", "[frame]/[kinds]"),
        ("tree", "[frame]/[kinds]/[<kind>]"),
        ("tree", "[frame]/[kinds]/[<kind>]/make"),
        ("item", "Make one:"),
        ("command", 'echo "7" > /sys/frames/make'),
        ("item", "Look."),
        ("item", "It is there:"),
        ("command", "dump frame"),
        ("output", "Frame 7"),
        ("dump", "00: 48 43 53 32 01"),
        ("item", "Start with:"),
        ("command", "-widget frame, path=/sys/frames"),
        ("reference", "See :doc:`frames` for more."),
    ]


def test_a_key_is_the_section_and_a_checksum() -> None:
    statement = parse(SAMPLE).statements[-1]
    section, _, digest = statement.key.partition("/")
    assert section == "references"
    assert len(digest) == 8
    assert int(digest, 16) >= 0


def test_layout_changes_no_key() -> None:
    relaid = SAMPLE.replace("a\nname", "a   name").replace(
        "struct frame *f,\n                               ", "struct frame*f, "
    )
    relaid = relaid.replace("extern int  frame_reg", "int frame_reg").replace(
        "  |     |--- [<kind>]", "  |    |-- [<kind>]"
    )
    assert relaid != SAMPLE
    assert [s.key for s in parse(relaid).statements] == [s.key for s in parse(SAMPLE).statements]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("optional", "required"),
        ("<kind>]\n  |     |   |--- make", "<kind>]\n  |     |   |--- mk"),
        ("struct module *owner", "int owner"),
        ("53 32", "53 33"),
    ],
)
def test_a_changed_word_entry_prototype_or_byte_changes_a_key(old: str, new: str) -> None:
    changed = SAMPLE.replace(old, new)
    assert {s.key for s in parse(changed).statements} != {s.key for s in parse(SAMPLE).statements}


def test_sections_of_the_same_title_have_slugs_of_their_own() -> None:
    document = parse("A\n=\n\nOne.\n\nNotes\n-----\n\nTwo.\n\nB\n=\n\nThree.\n\nNotes\n-----\n\nTwo.\n")
    assert list(document.sections) == ["a", "notes", "b", "notes-2"]
    assert len({statement.key for statement in document.statements}) == 4


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no sections found"),
        (b"just a line", "no sections found"),
        (b"\x7fELF\x00\x01", "binary"),
        (b"\xff\xfe", "UTF-8"),
        (b"T\n=\n\n" + b"".join(b"  " * depth + b"* x\n\n" for depth in range(230)), "nested too deeply"),
        (b"x" * (LARGEST + 1), "not the vfio-mediated-device document"),
        (b"=\n" * (LONGEST + 1), f"{LONGEST + 1} lines"),
    ],
)  # fmt: skip
def test_what_is_no_document_gets_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, said: str
) -> None:
    file = tmp_path / "document.rst"
    file.write_bytes(content)
    assert main([str(file)]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.count("\n") == 1
    assert str(file) in output.err
    assert said in output.err


def test_marks_of_an_editor_and_ends_of_lines_change_nothing(tmp_path: Path) -> None:
    file = tmp_path / "document.rst"
    file.write_bytes(b"\xef\xbb\xbf" + SAMPLE.replace("\n", "\r\n").encode())
    assert read(file) == parse(SAMPLE)


def test_a_missing_document_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"nothing\.rst: No such file"):
        read(tmp_path / "nothing.rst")


def test_the_listing_has_key_kind_and_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "document.rst"
    file.write_text(SAMPLE)
    assert main([str(file)]) == 0
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert {len(row) for row in rows} == {3}
    assert [row[0] for row in rows] == [statement.key for statement in read(file).statements]


@pytest.mark.parametrize("edition", editions.names(data.spec()))
def test_the_listing_of_an_edition_is_that_of_the_kernel(edition: str) -> None:
    document = read(kernels_document(edition))
    assert editions.load(editions.path_of(data.spec(), edition)) == editions.listed(document, edition)
