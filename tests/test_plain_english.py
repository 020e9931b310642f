"""The texts of the tree contain none of the expressions that they were cleared of.

CONTRIBUTING.md contains the rules. This test finds only what a pattern can find.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
#: The files that are checked: these, and in these folders all files with one of the suffixes.
FILES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "Makefile", "pyproject.toml", "environment.py", ".ci/run")
FOLDERS = ("docs", "spec", "features", "steps", "mdevref", "tests")
SUFFIXES = {".c", ".css", ".feature", ".h", ".html", ".js", ".md", ".py", ".rst", ".svg", ".toml"}

#: Expression -> its replacement. A blank also matches the end of a line in a paragraph or comment.
IDIOMS = {
    r"whoever": "name the actor",
    r"tells? of|told of|telling of": "reports, notifies, is notified of",
    r"lets? go|letting go": "closes, releases, drops the reference",
    r"(?:has|have|had) not got": "does not have, lacks",
    r"otherwise than": "differently, deviates from",
    r"sa(?:y|ys|id) of (?:itself|themselves)": "reports, describes",
    r"what there is|that there is not": "name the things; unknown, missing",
    r"(?<!may\s)(?<!must\s)be it": "whether, even if",
    r"in (?:its|their) own right": "separately, also",
    r"ha(?:s|ve|d) (?:its|their|his) way": "say who decides what",
    r"is there to": "is for, exists to",
    r"(?:nobody|nothing) MUST": "X MUST NOT",
    r"MUST (?:NOT )?be possible": "say which operation MUST succeed",
    r"as the table has it": "say what the table lists",
    r"comes? along|came along": "is included, appears",
    r"comes? and goes?|came and went": "is added and removed",
    r"(?:that|which) is none\b(?! of the)": "is not a ..., invalid",
    r"(?<!are\s)(?<!is\s)(?<!were\s)(?<!be\s)all the same": "nevertheless, still",
    r"stands? twice": "duplicate",
    r"knows? no": "does not know; unknown",
    r"of an own": "its own",
    r"(?:is|are) at fault": "internal error, invalid usage",
}

#: Files that may contain such an expression -> reason.
ALLOWED = {
    "spec/renamed.toml": "earlier names of scenarios, which results of that time contain",
    "mdevref/suite/spec/clause_lints.py": "the words that it looks for",
    "tests/suite/spec/test_clause_lints.py": "the sentences that it must find",
    "tests/test_plain_english.py": "the expressions themselves",
}

_QUOTED = re.compile(r'"[^"\n]*"|``[^`]+``|`[^`\n]+`|“[^”]*”')
_BLANK = r"(?:[ \t]*\n[ \t]*(?:(?:#:?|\*|//|;)[ \t]*)?|[ \t]+)"
_ANY = re.compile(
    rf"(?<![\w-])(?:{'|'.join(f'({idiom})' for idiom in IDIOMS).replace(' ', _BLANK)})(?![\w-])", re.IGNORECASE
)


def found(text: str, *, prose: bool) -> Iterator[tuple[int, str, str]]:
    """Yield line, expression and replacement of each hit; in ``prose``, quotations and literals are exempt."""
    if prose:
        text = _QUOTED.sub(lambda quoted: re.sub(r"\S", "·", quoted[0]), text)
    for match in _ANY.finditer(text):
        instead = list(IDIOMS.values())[(match.lastindex or 1) - 1]
        yield text.count("\n", 0, match.start()) + 1, " ".join(match[0].split()), instead


def paths() -> Iterator[Path]:
    yield from (ROOT / name for name in FILES)
    for folder in FOLDERS:
        yield from sorted(path for path in (ROOT / folder).rglob("*") if path.suffix in SUFFIXES and path.is_file())


def hits(path: Path) -> list[str]:
    name = path.relative_to(ROOT).as_posix()
    prose = path.suffix in {".md", ".rst"}
    return [f"{name}:{line}: {words!r}: {instead}" for line, words, instead in found(path.read_text(), prose=prose)]


def test_the_tree_has_no_old_expression() -> None:
    left = [hit for path in paths() if path.relative_to(ROOT).as_posix() not in ALLOWED for hit in hits(path)]
    assert not left, "\n".join(left)


@pytest.mark.parametrize("name", ALLOWED)
def test_an_exemption_is_needed(name: str) -> None:
    assert hits(ROOT / name)


@pytest.mark.parametrize(
    "text",
    [
        "Whoever removes it waits.", "It is told\n# of an unmapping.", "A card that has told of itself.",
        "The last one lets go of it.", "A name that a directory has not got.", "It behaves otherwise than 6.1.",
        "what a device says of itself", "Take back what there is.", "an index that there is not",
        "a frame, be it a vendor's", "a finding in its own right", "The vendor has its way.", "a byte is there to read",
        "Nobody MUST wait.", "It MUST NOT be possible.", "as the table has it", "hosts that come along",
        "what comes and goes", "a descriptor that is none", "It fails all the same.", "this id stands twice",
        "the spec knows no requirement", "a namespace of an own", "the suite is at fault",
    ],
)  # fmt: skip
def test_an_old_expression_is_found(text: str) -> None:
    assert list(found(text, prose=True))
    assert list(found(text, prose=False))


@pytest.mark.parametrize(
    "text",
    [
        "The results are all the same.", "A device that holds nothing is removed.", "Each of them may be it.",
        "told off", "wherever", "The letter goes.", "none of the two, which is none of the above",
    ],
)  # fmt: skip
def test_what_only_looks_like_one_is_not_found(text: str) -> None:
    assert not list(found(text, prose=False))


def test_a_quotation_is_exempt_in_prose_only() -> None:
    text = '"No byte is told of it" reads badly, and ``lets go`` is a literal.'
    assert not list(found(text, prose=True))
    assert [line for line, *_ in found(f"\n{text}", prose=False)] == [2, 2]
