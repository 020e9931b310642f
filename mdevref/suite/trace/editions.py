"""The listings of the source document's editions: each statement by its key, without its text.

``spec/editions/5.10.toml`` lists the statements of that edition in order. Each has a kind, the name of its subject if
there is one (a function, a member, a file), and a *likeness*: the set of those of 128 bins into which its words fall.
The text cannot be recovered from it, but two likenesses show how many words two texts share. So a reworded statement
is recognised without the document that contained it.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from mdevref.suite.data import shown
from mdevref.suite.errors import BadInput
from mdevref.suite.trace.document import Document

FOLDER = "editions"
BINS = 128
_WORD = re.compile(r"[\w*/$-]+")
_DIGEST = re.compile(r"[0-9a-f]{8}")


class EditionError(BadInput):
    """A listing is missing or invalid; the message names the file and the reason."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A statement of an edition: its key, kind and likeness, and the name of its subject or an empty string."""

    key: str
    kind: str
    likeness: int
    name: str = ""

    @property
    def section(self) -> str:
        return self.key.partition("/")[0]

    @property
    def digest(self) -> str:
        return self.key.partition("/")[2]


@dataclass(frozen=True, slots=True)
class Edition:
    """An edition: its sections (slug to depth) and its statements, both in the order of the text."""

    name: str
    sections: Mapping[str, int] = field(default_factory=dict)
    statements: tuple[Listed, ...] = ()

    def all_keys(self) -> frozenset[str]:
        """Return the keys of its statements."""
        return frozenset(each.key for each in self.statements)


class _Section(msgspec.Struct, forbid_unknown_fields=True):
    slug: str
    depth: int
    statements: list[str] = []


class _File(msgspec.Struct, forbid_unknown_fields=True):
    edition: str
    section: list[_Section] = []


def likeness(text: str) -> int:
    """Return the bins into which the words of a text fall, as the bits of a number."""
    bins = 0
    for word in _WORD.findall(text.lower()):
        bins |= 1 << (hashlib.sha256(word.encode()).digest()[0] % BINS)
    return bins


def alike(one: int, other: int) -> float:
    """Return the share of common words of two texts, from 0 to 1, by their likenesses."""
    union = (one | other).bit_count()
    return (one & other).bit_count() / union if union else 0.0


def listed(document: Document, name: str) -> Edition:
    """Return a document as an edition."""
    statements = (Listed(each.key, each.kind, likeness(each.text), each.name) for each in document.statements)
    return Edition(name, document.depths, tuple(statements))


def names(spec_dir: Path) -> list[str]:
    """Return the names of the editions that the spec lists, the oldest first."""
    found = [path.stem for path in (spec_dir / FOLDER).glob("*.toml")]
    return sorted(found, key=lambda name: [int(part) for part in re.findall(r"\d+", name)])


def path_of(spec_dir: Path, name: str) -> Path:
    return spec_dir / FOLDER / f"{name}.toml"


def load(path: Path) -> Edition:
    """Read a listing. Raises :class:`EditionError` if it is missing or invalid."""
    try:
        read = msgspec.convert(tomllib.loads(path.read_text()), _File)
    except OSError as error:
        raise EditionError(f"{shown(path)}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise EditionError(f"{shown(path)}: {error}") from error
    statements = []
    for section in read.section:
        for line in section.statements:
            digest, kind, bins, name = (*line.split(" ", 3), "", "", "")[:4]
            if not _DIGEST.fullmatch(digest) or not re.fullmatch(r"[0-9a-f]{32}", bins):
                raise EditionError(f"{shown(path)}: {section.slug}: invalid statement {line!r}")
            statements.append(Listed(f"{section.slug}/{digest}", kind, int(bins, 16), name))
    return Edition(read.edition, {each.slug: each.depth for each in read.section}, tuple(statements))


def load_all(spec_dir: Path) -> dict[str, Edition]:
    """Return every edition that the spec lists, the oldest first."""
    return {name: load(path_of(spec_dir, name)) for name in names(spec_dir)}


def render(edition: Edition) -> str:
    """Return the listing as TOML."""
    return "\n".join(_lines(edition)) + "\n"


def _lines(edition: Edition) -> Iterator[str]:
    yield f"# The statements of the {edition.name} edition without their text: key, kind, likeness, subject."
    yield "# Written by `mdevref trace DOCUMENT --accept`; do not edit."
    yield f"edition = {json.dumps(edition.name)}"
    by_section: dict[str, list[Listed]] = {slug: [] for slug in edition.sections}
    for each in edition.statements:
        by_section[each.section].append(each)
    for slug, statements in by_section.items():
        yield from ("", "[[section]]", f"slug = {json.dumps(slug)}", f"depth = {edition.sections[slug]}")
        yield "statements = ["
        for each in statements:
            line = f"{each.digest} {each.kind} {each.likeness:032x} {each.name}".rstrip()
            yield f"  {json.dumps(line, ensure_ascii=False)},"
        yield "]"
