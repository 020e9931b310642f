"""Each lint of a clause's wording fails on a sentence made for it, and passes sentences that only look like it."""

from __future__ import annotations

import pytest

from mdevref.suite.run.lint import lint
from mdevref.suite.spec.reader import read
from tests.suite.small import REQUIREMENT, SpecWriter

CLAUSE = "A frame MUST make a widget."
WORDS = "a b c d e f g h i j k l m n o p q r s t u v w"  # 23 of them


def findings(write_spec: SpecWriter, clause: str) -> list[str]:
    level = "should" if "SHOULD" in clause else "may" if "MAY" in clause else "must"
    folder = write_spec(REQUIREMENT.replace(CLAUSE, clause).replace(":level: must", f":level: {level}"))
    return [str(found).removeprefix(f"{folder}/") for found in lint(read(folder / "spec"), folder / "spec")]


BAD = {
    "no byte": ("No byte MUST interrupt.", 'negated subject "No ..." before MUST'),
    "nothing": ("Nothing MUST be removed.", 'negated subject "Nothing ..."'),
    "nobody": ("Nobody MUST be notified.", 'negated subject "Nobody ..."'),
    "no one": ("No one MUST be notified.", 'negated subject "No one ..."'),
    "none of": ("None of the devices MUST be open.", 'negated subject "None ..."'),
    "neither": ("Neither the group nor the container MUST close.", 'negated subject "Neither ..."'),
    "not every": ("Not every write MUST succeed.", 'negated subject "Not ..."'),
    "negated may": ("No driver MAY be loaded.", 'negated subject "No ..." before MAY'),
    "negated should": ("No driver SHOULD be loaded.", 'negated subject "No ..." before SHOULD'),
    "negated behind a condition": ("While a device is open, no type MUST change.", 'negated subject "no ..."'),
    "negated before an aside": ("While A is open, no type, used or not, MUST change.", 'negated subject "no ..."'),
    "of a": ("Of a mapping without pages no driver MUST be told.", 'empty subject "Of ..."'),
    "to create": ("To create MUST be given the type.", 'empty subject "To ..."'),
    "to behind a condition": ("When a page is pinned, to its driver MUST be given the page.", 'empty subject "to ..."'),
    "for": ("For a bound device MUST be a group.", 'empty subject "For ..."'),
    "what": ("What name shows MUST be one line.", 'empty subject "What ..."'),
    "that": ("That its process is gone MUST NOT keep a page pinned.", 'empty subject "That ..." before MUST NOT'),
    "whoever": ("Whoever removes a device MUST wait.", 'empty subject "Whoever ..."'),
    "whoever behind a condition": ("While A is open, whoever removes it MUST wait.", 'empty subject "whoever ..."'),
    "until": ("Until a device is bound, a request MUST fail.", 'empty subject "Until ..."'),
    "where": ("Where a device is open, its removal MUST wait.", 'empty subject "Where ..."'),
    "there": ("There MUST be a link.", 'empty subject "There ..."'),
    "there behind a condition": ("When a device is removed, there MUST be a uevent.", 'empty subject "there ..."'),
    "it": ("It MUST fail.", 'empty subject "It ..."'),
    "no subject": ("MUST be open.", "no subject before MUST"),
    "possible": ("A device MUST be possible to remove.", '"MUST be possible": say which operation MUST succeed'),
    "not possible": ("A device MUST NOT be possible to remove.", '"MUST NOT be possible"'),
    "as the table has it": ("Each operation MUST fail as the table has it.", "the clause only refers to a table"),
    "as in the table": ("Each mode MUST be as in the table below.", "the clause only refers to a table"),
    "what the table has": ("A card MUST have what the table lists.", "the clause only refers to a table"),
    "words": (f"A frame MUST {WORDS}.", "the sentence with MUST has 26 words, the limit is 25"),
    "words of a literal": (f"A frame MUST ``{WORDS}``.", "the sentence with MUST has 26 words"),
    "semicolon": ("A write MUST fail; its device stays.", "a semicolon after MUST"),
    "semicolon after may": ("A driver MAY refuse; it says why.", "a semicolon after MAY"),
    "two keywords": ("A write MUST fail and MUST NOT block.", "2 keywords (MUST, MUST NOT)"),
}


@pytest.mark.parametrize(("clause", "said"), BAD.values(), ids=BAD)
def test_a_clause_that_can_be_misread_is_an_error(write_spec: SpecWriter, clause: str, said: str) -> None:
    (found,) = findings(write_spec, clause)
    assert found.startswith("spec/widgets.rst:7: widget.make: ")
    assert said in found


GOOD = {
    "no-iommu": "No-IOMMU groups MUST be marked as such.",
    "no bytes": "A read of no bytes MUST return 0.",
    "no driver": "A device with no driver MUST be removed.",
    "no matter": "A write, no matter how long, MUST fail.",
    "nothing as an object": "A device that pins nothing MUST be removed.",
    "nobody inside": "A page that nobody has pinned MUST be released.",
    "negated condition": "If no type is available, a write to ``create`` MUST fail.",
    "quoted": '"Nothing" MUST be the name of the type.',
    "literal": "``no`` MUST be accepted as a name.",
    "literal there": "``there`` MUST be the name of a link.",
    "it behind a condition": "While a device is unbound, it MUST have one link.",
    "thereafter": "Thereafter the device MUST be open.",
    "to inside": "A write to ``create`` MUST fail.",
    "at least": "At least one of two writes MUST succeed.",
    "aside": "A container, with or without a group, MUST be closed.",
    "condition at the end": "A byte MUST NOT interrupt until ``FCR`` is written.",
    "possible as an object": "The largest possible write MUST succeed.",
    "table": "Each operation in the table below MUST fail with the errno listed there.",
    "more than the table": "``IIR`` MUST report each enabled cause as the table below lists it.",
    "words": f"A frame MUST {WORDS[:-2]}.",
    "words of the explanation": f"{CLAUSE}\n\n   {WORDS} {WORDS}; no byte is read.",
    "words of the next sentence": f"{CLAUSE} {WORDS}.",
    "semicolon before": "A frame may be open; it MUST make a widget.",
    "semicolon in a literal": "A write MUST accept ``a;b``.",
    "semicolon behind": f"{CLAUSE} One is made; it stays.",
    "keyword in a literal": "A write MUST accept ``No one MUST; it``.",
}


@pytest.mark.parametrize("clause", GOOD.values(), ids=GOOD)
def test_a_clause_that_only_looks_like_it_passes(write_spec: SpecWriter, clause: str) -> None:
    assert findings(write_spec, clause) == []


def test_every_fault_of_a_clause_is_an_error_of_its_own(write_spec: SpecWriter) -> None:
    found = findings(write_spec, f"Nothing MUST be possible; {WORDS}.")
    assert len(found) == 4, found
