"""Every statement of the source document against the spec.

A statement is *required* where a requirement names it as its source, a *defect* where only an erratum does, and
*informative* where ``spec/trace.toml`` says why it obliges nobody. Whatever else a document states is *unknown*.
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
    """``spec/trace.toml`` cannot be used, or a document is none of which the spec knows an edition."""


class File(msgspec.Struct, forbid_unknown_fields=True):
    """``spec/trace.toml``: an edition, our own names for its sections, and why some of its statements oblige nobody.

    ``later`` has what statements of other editions come to, in our own words: nothing else on the site would say it.
    """

    edition: str
    sections: dict[str, str] = {}
    informative: dict[str, dict[str, str]] = {}
    later: dict[str, dict[str, str]] = {}

    def whys(self) -> dict[str, str]:
        """Statement -> why it is informative; empty where somebody has still to say so."""
        return _by_key(self.informative)

    def paraphrases(self) -> dict[str, str]:
        """Statement of another edition -> what it comes to."""
        return _by_key(self.later)


def _by_key(tables: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    return {f"{section}/{digest}": said for section, each in tables.items() for digest, said in each.items()}


@dataclass(frozen=True, slots=True)
class Account:
    """What the spec says of the document. ``edition`` is the one that it is held to, ``editions`` all that it knows.

    Statements go by their keys: ``required`` has the requirements that rest on each, ``errata`` those that tell what is
    wrong with it, ``informative`` why it obliges nobody, ``paraphrases`` what those of other editions come to.
    """

    edition: Edition
    editions: Mapping[str, Edition]
    required: Mapping[str, tuple[str, ...]]
    errata: Mapping[str, tuple[str, ...]]
    informative: Mapping[str, str]
    sections: Mapping[str, str]
    paraphrases: Mapping[str, str]

    def section_name(self, slug: str) -> str:
        """What we call a section of the document."""
        return self.sections.get(slug) or slug.replace("-", " ").capitalize()

    def state(self, key: str) -> State:
        """What a statement is to the spec."""
        if key in self.required:
            return "required"
        if key in self.errata:
            return "defect"
        return "informative" if self.informative.get(key) else "unknown"

    def touched(self, key: str) -> tuple[str, ...]:
        """The requirements that rest on a statement."""
        return self.required.get(key, ())


@dataclass(frozen=True, slots=True)
class Trace:
    """A document traced: its statements, what it changes of the edition that the spec is held to, and of its facts.

    ``before`` is the text of that edition's statements by key, where it is at hand.
    """

    name: str
    account: Account
    document: Document
    changes: tuple[Change, ...]
    differences: tuple[Difference, ...]
    before: Mapping[str, str] = field(default_factory=dict)

    def states(self) -> dict[State, int]:
        """How many statements are in each state."""
        found = [self.account.state(each.key) for each in self.document.statements]
        return {state: found.count(state) for state in STATES}

    def unknown(self) -> list[Statement]:
        """The statements that the spec does not account for, in their order."""
        return [each for each in self.document.statements if self.account.state(each.key) == "unknown"]

    def drifted(self) -> list[Change]:
        """The changes that somebody has to look into: all but what is new and already accounted for."""
        return [
            change
            for change in self.changes
            if change.kind != "new" or self.account.state(change.statement.key) == "unknown"
        ]

    @property
    def is_complete(self) -> bool:
        """Whether every statement is accounted for, none is missing, and no fact differs without an erratum."""
        return not self.unknown() and not self.drifted() and all(each.errata for each in self.differences)


def load_file(spec_dir: Path) -> File:
    """Read ``spec/trace.toml``; :class:`TraceError` where that cannot be used."""
    path = spec_dir / FILE
    try:
        return msgspec.convert(tomllib.loads(path.read_text()), File)
    except OSError as error:
        raise TraceError(f"{shown(path)}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise TraceError(f"{shown(path)}: {error}") from error


def account(spec_dir: Path, heads: Outline | None = None) -> Account:
    """What the spec in ``spec_dir`` says of the document; ``heads`` where they have been read already."""
    heads = heads or outline.read(spec_dir)
    return accounting(spec_dir, heads.naming(heads.requirements), heads.naming(heads.errata))


def accounting(
    spec_dir: Path, required: Mapping[str, tuple[str, ...]], errata: Mapping[str, tuple[str, ...]]
) -> Account:
    """The account of whoever knows already what rests on each statement."""
    file = load_file(spec_dir)
    known = editions.load_all(spec_dir)
    if (name := file.edition) not in known:
        raise TraceError(f"{shown(spec_dir / FILE)}: {shown(spec_dir / editions.FOLDER)} has no edition {name!r}")
    return Account(known[name], known, required, errata, file.whys(), file.sections, file.paraphrases())


def trace(document: Document, name: str, spec_dir: Path) -> Trace:
    """Hold a document against the spec in ``spec_dir``; :class:`TraceError` for one that is of another matter."""
    heads = outline.read(spec_dir)
    known = account(spec_dir, heads)
    now = editions.listed(document, name)
    if not now.all_keys() & frozenset[str]().union(*(each.all_keys() for each in known.editions.values())):
        raise TraceError(f"{name}: not a word of the document on mediated devices; is it the right file?")
    return Trace(name, known, document, tuple(drift(known.edition, now)), tuple(compare(document, heads)))
