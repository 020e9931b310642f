"""Link the terms of the glossary where requirements use them.

The first use of a term in a requirement becomes a link to its definition. The spec contains no markup for it, so that
a clause reads the same in its source, in a feature and in a report.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from docutils import nodes

#: Terms whose word mostly has another sense in a clause: "release the device", "the trigger level".
NOT_LINKED = {"release", "level", "interface"}
#: Phrases in which the word of a term has another sense.
OTHER_SENSES = ("user space", "type 1", "interrupt pin", "already in use", "ports in use", "mapping a")

_NOT_PROSE = (nodes.literal, nodes.literal_block, nodes.reference)


class Terms:
    """The terms of a glossary; ``places`` has the page and the anchor of each definition."""

    def __init__(self, places: Mapping[str, tuple[str, str]]) -> None:
        self.places = {term.lower(): place for term, place in sorted(places.items())}
        #: A term, its plural or a phrase of another sense, in lower case -> the term, or None.
        self._forms: dict[str, str | None] = {form: term for term in self.places for form in _forms(term)}
        self._forms |= dict.fromkeys((*NOT_LINKED, *OTHER_SENSES))
        longest_first = sorted(map(_pattern, self._forms), key=len, reverse=True)
        self._found = re.compile(rf"(?<![\w-])(?:{'|'.join(longest_first)})(?![\w-])", re.IGNORECASE)

    def link(self, clause: Iterable[nodes.Element], uri: Callable[[str], str]) -> None:
        """Link the first use of each term in the paragraphs of a requirement; ``uri`` gives the address of a page."""
        seen: set[str] = set()
        for part in clause:
            for text in [each for each in part.findall(nodes.Text) if not _is_marked_up(each, part)]:
                pieces = list(self._pieces(text.astext(), seen, uri))
                if len(pieces) > 1:
                    text.parent.replace(text, pieces)

    def _pieces(self, text: str, seen: set[str], uri: Callable[[str], str]) -> Iterator[nodes.Node]:
        end = 0
        for match in self._found.finditer(text):
            term = self._forms[" ".join(match[0].split()).lower()]
            if term is not None and term not in seen:
                seen.add(term)
                page, anchor = self.places[term]
                yield nodes.Text(text[end : match.start()])
                yield nodes.reference(
                    match[0], match[0], internal=True, refuri=f"{uri(page)}#{anchor}", classes=["glossary-term"]
                )
                end = match.end()
        yield nodes.Text(text[end:])


def _forms(term: str) -> Iterator[str]:
    yield from (term, f"{term}s", f"{term}es")
    if term.endswith("y"):
        yield f"{term[:-1]}ies"


def _pattern(form: str) -> str:
    """The form in a text, in which a line may end between two of its words."""
    return r"\s+".join(map(re.escape, form.split()))


def _is_marked_up(text: nodes.Text, part: nodes.Element) -> bool:
    node = text.parent
    while node is not part:
        if isinstance(node, _NOT_PROSE):
            return True
        node = node.parent
    return isinstance(part, _NOT_PROSE)
