"""The ledger of a target: the deviations that are known, each with its kind, its reason and a reference.

A ledger is a TOML file (``docs/deviations/linux-6.1.toml``) of tables::

    [[deviation]]
    requirement = "remove.vendor-refusal"
    kind = "superseded"
    since = "5.2"
    why = "Why the implementation does otherwise, in our own words."
    reference = "where that can be read"

with, where they help, ``scenario`` (only this one fails), ``statement`` (what the document says) and ``correction``
(what it would have to say). An entry that no longer applies fails the run.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from mdevref.suite import data
from mdevref.suite.data import shown
from mdevref.suite.errors import BadInput
from mdevref.suite.interface.releases import Release, format_release, parse_release

Kind = Literal["stale", "superseded", "bug"]


class LedgerError(BadInput):
    """A ledger that cannot be used; the text names the file and the entry."""


class Deviation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One known deviation.

    ``kind``: ``stale``, that release's own edition of the document still says it; ``superseded``, its edition says
    something else by now; ``bug``, the implementation is wrong. ``since`` is the release that began with it.
    """

    requirement: str
    kind: Kind
    since: str
    why: str
    reference: str
    scenario: str | None = None
    statement: str | None = None
    correction: str | None = None

    @property
    def key(self) -> str:
        """As the header of the results lists it."""
        return f"{self.requirement}: {self.scenario}" if self.scenario else self.requirement


class _File(msgspec.Struct, forbid_unknown_fields=True):
    deviation: list[Deviation] = []


@dataclass(frozen=True, slots=True)
class Ledger:
    """The deviations of one target; ``path`` is empty where there is no ledger."""

    path: str = ""
    deviations: tuple[Deviation, ...] = ()

    def keys(self) -> list[str]:
        """The entries as the header of the results lists them."""
        return [deviation.key for deviation in self.deviations]

    def find(self, requirement: str, scenario: str) -> Deviation | None:
        """The entry that expects this scenario to fail."""
        for deviation in self.deviations:
            if deviation.requirement == requirement and deviation.scenario in (None, scenario):
                return deviation
        return None

    def names_scenario(self, requirement: str, scenario: str) -> bool:
        """Whether an entry is about this very scenario: then its pass is unexpected."""
        return any(each.requirement == requirement and each.scenario == scenario for each in self.deviations)


def load(path: Path, *, release: Release | None = None) -> Ledger:
    """Read a ledger; :class:`LedgerError` where it is missing, no TOML, or an entry is not sound.

    ``release`` is the target's: an entry that began later cannot be about it.
    """
    name = shown(path)
    try:
        raw = tomllib.loads(path.read_text())
    except OSError as error:
        raise LedgerError(f"{name}: {error.strerror}") from error
    except UnicodeDecodeError:
        raise LedgerError(f"{name}: not a text in UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise LedgerError(f"{name}: {error}") from error
    try:
        deviations = tuple(msgspec.convert(raw, _File).deviation)
    except msgspec.ValidationError as error:
        raise LedgerError(f"{name}: {error}") from error
    seen: set[str] = set()
    for number, deviation in enumerate(deviations, 1):
        if wrong := _wrong(deviation, release, seen):
            raise LedgerError(f"{name}: entry {number} ({deviation.key}): {wrong}")
        seen.add(deviation.key)
    return Ledger(name, deviations)


def _wrong(deviation: Deviation, release: Release | None, seen: Collection[str]) -> str:
    if deviation.key in seen or deviation.requirement in seen:
        return "stands twice"
    if not (deviation.why.strip() and deviation.reference.strip()):
        return "why and reference must say something"
    try:
        since = parse_release(deviation.since)
    except ValueError as error:
        return f"since: {error}"
    if release and since > release:
        return f"since {deviation.since}, but the target is {format_release(release)}"
    return ""


def check_requirements(ledger: Ledger, known: Collection[str]) -> None:
    """:class:`LedgerError` for an entry about a requirement that the spec has not."""
    for number, deviation in enumerate(ledger.deviations, 1):
        if deviation.requirement not in known:
            raise LedgerError(f"{ledger.path}: entry {number}: the spec knows no requirement {deviation.requirement!r}")


def choose(given: Path | None, release: Release | None) -> Ledger:
    """The ledger of a run: the one that was ``given``, else that of the ``release``, else none."""
    path = given or (data.ledger_of(release) if release else None)
    return load(path, release=release) if path else Ledger()
