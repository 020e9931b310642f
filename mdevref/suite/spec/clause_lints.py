"""Check the wording of clauses: a clause that a reader can take the wrong way is an error.

The rules concern the sentence that contains the keyword of RFC 2119. Literals and quoted text are exempt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mdevref.suite.spec.directives import KEYWORD

#: The most words that a sentence with a keyword may have.
LONGEST = 25

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n\n")
_QUOTED = re.compile(r'"[^"]*"|“[^”]*”')
_BETWEEN_PARTS = re.compile(r"[,:;]\s+(?:(?:and|but|or|then)\s+)?")


def _first_word(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{words})(?![\w-])", re.IGNORECASE)


#: "No byte MUST interrupt" reads as "need not interrupt". "No-IOMMU groups MUST ..." names a thing and passes.
_NEGATED = _first_word("no one|no(?! matter)|not|nothing|nobody|none|neither|nor|never")
#: Words that do not name the thing that acts.
_EMPTY = _first_word("there|what|whatever|whoever|whichever")
#: Words that must not open a clause: nothing is named yet that they could refer to, or the condition comes too early.
_EMPTY_OPENING = _first_word("it|that|which|who|whom|whose|where|wherever|until|whether|of|to")
#: Prepositions in the place of the subject: "To the callback MUST be given a page."
_PREPOSITION = _first_word("of|to|by|for|from|with|without|in|into|on|at(?! least| most)")
#: Words that open a condition: the subject stands behind it.
_CONDITION = _first_word(
    "if|when|whenever|while|once|after|before|unless|because|although|as|since|during|for|from|with|without|in|on|at|by"
)
_POSSIBLE = re.compile(r"be possible\b")
#: At most three words, then the table: the sentence does not say what the table is.
_ONLY_THE_TABLE = re.compile(
    r"(?:[^\s,]+ ){0,3}(?:as|what|how|like) (?:in )?(?:the|this|that|its) table(?: (?:above|below))?"
    r"(?: (?:has|lists|says|shows|gives|tells|states|names|specifies|describes))?"
    r"(?: (?:it|them))?(?: (?:above|below))?(?: for (?:it|them|each))?\.?"
)


def findings(prose: str) -> Iterator[str]:
    """Yield what is wrong with the wording of a clause, given the ``prose`` of its requirement."""
    for sentence in _SENTENCE_END.split(_QUOTED.sub('"…"', prose)):
        if keyword := KEYWORD.search(sentence):
            yield from _sentence(sentence, keyword)


def _sentence(sentence: str, keyword: re.Match[str]) -> Iterator[str]:
    words = len(sentence.split())
    if words > LONGEST:
        yield f"the sentence with {keyword[0]} has {words} words, the limit is {LONGEST}: explain in the next paragraph"
    if bad := _bad_subject(sentence[: keyword.start()]):
        yield f"{bad} before {keyword[0]}: make the thing that acts the subject"
    predicate = sentence[keyword.end() :].strip()
    if _POSSIBLE.match(predicate):
        yield f'"{keyword[0]} be possible": say which operation {keyword[0]} succeed'
    if _ONLY_THE_TABLE.fullmatch(predicate):
        yield "the clause only refers to a table: say what the table lists"
    if ";" in predicate:
        yield f"a semicolon after {keyword[0]}: a second obligation is a second requirement"


def _bad_subject(text: str) -> str | None:
    """Return what is wrong with the subject in the ``text`` before a keyword, or None.

    The subject is the first part of the text, or the last one. With an aside before the keyword ("While A is open, no
    device, bound or not, MUST ...") it is the part behind the condition.
    """
    parts = _BETWEEN_PARTS.split(text.strip())
    subjects = [part for part in (parts[0], parts[-1] if text.rstrip()[-1:] not in ",:;" else "") if part]
    if len(subjects) == 1 and len(parts) > 1 and _CONDITION.match(parts[0]):
        subjects.append(parts[1])
    if not subjects:
        return "no subject"
    for kind, pattern, where in (
        ("negated subject", _NEGATED, subjects),
        ("empty subject", _EMPTY, subjects),
        ("empty subject", _EMPTY_OPENING, subjects[:1]),
        ("empty subject", _PREPOSITION, subjects[-1:]),
    ):
        if found := next(filter(None, map(pattern.match, where)), None):
            return f'{kind} "{found[0]} ..."'
    return None
