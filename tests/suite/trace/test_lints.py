"""How the spec accounts for its source document: the smallest problem triggers each lint."""

from __future__ import annotations

from pathlib import Path

import pytest

from mdevref.suite import data
from mdevref.suite.run.lint import lint
from mdevref.suite.spec import reader as spec
from mdevref.suite.spec.model import SpecError
from mdevref.suite.trace.account import FILE, account
from mdevref.suite.trace.drift import drift
from tests.suite.small import REQUIREMENT, SpecWriter
from tests.suite.trace.traced import Traced, key_of, trace_file

ERRATUM = """
.. erratum:: frames.name
   :title: Frames have no name
   :source: frames/12345678
   :requirements: widget.make
   :facts: type/name

   :wrong: It says that they have.
   :known: They have none.
   :correction: Leave it out.
"""


def findings(folder: Path) -> list[str]:
    problems = lint(spec.read(folder), folder)
    return [str(problem).removeprefix(f"{folder.parent}/") for problem in problems]


def test_a_sound_erratum_has_no_findings(write_spec: SpecWriter) -> None:
    folder = write_spec(REQUIREMENT + ERRATUM) / "spec"
    assert findings(folder) == []
    (erratum,) = spec.read(folder).errata
    assert (erratum.id, erratum.title, erratum.section) == ("frames.name", "Frames have no name", "frames")
    assert (erratum.sources, erratum.requirements, erratum.facts) == (
        ("frames/12345678",), ("widget.make",), ("type/name",),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (":source: frames/12345678", ":source: frames/00000000", "source frames/00000000 not found in any edition"),
        (":source: frames/12345678", ":section: kitchen", "section kitchen not found in any edition"),
        (":requirements: widget.make", ":requirements: widget.bake", "unknown requirement widget.bake"),
        (":facts: type/name", ":facts: colour/red", "fact colour/red: unknown topic"),
    ],
)
def test_an_erratum_that_leads_nowhere_is_told(write_spec: SpecWriter, old: str, new: str, said: str) -> None:
    (found,) = findings(write_spec(REQUIREMENT + ERRATUM.replace(old, new)) / "spec")
    assert found.startswith("spec/widgets.rst:19: erratum frames.name: ")
    assert said in found


def test_an_erratum_of_a_name_that_is_taken_is_told(write_spec: SpecWriter) -> None:
    found = findings(write_spec(REQUIREMENT + ERRATUM + ERRATUM) / "spec")
    assert [line.rpartition(": ")[2] for line in found] == ["duplicate id"] * 2


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("   :known: They have none.\n", "", "invalid parts wrong, correction (expected wrong, known, correction)"),
        (":known: They have none.", ":known:", "invalid parts wrong, correction"),
        ("   :title: Frames have no name\n", "", "missing option :title:"),
        ("   :source: frames/12345678\n", "", "missing option: :source:"),
        ("frames.name", "Frames", "invalid id (expected lower-case words"),
        ("frames/12345678", "frames", ":source: invalid statement frames"),
    ],
)
def test_an_erratum_that_says_too_little_is_no_erratum(write_spec: SpecWriter, old: str, new: str, said: str) -> None:
    assert old in ERRATUM
    folder = write_spec(REQUIREMENT + ERRATUM.replace(old, new, 1)) / "spec"
    with pytest.raises(SpecError, match=r"widgets\.rst:19") as caught:
        spec.read(folder)
    assert said in str(caught.value)


# -- spec/trace.toml


def test_a_spec_that_accounts_for_its_document_has_no_findings(traced: Traced) -> None:
    assert findings(traced()) == []


def test_a_statement_that_nothing_accounts_for_is_told(traced: Traced) -> None:
    folder = traced()
    text = (folder / FILE).read_text()
    key = key_of("Each frame")
    lines = [line for line in text.splitlines() if not line.startswith(key.partition("/")[2])]
    (folder / FILE).write_text("\n".join(lines))
    assert findings(folder) == [f"spec/trace.toml: {key}: not accounted for by a requirement, an erratum or this file"]


def test_a_statement_that_somebody_has_to_fill_in_is_told_with_its_line(traced: Traced) -> None:
    folder = traced()
    text = (folder / FILE).read_text()
    (folder / FILE).write_text(text.replace('"It only tells."', '""', 1))
    (found,) = findings(folder)
    number = 1 + next(n for n, line in enumerate(text.splitlines()) if "It only tells" in line)
    assert found.startswith(f"spec/trace.toml:{number}: ")
    assert found.endswith("no reason given; fill it in, or name the statement in a requirement or an erratum")


def test_what_a_requirement_says_is_not_repeated(traced: Traced) -> None:
    folder = traced()
    key = key_of("Frames hold")
    section, _, digest = key.partition("/")
    head = f"[informative.{section}]"
    text = (folder / FILE).read_text()
    (folder / FILE).write_text(text.replace(head, f'{head}\n{digest} = "It only tells."'))
    assert [line.partition(": ")[2] for line in findings(folder)] == [
        f"{key}: not informative, because a requirement or an erratum rests on it; remove the entry"
    ]


def test_an_entry_of_no_edition_is_told(traced: Traced) -> None:
    folder = traced()
    text = (folder / FILE).read_text()
    (folder / FILE).write_text(f'{text}\n[informative.kitchen]\n00000000 = "It only tells."\n')
    assert [line.partition(": ")[2] for line in findings(folder)] == [
        "kitchen/00000000: not found in any edition of editions/"
    ]


def test_a_paraphrase_of_what_no_other_edition_states_is_told(traced: Traced) -> None:
    folder = traced()
    section, _, digest = key_of("Each frame").partition("/")
    text = (folder / FILE).read_text()
    (folder / FILE).write_text(f'{text}\n[later.{section}]\n{digest} = "Names."\n00000000 = "Nothing."\n')
    last = len((folder / FILE).read_text().splitlines())
    assert findings(folder) == [
        f"spec/trace.toml:{last - 1}: {section}/{digest}: not found in any other edition of editions/",
        f"spec/trace.toml:{last}: {section}/00000000: not found in any other edition of editions/",
    ]


def test_an_edition_that_is_not_listed_is_told(traced: Traced) -> None:
    folder = traced()
    (folder / FILE).write_text(trace_file({}, "7.0"))
    assert findings(folder) == ["spec/trace.toml: edition '7.0' not found in editions/"]


def test_a_statement_that_no_scenario_tests_is_told(traced: Traced) -> None:
    folder = traced()
    path = folder / "widgets.rst"
    begin = path.read_text().index("   .. scenario:: The part of widget.hold")
    end = path.read_text().index(".. requirement:: widget.make")
    path.write_text((path.read_text()[:begin] + path.read_text()[end:]).replace("MUST", "MAY").replace("must", "may"))
    found = findings(folder)
    key = key_of("Frames hold")
    assert f"spec/trace.toml: {key}: none of its requirements has a scenario" in found
    assert len(found) == len(account(folder).required) - 6  # the statement of the other requirement is tested


def test_what_other_editions_state_without_a_name_is_paraphrased() -> None:
    known = account(data.spec())
    for other in known.editions.values():
        for change in drift(known.edition, other):
            if change.new and not change.new.name and known.state(change.new.key) == "unknown":
                assert known.paraphrases.get(change.new.key), change.new.key


def test_the_spec_accounts_for_its_document() -> None:
    """This does not need the document, because the statements of its editions are listed."""
    folder = data.spec()
    read = spec.read(folder)
    accounted = [str(problem) for problem in lint(read, folder) if FILE in problem.file]
    assert accounted == []
    assert len(read.errata) >= 30
    for requirement in read.requirements():
        assert requirement.basis == "kernel" or requirement.sources, requirement.id
