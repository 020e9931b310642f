"""Convert the plain-text editions of the document (4.10 to 4.12) to reStructuredText.

The plain text marks only headings and lists. Drawings, trees, C and shell sessions are recognised by their form, or by
the colon before them. Each becomes a literal block, as in the later editions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_MARKED = re.compile(r"::\s*$", re.MULTILINE)
_COMMENT = re.compile(r"\A\s*/\*(.*?)\*/", re.DOTALL)
_REFERENCE = re.compile(r"^\[(\d+)\](?= )")
_ITEM = re.compile(r"\s*([*+-]|\d+[.)]|\[\d+\])\s")
_UNDERLINE = re.compile(r"([=\-~^\"'*#+])\1{2,}\s*")
_LITERAL = re.compile(
    r"""\s*(\+--                         # a drawing
        | [|`]-+[ ]?\S                   # a tree
        | /\* | extern\s | struct\s+\w+\s*\{   # C
        | [#$]\s+\S                      # a command
        | [^#]*\\$ )                     # a line that goes on
    """,
    re.VERBOSE,
)
_PROMPT = re.compile(r"\s+[#$]\s+\S")


def is_unmarked(text: str) -> bool:
    """Return whether a text marks no literal block although it contains something that should be one."""
    return not _MARKED.search(text) and any(_LITERAL.match(line) for line in text.splitlines())


def marked(text: str) -> str:
    """Return the text as reStructuredText."""
    text = _COMMENT.sub(_head, text.expandtabs(), count=1)
    lines: list[str] = []
    after_colon = False
    for group in _groups(text):
        literal = _LITERAL.match(group[0]) or (after_colon and not _begins_text(group))
        if literal:
            indent = min(len(line) - len(line.lstrip()) for line in group)
            lines += [" " * indent + "::", "", *(f"  {line}" for line in group), ""]
        else:
            lines += [*(_REFERENCE.sub(r"\1.", line) for line in group), ""]
        after_colon = not literal and group[-1].endswith(":") and not _UNDERLINE.fullmatch(group[-1])
    return "\n".join(lines)


def _begins_text(group: list[str]) -> bool:
    """Return whether the group begins a list or is a heading."""
    return bool(_ITEM.match(group[0])) or (len(group) > 1 and bool(_UNDERLINE.fullmatch(group[1])))


def _groups(text: str) -> Iterator[list[str]]:
    """Yield the groups of lines between blank lines; a command directly below its introduction begins a new group."""
    group: list[str] = []
    for line in text.splitlines():
        if group and (not line.strip() or (_PROMPT.match(line) and not _LITERAL.match(group[0]))):
            yield group
            group = []
        if line.strip():
            group.append(line.rstrip())
    if group:
        yield group


def _head(comment: re.Match[str]) -> str:
    """Return the comment at the head of the file as a title, its first line, and text."""
    said = [line.strip().lstrip("*").strip() for line in comment[1].splitlines()]
    title, *rest = [line for n, line in enumerate(said) if line or n] or [""]
    return "\n".join([title, "=" * max(len(title), 3), *rest])
