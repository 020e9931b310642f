"""Every edit of a copy is found: each word, entry and prototype."""

from __future__ import annotations

import re
from functools import cache

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mdevref.suite import data
from tests.suite.trace.documents import kernels_document
from tests.suite.trace.traced import DOCUMENT, Traced, traced_document

_WORD = re.compile(r"(?<![\w|`])[A-Za-z_]{3,}")


def words(document: str) -> list[int]:
    """Return the places of words with a meaning: not those in directives of reST, and not ``extern``."""
    found, start = [], 0
    for line in document.splitlines(keepends=True):
        if not line.startswith(".. "):
            found += [start + word.start() for word in _WORD.finditer(line) if word[0] != "extern"]
        start += len(line)
    return found


def edited(document: str, at: int, letter: str) -> str:
    return document[:at] + letter + document[at:]


@given(st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_each_word_that_is_changed_is_found(traced: Traced, choice: st.DataObject) -> None:
    spec_dir = traced()
    changed = edited(DOCUMENT, choice.draw(st.sampled_from(words(DOCUMENT))), choice.draw(st.sampled_from("qxz")))
    assert not traced_document(spec_dir, changed).is_complete


@cache
def edition() -> str:
    return kernels_document("5.10").read_text()


@pytest.fixture
def kernels_text() -> None:
    """Return the text, or skip before the first example if there is none."""
    edition()


@pytest.mark.usefixtures("kernels_text")
@given(share=st.floats(0, 1, exclude_max=True), letter=st.sampled_from("qxz"))
@example(share=0.0, letter="q")
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_each_word_that_is_changed_in_the_kernels_document_is_found(share: float, letter: str) -> None:
    places = words(edition())
    changed = traced_document(data.spec(), edited(edition(), places[int(share * len(places))], letter))
    assert changed.drifted()


@pytest.mark.usefixtures("kernels_text")
@given(share=st.floats(0, 1, exclude_max=True))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_each_entry_or_prototype_that_is_changed_is_found_by_its_name(share: float) -> None:
    names = [*re.finditer(r"(?<=-- )\[?\w+(?=\]?$)|\b\w+(?=\(struct)", edition(), re.MULTILINE)]
    chosen = names[int(share * len(names))]
    changed = traced_document(data.spec(), edited(edition(), chosen.end(), "_too"))
    new = {change.statement.name for change in changed.drifted() if change.kind == "new"}
    assert any(f"{chosen[0].lstrip('[')}_too" in name for name in new), new
