"""Editions of the source document as the spec knows them: each statement by its key, and nothing of its text.

``spec/editions/5.10.toml`` lists what that edition states, in its order. A statement has its kind, the name that it is
about where it is about one (a function, a member, a file), and a *likeness*: into which of 128 bins its words fall.
Nobody reads the text from that; yet two likenesses tell how much of their words two texts share, so that a reworded
statement is found without the edition that it stood in.
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
    """A listing that cannot be used; the text names the file and says why."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A statement of an edition: key, kind, likeness, and the name that it is about or nothing."""

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
    """``sections`` are slug and depth, in the order of the text; so are the statements."""

    name: str
    sections: Mapping[str, int] = field(default_factory=dict)
    statements: tuple[Listed, ...] = ()

    def all_keys(self) -> frozenset[str]:
        """The keys of its statements."""
        return frozenset(each.key for each in self.statements)


class _Section(msgspec.Struct, forbid_unknown_fields=True):
    slug: str
    depth: int
    statements: list[str] = []


class _File(msgspec.Struct, forbid_unknown_fields=True):
    edition: str
    section: list[_Section] = []


def likeness(text: str) -> int:
    """The bins that the words of a text fall into, as the bits of a number."""
    bins = 0
    for word in _WORD.findall(text.lower()):
        bins |= 1 << (hashlib.sha256(word.encode()).digest()[0] % BINS)
    return bins


def alike(one: int, other: int) -> float:
    """How much of their words two texts share, 0 to 1, by their likenesses."""
    union = (one | other).bit_count()
    return (one & other).bit_count() / union if union else 0.0


def listed(document: Document, name: str) -> Edition:
    """What a document states, as an edition to be written."""
    statements = (Listed(each.key, each.kind, likeness(each.text), each.name) for each in document.statements)
    return Edition(name, document.depths, tuple(statements))


def names(spec_dir: Path) -> list[str]:
    """The editions that the spec lists, the oldest first."""
    found = [path.stem for path in (spec_dir / FOLDER).glob("*.toml")]
    return sorted(found, key=lambda name: [int(part) for part in re.findall(r"\d+", name)])


def path_of(spec_dir: Path, name: str) -> Path:
    return spec_dir / FOLDER / f"{name}.toml"


def load(path: Path) -> Edition:
    """Read a listing; :class:`EditionError` where it is missing, no TOML, or not sound."""
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
                raise EditionError(f"{shown(path)}: {section.slug}: {line!r} is no statement")
            statements.append(Listed(f"{section.slug}/{digest}", kind, int(bins, 16), name))
    return Edition(read.edition, {each.slug: each.depth for each in read.section}, tuple(statements))


def load_all(spec_dir: Path) -> dict[str, Edition]:
    """Every edition that the spec lists, the oldest first."""
    return {name: load(path_of(spec_dir, name)) for name in names(spec_dir)}


def render(edition: Edition) -> str:
    """The listing as TOML."""
    return "\n".join(_lines(edition)) + "\n"


def _lines(edition: Edition) -> Iterator[str]:
    yield f"# What the {edition.name} edition states, without its text: key, kind, likeness, name of what it is about."
    yield "# Written by `mdevref trace DOCUMENT --accept`, never by hand."
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
