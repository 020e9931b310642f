"""The document before it was reStructuredText (4.10 to 4.12), with the marks that it lacks put where they belong.

Of the old text only headings and lists are marked. A drawing, a tree, C and a session of a shell are known by how they
look, or by the colon that they follow; each becomes the literal block that the later editions have.
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
    """Whether a text has no literal block that says so, though it has something that ought to be one."""
    return not _MARKED.search(text) and any(_LITERAL.match(line) for line in text.splitlines())


def marked(text: str) -> str:
    """The text as reStructuredText."""
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
    """A list, or a heading."""
    return bool(_ITEM.match(group[0])) or (len(group) > 1 and bool(_UNDERLINE.fullmatch(group[1])))


def _groups(text: str) -> Iterator[list[str]]:
    """Lines up to a blank one; a command under the line that announces it begins a group of its own."""
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
    """The comment at the head of the file: its first line is the title."""
    said = [line.strip().lstrip("*").strip() for line in comment[1].splitlines()]
    title, *rest = [line for n, line in enumerate(said) if line or n] or [""]
    return "\n".join([title, "=" * max(len(title), 3), *rest])
