"""The changes between two editions of the source document: statements that are new, reworded, moved or gone.

The comparison uses the keys, kinds, names and likenesses of :mod:`~mdevref.suite.trace.editions`. It needs neither
text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from mdevref.suite.trace.editions import Edition, Listed, alike

ChangeKind = Literal["new", "reworded", "moved", "vanished"]
CHANGES: tuple[ChangeKind, ...] = get_args(ChangeKind)
#: The share of common words from which two statements count as one that was reworded. Between the known editions,
#: reworded statements share at least 0.6 of their words, and different statements at most 0.4.
ALIKE = 0.5
_PROSE = ("sentence", "item", "field", "comment", "reference", "output")  # a change of markup can turn one into another


@dataclass(frozen=True, slots=True)
class Change:
    """One change. ``old`` is None for a new statement, and ``new`` is None for one that vanished.

    A ``reworded`` statement has the same name or a similar text; a ``moved`` one has the same text in another section.
    """

    kind: ChangeKind
    old: Listed | None
    new: Listed | None

    @property
    def statement(self) -> Listed:
        """The new statement, or the old one if it vanished."""
        found = self.new or self.old
        assert found is not None
        return found


def drift(base: Edition, now: Edition) -> list[Change]:
    """Return the changes from ``base`` to ``now``, in the order of the text; vanished statements keep their place."""
    before, after = base.all_keys(), now.all_keys()
    gone = [each for each in base.statements if each.key not in after]
    came = [each for each in now.statements if each.key not in before]
    changes = []
    scores: tuple[tuple[ChangeKind, Callable[[Listed, Listed], float]], ...]
    scores = ("moved", _same_text), ("reworded", _similarity)
    for kind, score in scores:
        for old, new in _pairs(gone, came, score):
            gone.remove(old)
            came.remove(new)
            changes.append(Change(kind, old, new))
    changes += [Change("new", None, each) for each in came]
    changes += [Change("vanished", each, None) for each in gone]
    places = _places(base, now)
    return sorted(changes, key=lambda change: places[change.statement.key])


def _same_text(old: Listed, new: Listed) -> float:
    return float(old.digest == new.digest)


def _similarity(old: Listed, new: Listed) -> float:
    """Return how similar two statements are, 0 if different: by their names if they have any, else by their words."""
    if old.kind != new.kind and not (old.kind in _PROSE and new.kind in _PROSE):
        return 0.0
    words = alike(old.likeness, new.likeness)
    if old.name or new.name:
        return 1.0 + words if old.name == new.name else 0.0
    return words if words >= ALIKE else 0.0


def _pairs(
    gone: Sequence[Listed], came: Sequence[Listed], score: Callable[[Listed, Listed], float]
) -> list[tuple[Listed, Listed]]:
    """Return the best disjoint pairs; among equal scores, prefer pairs within a section and in order."""
    scored = sorted(
        (-found, old.section != new.section, abs(n - m), n, m)
        for n, old in enumerate(gone)
        for m, new in enumerate(came)
        if (found := score(old, new))
    )
    pairs: dict[int, int] = {}
    for *_, n, m in scored:
        if n not in pairs and m not in pairs.values():
            pairs[n] = m
    return [(gone[n], came[m]) for n, m in pairs.items()]


def _places(base: Edition, now: Edition) -> dict[str, tuple[int, int]]:
    """Map each key to its place in ``now``; a vanished statement follows its predecessor in ``base``."""
    places = {each.key: (n, 0) for n, each in enumerate(now.statements)}
    last = (-1, 0)
    for each in base.statements:
        last = places.setdefault(each.key, (last[0], last[1] + 1))
    return places
