"""Compare a document with a spec that accounts for it."""

from __future__ import annotations

import json

import pytest

from mdevref.suite.trace.account import TraceError
from mdevref.suite.trace.document import parse
from mdevref.suite.trace.report import as_json, text
from tests.suite.trace.traced import DOCUMENT, Traced, key_of, keys, traced_document


def test_a_document_that_the_spec_accounts_for_is_complete(traced: Traced) -> None:
    found = traced_document(traced(), DOCUMENT)
    assert found.is_complete, text(found)
    assert found.states() == {"required": 15, "defect": 0, "informative": 5, "unknown": 0}
    assert text(found).endswith("Complete.\n")


@pytest.mark.parametrize(
    ("old", "new", "kind", "touched"),
    [
        ("Frames hold widgets,", "Frames may hold widgets,", "reworded", ("widget.hold",)),
        ("name of its own.", "name of its own. It has a colour.", "new", ()),
        ("* mmap: somebody takes it home\n", "", "vanished", ("widget.hold",)),
        ("  |     |   |--- name", "  |     |   |--- colour", "new", ()),
        ("struct device *dev,", "struct frame *frame,", "reworded", ("widget.make",)),
        ("48 43 53 32", "48 43 53 33", "reworded", ()),
        ("echo 7 >", "echo 8 >", "reworded", ("widget.make",)),
        ("Trying it\n=========", "Playing\n=======", "moved", ("widget.make",)),
    ],
)
def test_what_another_edition_changes_is_told_with_what_it_touches(
    traced: Traced, old: str, new: str, kind: str, touched: tuple[str, ...]
) -> None:
    assert old in DOCUMENT
    found = traced_document(traced(), DOCUMENT.replace(old, new))
    assert not found.is_complete
    told = {(change.kind, found.account.touched(change.old.key) if change.old else ()) for change in found.drifted()}
    assert (kind, touched) in told


def test_the_order_of_changes_is_that_of_the_text(traced: Traced) -> None:
    changed = DOCUMENT.replace("Frames hold widgets", "Frames keep widgets").replace("* open: somebody looks in\n", "")
    found = traced_document(traced(), changed.replace("in another book", "in this book"))
    assert [(change.kind, change.statement.section) for change in found.changes] == [
        ("reworded", "widgets-in-frames"), ("vanished", "making"), ("reworded", "references"),
    ]  # fmt: skip


def test_a_fact_is_noticed_by_its_name(traced: Traced) -> None:
    found = traced_document(traced(), DOCUMENT.replace("|--- name", "|--- colour"))
    assert [(each.topic, each.name, each.said) for each in found.differences] == [
        ("type", "colour", {"document": "", "reference": None})
    ]
    assert "FACT      entry of a type: colour\n  document  present\n  reference missing\n" in text(found)


ERRATUM = """\
.. erratum:: frames.colour
   :title: Frames have no colour
   :source: {source}
   :requirements: widget.hold
   :facts: type/colour

   :wrong: It says colour.
   :known: There is none.
   :correction: Leave it out.

"""


def test_an_erratum_makes_a_statement_a_defect_and_explains_a_fact(traced: Traced) -> None:
    colourful = DOCUMENT.replace("|--- name", "|--- colour")
    source = key_of("[parent frame]/[mdev_supported_types]/[<type-id>]/colour", colourful)
    spec_dir = traced(more=ERRATUM.format(source=source))
    found = traced_document(spec_dir, colourful)
    assert found.account.state(source) == "defect"
    assert [each.errata for each in found.differences] == [("frames.colour",)]
    assert not found.unknown()
    # The tree has lost an entry that a requirement rests on; that an erratum describes another one changes nothing.
    assert [change.kind for change in found.drifted()] == ["vanished"]


def test_as_json_a_program_finds_all_of_it(traced: Traced) -> None:
    found = traced_document(
        traced(), DOCUMENT.replace("Frames hold", "Frames keep").replace("|--- name", "|--- colour")
    )
    told = json.loads(as_json(found))
    assert (told["document"], told["edition"], told["complete"]) == ("document", "1.0", False)
    assert told["counts"] == found.states()
    assert [each["key"] for each in told["statements"]] == [each.key for each in found.document.statements]
    assert {each["state"] for each in told["statements"]} == {"required", "informative", "unknown"}
    reworded = next(each for each in told["changes"] if each["kind"] == "reworded")
    assert reworded["new"]["text"].startswith("Frames keep")
    assert reworded["requirements"] == ["widget.hold"]
    assert told["facts"] == [{"topic": "type", "name": "colour", "document": "", "reference": None, "errata": []}]


def test_a_document_of_another_matter_is_not_compared(traced: Traced) -> None:
    with pytest.raises(TraceError, match="no known statement found"):
        traced_document(traced(), "Cooking\n=======\n\nTake two eggs.\n")


# -- The command


def test_every_key_of_the_small_document_is_its_own() -> None:
    assert len(keys(DOCUMENT)) == len(parse(DOCUMENT).statements)
