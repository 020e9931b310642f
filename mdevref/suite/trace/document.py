"""Read an edition of the vfio-mediated-device document into statements with keys that are stable across editions.

This project contains no text of that document. The key of a statement is its section and a checksum of its normalised
text, as in ``registration-interfaces/0a1b2c3d``. Normalisation removes what carries no meaning: line breaks, runs of
blanks, the drawing of a tree, blanks between the tokens of C, and a prototype's ``extern``.
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

#: The maximum size in bytes and lines. The kernel's document has 15 kB in 400 lines. docutils takes minutes for some
#: larger files (quadratic time for a column of equals signs).
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
    "report_level": 5,  # keep the text of a role or substitution that only Sphinx knows
    "halt_level": 5,
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "doctitle_xform": False,  # otherwise the section of the preface would depend on the text before the title
    "docinfo_xform": False,
    "smart_quotes": False,
}


class DocumentError(BadInput):
    """The file cannot be read as a document; the message names the file and the reason."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of the document: the slug of its section, its kind, and its normalised text.

    ``line`` is the first line of its paragraph or block, or 0 if unknown.
    """

    section: str
    kind: Kind
    text: str
    line: int = 0

    @property
    def key(self) -> str:
        """The key of the statement, such as ``section-slug/1a2b3c4d``."""
        return f"{self.section}/{hashlib.sha256(self.text.encode()).hexdigest()[:8]}"

    @property
    def name(self) -> str:
        """The name of its subject (a function, ``mdev_driver.probe``, a path, an item), or an empty string."""
        if self.kind == "tree":
            return self.text
        pattern = _NAMES.get(self.kind)
        found = pattern.search(self.text) if pattern else None
        return ".".join(part for part in found.groups() if part) if found else ""


@dataclass(frozen=True, slots=True)
class Document:
    """The sections of a document (slug to title) and its statements, in the order of the text, with unique keys.

    ``depths`` maps each section to its nesting depth; the outermost has depth 1.
    """

    sections: dict[str, str]
    statements: tuple[Statement, ...]
    depths: dict[str, int]


def read(path: Path) -> Document:
    """Read the document at ``path``. Raises :class:`DocumentError` if it is missing, too large or not such a text."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)  # a limit, because files such as /dev/zero have no end
    except OSError as error:
        raise DocumentError(f"{path}: {error.strerror}") from error
    if len(data) > LARGEST:
        raise DocumentError(f"{path}: not the vfio-mediated-device document (larger than {LARGEST} bytes)")
    try:
        text = data.decode("utf-8-sig")  # a byte-order mark would change the first line
    except UnicodeDecodeError:
        raise DocumentError(f"{path}: invalid UTF-8") from None
    if "\0" in text:
        raise DocumentError(f"{path}: binary file, not a text")
    return parse(text, str(path))


def parse(text: str, name: str = "document") -> Document:
    """Return the document in ``text``; errors call it ``name``."""
    if (lines := text.count("\n")) > LONGEST:
        raise DocumentError(f"{name}: not the vfio-mediated-device document ({lines} lines, more than {LONGEST})")
    if _PATCH.search(text):
        raise DocumentError(f"{name}: a patch, not the document; apply it first")
    if plain_text.is_unmarked(text):
        text = plain_text.marked(text)
    sections: dict[str, str] = {}
    found: dict[str, Statement] = {}
    try:
        tree = publish_doctree(text, source_path=name, settings_overrides=_SETTINGS)
        for statement in _walk(tree.children, "preface", sections):
            found.setdefault(statement.key, statement)
    except RecursionError:
        raise DocumentError(f"{name}: not the vfio-mediated-device document (nested too deeply)") from None
    if not sections or not found:
        raise DocumentError(f"{name}: not the vfio-mediated-device document (no sections found)")
    depths = dict(zip(sections, _depths(tree), strict=True))
    return Document(sections, tuple(found.values()), depths)


def _depths(tree: nodes.document) -> Iterator[int]:
    for section in tree.findall(nodes.section):
        depth, above = 1, section.parent
        while isinstance(above, nodes.section):
            depth, above = depth + 1, above.parent
        yield depth


def normalise(text: str) -> str:
    """Return prose on one line, with plain quotes and single blanks."""
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
    """Yield the statements of the nodes. ``term``, the head of their list item, is the subject of "is optional"."""
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
        # A first line like "* name" is the subject of the paragraphs below it; one with a full stop is not.
        term = "" if text.endswith((".", ":")) else text
    yield from _walk(children, section, sections, term)


def _sentences(paragraph: nodes.Element, section: str, kind: Kind, term: str = "") -> Iterator[Statement]:
    for sentence in _SENTENCE_END.split(normalise(paragraph.astext())):
        if sentence:
            yield Statement(section, kind, f"{term}: {sentence}" if term else sentence, paragraph.line or 0)


def main(arguments: list[str] | None = None) -> int:
    """List the statements of a document: key, kind, text."""
    parser = argparse.ArgumentParser(prog="python -m mdevref.suite.trace.document", description=main.__doc__)
    parser.add_argument("file", type=Path, help="the vfio-mediated-device document of a kernel")
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
