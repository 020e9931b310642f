"""The ledger of a target: its known deviations, each with a kind, a reason and a reference.

A ledger is a TOML file (``docs/deviations/linux-6.1.toml``) of tables::

    [[deviation]]
    requirement = "remove.vendor-refusal"
    kind = "superseded"
    since = "5.2"
    why = "Why the implementation deviates, in our own words."
    reference = "a commit, a source file or a thread that shows it"

Optional fields are ``scenario`` (only this scenario fails), ``statement`` (what the document says) and ``correction``
(what it should say). An entry that no longer applies fails the run.
"""

from __future__ import annotations

import re
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
    """A ledger is invalid; the message names the file and the entry."""


class Deviation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One known deviation.

    ``kind`` is ``stale`` if the release's own edition of the document still contains the statement, ``superseded`` if
    that edition says something else, and ``bug`` if the implementation is wrong. ``since`` is the first release that
    deviates.
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
        """The entry as the header of the results lists it."""
        return f"{self.requirement}: {self.scenario}" if self.scenario else self.requirement


class _File(msgspec.Struct, forbid_unknown_fields=True):
    deviation: list[Deviation] = []


@dataclass(frozen=True, slots=True)
class Ledger:
    """The known deviations of one target; ``path`` is empty if there is no ledger."""

    path: str = ""
    deviations: tuple[Deviation, ...] = ()

    def keys(self) -> list[str]:
        """Return the entries as the header of the results lists them."""
        return [deviation.key for deviation in self.deviations]

    def find(self, requirement: str, scenario: str) -> Deviation | None:
        """Return the entry by which this scenario is expected to fail, or None."""
        for deviation in self.deviations:
            if deviation.requirement == requirement and deviation.scenario in (None, scenario):
                return deviation
        return None

    def names_scenario(self, requirement: str, scenario: str) -> bool:
        """Return whether an entry names this scenario itself, so that a pass is unexpected."""
        return any(each.requirement == requirement and each.scenario == scenario for each in self.deviations)


def load(path: Path, *, release: Release | None = None) -> Ledger:
    """Read a ledger. Raises :class:`LedgerError` if it cannot be read, is not TOML, or has an invalid entry.

    ``release`` is that of the target; an entry with a later ``since`` is invalid.
    """
    name = shown(path)
    try:
        raw = tomllib.loads(path.read_text())
    except OSError as error:
        raise LedgerError(f"{name}: {error.strerror}") from error
    except UnicodeDecodeError:
        raise LedgerError(f"{name}: invalid UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        reason, _, place = str(error).rpartition(" (at ")
        line = re.match(r"line (\d+)", place)
        raise LedgerError(f"{name}:{line[1]}: {reason}" if line else f"{name}: {error}") from error
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
        return "duplicate entry"
    if not (deviation.why.strip() and deviation.reference.strip()):
        return "why and reference must not be empty"
    try:
        since = parse_release(deviation.since)
    except ValueError as error:
        return f"since: {error}"
    if release and since > release:
        return f"since {deviation.since} is later than the target's release {format_release(release)}"
    return ""


def check_requirements(ledger: Ledger, known: Collection[str]) -> None:
    """Raise :class:`LedgerError` if an entry names an unknown requirement."""
    for number, deviation in enumerate(ledger.deviations, 1):
        if deviation.requirement not in known:
            raise LedgerError(f"{ledger.path}: entry {number}: unknown requirement {deviation.requirement!r}")


def choose(given: Path | None, release: Release | None) -> Ledger:
    """Return the ledger of a run: the ``given`` one, else that of the ``release``, else an empty one."""
    path = given or (data.ledger_of(release) if release else None)
    return load(path, release=release) if path else Ledger()
