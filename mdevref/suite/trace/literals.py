"""Split a literal block of the document into statements: a diagram, a tree of files, C, a shell session, a dump."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

PieceKind = Literal[
    "label", "tree", "prototype", "structure", "member", "comment", "code", "command", "output", "dump"
]  # fmt: skip
Piece = tuple[PieceKind, str]

_TREE_ENTRY = re.compile(r"^(?P<drawing>[\s|]*[|`]-+ ?)(?P<name>\S.*)$")
_PROMPT = re.compile(r"^\s*[#$]\s+(?=\S)")
_DUMP = re.compile(r"^\s*[0-9a-f]{2,8}:(\s[0-9a-f]{2}){4,}\s*$")
_LABEL = re.compile(r"[^\s|+<>-](?:[^|+<>]*?[^\s|+<>-])?(?=\s{2,}|\s*[|+<>]|\s*-{2,}|\s*$)")
_COMMENT = re.compile(r"/\*(.*?)\*/", re.DOTALL)
_STRUCTURE = re.compile(r"\bstruct\s+(\w+)\s*\{(.*?)\}\s*;", re.DOTALL)
_C = re.compile(r"/\*|\bstruct\b|\)\s*;\s*$", re.MULTILINE)
_PROTOTYPE = re.compile(r"^[\w\s*]+[\s*]\w+\s*\([^()]*(\([^()]*\)[^()]*)*\)\s*;$")


def literal_pieces(block: str) -> Iterator[Piece]:
    """Return the statements of one literal block, in order, as kind and normalised text."""
    lines = block.splitlines()
    if any("+--" in line for line in lines):
        return _labels(lines)
    if any(_TREE_ENTRY.match(line) for line in lines):
        return _tree(lines)
    if not any(_PROMPT.match(line) for line in lines) and _C.search(block):
        return _c(block)
    return _session(lines)


def _labels(lines: list[str]) -> Iterator[Piece]:
    """Yield the labels of a drawing; texts directly below each other form one label."""
    open_labels: list[tuple[int, int, list[str]]] = []
    labels: list[list[str]] = []
    for line in lines:
        still_open: list[tuple[int, int, list[str]]] = []
        for match in _LABEL.finditer(line):
            start, end = match.span()
            for above_start, above_end, words in open_labels:
                if start < above_end and above_start < end:
                    words.append(match[0])
                    break
            else:
                words = [match[0]]
                labels.append(words)
            still_open.append((start, end, words))
        open_labels = still_open
    for words in labels:
        yield "label", " ".join(" ".join(words).split())


def _tree(lines: list[str]) -> Iterator[Piece]:
    """Yield each entry of a tree with its path, so that the drawing of the branches does not matter."""
    path: list[tuple[int, str]] = []
    for line in lines:
        if prompt := _PROMPT.match(line):
            yield "command", " ".join(line[prompt.end() :].split())
        elif match := _TREE_ENTRY.match(line):
            column = match.start("name")
            while path and path[-1][0] >= column:
                path.pop()
            path.append((column, " ".join(match["name"].split()).rstrip("/")))
            yield "tree", "/".join(name for _, name in path)
        elif line.strip():
            path = [(len(line) - len(line.lstrip()), line.strip().rstrip("/"))]
            yield "tree", path[0][1]


def tokens(text: str) -> str:
    """Return C with normalised blanks: ``int (*probe)(struct device *dev)``."""
    text = re.sub(r"\s*([(),;*{}\[\]])\s*", r"\1", " ".join(text.split())).replace(",", ", ")
    return re.sub(r"(?<=[\w)])(\(?\*)", r" \1", text)


def _c(block: str) -> Iterator[Piece]:
    owner = name[1] if (name := re.search(r"\bstruct\s+(\w+)\s*\{", block)) else ""
    prefix = f"struct {owner}: " if owner else ""
    for comment in _COMMENT.finditer(block):
        for line in comment[1].splitlines():
            if said := " ".join(line.strip().lstrip("*").split()):
                yield "comment", prefix + said
    block = _COMMENT.sub(" ", block)
    for structure in _STRUCTURE.finditer(block):
        yield "structure", f"struct {structure[1]}"
        for member in structure[2].split(";"):
            if member.strip():
                yield "member", f"struct {structure[1]}: {tokens(member)};"
    for text in _STRUCTURE.sub(" ", block).split(";"):
        if text.strip():
            statement = f"{text.strip()};"
            kind: PieceKind = "prototype" if _PROTOTYPE.match(statement) else "code"
            # Editions differ in "extern", which means nothing for a prototype.
            yield kind, tokens(re.sub(r"^extern\s+", "", statement))


def _session(lines: list[str]) -> Iterator[Piece]:
    """Yield the commands of a session, without prompt, and their output.

    A block without any prompt is output, or commands if a line of it ends in a backslash.
    """
    prompts = any(_PROMPT.match(line) for line in lines)
    output = prompts is False and not any(line.rstrip().endswith("\\") for line in lines)
    pending: list[str] = []
    for line in lines:
        prompt = _PROMPT.match(line)
        if prompt or pending or not (prompts or output):
            pending.append(line[prompt.end() :] if prompt else line)
            if line.rstrip().endswith("\\"):
                continue
            text = " ".join(" ".join(part.rstrip().removesuffix("\\") for part in pending).split())
            pending = []
            if text:
                yield "command", text
        elif line.strip():
            yield ("dump" if _DUMP.match(line) else "output"), " ".join(line.split())
    if pending:
        yield "command", " ".join(" ".join(pending).replace("\\", " ").split())
