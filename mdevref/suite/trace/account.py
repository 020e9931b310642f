"""How the spec accounts for each statement of the source document.

A statement is *required* if a requirement names it as a source. It is a *defect* if only an erratum names it, and
*informative* if ``spec/trace.toml`` says why it states no obligation. Every other statement is *unknown*.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

import msgspec

from mdevref.suite.data import shown
from mdevref.suite.errors import BadInput
from mdevref.suite.spec import outline
from mdevref.suite.spec.outline import Outline
from mdevref.suite.trace import editions
from mdevref.suite.trace.document import Document, Statement
from mdevref.suite.trace.drift import Change, drift
from mdevref.suite.trace.editions import Edition
from mdevref.suite.trace.structure import Difference, compare

State = Literal["required", "defect", "informative", "unknown"]
STATES: tuple[State, ...] = get_args(State)
FILE = "trace.toml"


class TraceError(BadInput):
    """``spec/trace.toml`` is invalid, or a file is not an edition of the source document."""


class File(msgspec.Struct, forbid_unknown_fields=True):
    """``spec/trace.toml``: an edition, our names for its sections, and why some statements state no obligation.

    ``later`` paraphrases statements of other editions in our own words, for the site.
    """

    edition: str
    sections: dict[str, str] = {}
    informative: dict[str, dict[str, str]] = {}
    later: dict[str, dict[str, str]] = {}

    def whys(self) -> dict[str, str]:
        """Map each informative statement to the reason; an empty reason is still to be filled in."""
        return _by_key(self.informative)

    def paraphrases(self) -> dict[str, str]:
        """Map statements of other editions to their paraphrases."""
        return _by_key(self.later)


def _by_key(tables: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    return {f"{section}/{digest}": said for section, each in tables.items() for digest, said in each.items()}


@dataclass(frozen=True, slots=True)
class Account:
    """How the spec accounts for the document. ``edition`` is the spec's base; ``editions`` are all that it lists.

    The other mappings are by the key of a statement: ``required`` holds the requirements that rest on it, ``errata``
    the errata about it, ``informative`` the reason why it states no obligation, ``paraphrases`` its paraphrase.
    """

    edition: Edition
    editions: Mapping[str, Edition]
    required: Mapping[str, tuple[str, ...]]
    errata: Mapping[str, tuple[str, ...]]
    informative: Mapping[str, str]
    sections: Mapping[str, str]
    paraphrases: Mapping[str, str]

    def section_name(self, slug: str) -> str:
        """Return our name for a section of the document."""
        return self.sections.get(slug) or slug.replace("-", " ").capitalize()

    def state(self, key: str) -> State:
        """Return the state of a statement."""
        if key in self.required:
            return "required"
        if key in self.errata:
            return "defect"
        return "informative" if self.informative.get(key) else "unknown"

    def touched(self, key: str) -> tuple[str, ...]:
        """Return the requirements that rest on a statement."""
        return self.required.get(key, ())


@dataclass(frozen=True, slots=True)
class Trace:
    """A traced document: its statements, its changes against the spec's base edition, and the facts that differ.

    ``before`` holds the texts of the base edition by key, if that document is available.
    """

    name: str
    account: Account
    document: Document
    changes: tuple[Change, ...]
    differences: tuple[Difference, ...]
    before: Mapping[str, str] = field(default_factory=dict)

    def states(self) -> dict[State, int]:
        """Return the number of statements in each state."""
        found = [self.account.state(each.key) for each in self.document.statements]
        return {state: found.count(state) for state in STATES}

    def unknown(self) -> list[Statement]:
        """Return the statements that the spec does not account for, in the order of the document."""
        return [each for each in self.document.statements if self.account.state(each.key) == "unknown"]

    def drifted(self) -> list[Change]:
        """Return the changes to review: all except new statements that the spec already accounts for."""
        return [
            change
            for change in self.changes
            if change.kind != "new" or self.account.state(change.statement.key) == "unknown"
        ]

    @property
    def is_complete(self) -> bool:
        """Whether every statement is accounted for, none is missing, and every differing fact has an erratum."""
        return not self.unknown() and not self.drifted() and all(each.errata for each in self.differences)


def load_file(spec_dir: Path) -> File:
    """Read ``spec/trace.toml``. Raises :class:`TraceError` if it is missing or invalid."""
    path = spec_dir / FILE
    try:
        return msgspec.convert(tomllib.loads(path.read_text()), File)
    except OSError as error:
        raise TraceError(f"{shown(path)}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise TraceError(f"{shown(path)}: {error}") from error


def account(spec_dir: Path, heads: Outline | None = None) -> Account:
    """Return how the spec in ``spec_dir`` accounts for the document; ``heads`` is its outline, if already read."""
    heads = heads or outline.read(spec_dir)
    return accounting(spec_dir, heads.naming(heads.requirements), heads.naming(heads.errata))


def accounting(
    spec_dir: Path, required: Mapping[str, tuple[str, ...]], errata: Mapping[str, tuple[str, ...]]
) -> Account:
    """Return the account, given the requirements and the errata that name each statement."""
    file = load_file(spec_dir)
    known = editions.load_all(spec_dir)
    if (name := file.edition) not in known:
        raise TraceError(f"{shown(spec_dir / FILE)}: edition {name!r} not found in {shown(spec_dir / editions.FOLDER)}")
    return Account(known[name], known, required, errata, file.whys(), file.sections, file.paraphrases())


def trace(document: Document, name: str, spec_dir: Path) -> Trace:
    """Trace a document to the spec in ``spec_dir``. Raises :class:`TraceError` if it shares no statement with it."""
    heads = outline.read(spec_dir)
    known = account(spec_dir, heads)
    now = editions.listed(document, name)
    if not now.all_keys() & frozenset[str]().union(*(each.all_keys() for each in known.editions.values())):
        raise TraceError(f"{name}: not the vfio-mediated-device document (no known statement found)")
    return Trace(name, known, document, tuple(drift(known.edition, now)), tuple(compare(document, heads)))
