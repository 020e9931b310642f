"""Read a kernel document on mediated devices into statements, each with a key that survives a new edition.

Nothing of such a document is kept in this project: a statement is named by its section and by a checksum of its
normalised text, as in ``registration-interfaces/0a1b2c3d``. What is normalised away is what carries no meaning: line
breaks, runs of blanks, the drawing of a tree, blanks between the tokens of C and a prototype's ``extern``.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from docutils import nodes
from docutils.core import publish_doctree

from mdevref.suite.errors import BadInput
from mdevref.suite.trace import plain_text
from mdevref.suite.trace.literals import literal_pieces

Kind = Literal[
    "sentence", "item", "field", "label", "tree", "prototype", "structure", "member", "comment", "code", "command",
    "output", "dump", "reference",
]  # fmt: skip

#: Bytes and lines. The kernel's document has 15 kB in 400 lines; what is much larger is something else, and docutils
#: takes minutes for some of it (with the square of the lines for a column of equals signs).
LARGEST, LONGEST = 1 << 16, 4000

_PATCH = re.compile(r"^(diff --git |@@ -\d)", re.MULTILINE)
_SENTENCE_END = re.compile(r"(?<=[.!?])(?<!e\.g\.)(?<!i\.e\.)(?<!etc\.)[)\"']*\s+(?=[\"'(\[<]?[A-Z$/])")
_NAMES = {
    "prototype": re.compile(r"(\w+)\("),
    "structure": re.compile(r"struct (\w+)"),
    "member": re.compile(r"struct (\w+): .*?(\w+)(?=\)\(|(?:\[\w*\]|:\w+)?;$)"),
    "comment": re.compile(r"struct (\w+): (@\w+):"),
    "item": re.compile(r"^(\w+) ?:(?= )"),
    "label": re.compile(r"^([\w.]+\.ko|\w+\(\))$"),
    "dump": re.compile(r"^([0-9a-f]+):"),
}
_PLAIN = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u00a0": " "})
_SETTINGS = {
    "report_level": 5,  # an unknown role or substitution of Sphinx is no reason to stop: its text stays
    "halt_level": 5,
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "doctitle_xform": False,  # else the section of the preface would depend on what stands before the title
    "docinfo_xform": False,
    "smart_quotes": False,
}


class DocumentError(BadInput):
    """The file cannot be read as a document; the text names the file and says why."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that the document says: the slug of its section, kind, normalised text.

    ``line`` is where its paragraph or its block begins, 0 where that is unknown.
    """

    section: str
    kind: Kind
    text: str
    line: int = 0

    @property
    def key(self) -> str:
        """``section-slug/1a2b3c4d``."""
        return f"{self.section}/{hashlib.sha256(self.text.encode()).hexdigest()[:8]}"

    @property
    def name(self) -> str:
        """What it is about, where that has a name: a function, ``mdev_driver.probe``, the path of a file, an item."""
        if self.kind == "tree":
            return self.text
        pattern = _NAMES.get(self.kind)
        found = pattern.search(self.text) if pattern else None
        return ".".join(part for part in found.groups() if part) if found else ""


@dataclass(frozen=True, slots=True)
class Document:
    """The sections of a document, slug to title, and its statements, in the order of the text; no key twice.

    ``depths`` has how deep each section stands, 1 the outermost.
    """

    sections: dict[str, str]
    statements: tuple[Statement, ...]
    depths: dict[str, int]


def read(path: Path) -> Document:
    """Read the document at ``path``; :class:`DocumentError` when it is missing, too large or no such text."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)  # whatever more there is: /dev/zero has no end
    except OSError as error:
        raise DocumentError(f"{path}: {error.strerror}") from error
    if len(data) > LARGEST:
        raise DocumentError(f"{path}: more than {LARGEST} bytes are no such document")
    try:
        text = data.decode("utf-8-sig")  # a mark at the beginning would make the first line another
    except UnicodeDecodeError:
        raise DocumentError(f"{path}: not a text in UTF-8") from None
    if "\0" in text:
        raise DocumentError(f"{path}: a binary file, not a text")
    return parse(text, str(path))


def parse(text: str, name: str = "document") -> Document:
    """Read the text of a document; ``name`` stands in errors."""
    if (lines := text.count("\n")) > LONGEST:
        raise DocumentError(f"{name}: {lines} lines are no such document (the longest read has {LONGEST})")
    if _PATCH.search(text):
        raise DocumentError(f"{name}: a patch of a document, not the document; apply it first")
    if plain_text.is_unmarked(text):
        text = plain_text.marked(text)
    sections: dict[str, str] = {}
    found: dict[str, Statement] = {}
    try:
        tree = publish_doctree(text, source_path=name, settings_overrides=_SETTINGS)
        for statement in _walk(tree.children, "preface", sections):
            found.setdefault(statement.key, statement)
    except RecursionError:
        raise DocumentError(f"{name}: nested too deeply to be a text that people read") from None
    if not sections or not found:
        raise DocumentError(f"{name}: no reStructuredText with sections and statements")
    depths = dict(zip(sections, _depths(tree), strict=True))
    return Document(sections, tuple(found.values()), depths)


def _depths(tree: nodes.document) -> Iterator[int]:
    for section in tree.findall(nodes.section):
        depth, above = 1, section.parent
        while isinstance(above, nodes.section):
            depth, above = depth + 1, above.parent
        yield depth


def normalise(text: str) -> str:
    """Prose on one line, with plain quotes and single blanks."""
    return " ".join(text.translate(_PLAIN).split())


def _slug(title: str, taken: dict[str, str]) -> str:
    base = slug = nodes.make_id(title) or "section"
    number = 2
    while slug in taken:
        slug, number = f"{base}-{number}", number + 1
    return slug


def _walk(
    children: Iterable[nodes.Node], section: str, sections: dict[str, str], term: str = ""
) -> Iterator[Statement]:
    """``term`` is the head of the list item that the nodes stand in: without it "is optional" says nothing."""
    for child in children:
        match child:
            case nodes.section():
                title = normalise(child[0].astext())
                slug = _slug(title, sections)
                sections[slug] = title
                yield from _walk(child.children[1:], slug, sections)
            case nodes.paragraph():
                yield from _sentences(child, section, "sentence", term)
            case nodes.list_item():
                yield from _item(child, section, sections)
            case nodes.field():
                yield Statement(section, "field", ": ".join(normalise(part.astext()) for part in child.children))
            case nodes.literal_block() | nodes.doctest_block():
                for kind, text in literal_pieces(child.astext()):
                    yield Statement(section, kind, text, child.line or 0)
            case nodes.system_message() | nodes.comment() | nodes.substitution_definition():
                pass
            case nodes.Element():
                yield from _walk(child.children, section, sections, term)


def _item(item: nodes.Element, section: str, sections: dict[str, str]) -> Iterator[Statement]:
    kind: Kind = "reference" if section == "references" else "item"
    children, term = list(item.children), ""
    if children and isinstance(first := children[0], nodes.paragraph):
        del children[0]
        yield from _sentences(first, section, kind)
        text = normalise(first.astext())
        # A step that ends in a full stop stands for itself; "* name" is what the paragraphs below it speak of.
        term = "" if text.endswith((".", ":")) else text
    yield from _walk(children, section, sections, term)


def _sentences(paragraph: nodes.Element, section: str, kind: Kind, term: str = "") -> Iterator[Statement]:
    for sentence in _SENTENCE_END.split(normalise(paragraph.astext())):
        if sentence:
            yield Statement(section, kind, f"{term}: {sentence}" if term else sentence, paragraph.line or 0)


def main(arguments: list[str] | None = None) -> int:
    """List the statements of a document: key, kind, text."""
    parser = argparse.ArgumentParser(prog="python -m mdevref.suite.trace.document", description=main.__doc__)
    parser.add_argument("file", type=Path, help="a vfio-mediated-device document of some kernel")
    try:
        document = read(parser.parse_args(arguments).file)
    except DocumentError as error:
        print(f"mdevref: {error}", file=sys.stderr)
        return 2
    for statement in document.statements:
        print(statement.key, statement.kind, statement.text, sep="\t")
    return 0


__all__ = ["Document", "DocumentError", "Kind", "Statement", "main", "normalise", "parse", "read"]

if __name__ == "__main__":
    sys.exit(main())
