"""What one edition of the source document changes of another: what vanished, what is new, what was reworded or moved.

Both are known by their keys, kinds, names and likenesses only (:mod:`~mdevref.suite.trace.editions`): neither text
is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from mdevref.suite.trace.editions import Edition, Listed, alike

ChangeKind = Literal["new", "reworded", "moved", "vanished"]
CHANGES: tuple[ChangeKind, ...] = get_args(ChangeKind)
#: The share of their words from which on two statements are taken for one, reworded. Between the editions that are
#: known, what was reworded shares 0.6 and more, what was not 0.4 and less.
ALIKE = 0.5
_PROSE = ("sentence", "item", "field", "comment", "reference", "output")  # one may become another by its markup alone


@dataclass(frozen=True, slots=True)
class Change:
    """One difference; ``old`` is None of what is new, ``new`` of what vanished.

    ``reworded`` is a statement of the same name or of similar text, ``moved`` one of the same text in another section.
    """

    kind: ChangeKind
    old: Listed | None
    new: Listed | None

    @property
    def statement(self) -> Listed:
        """The statement as it is now, or as it was."""
        found = self.new or self.old
        assert found is not None
        return found


def drift(base: Edition, now: Edition) -> list[Change]:
    """What ``now`` changes of ``base``, in the order of the text; what vanished stands where it stood."""
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
    """0 where they are two statements. Of two that have names the names decide; otherwise the words."""
    if old.kind != new.kind and not (old.kind in _PROSE and new.kind in _PROSE):
        return 0.0
    words = alike(old.likeness, new.likeness)
    if old.name or new.name:
        return 1.0 + words if old.name == new.name else 0.0
    return words if words >= ALIKE else 0.0


def _pairs(
    gone: Sequence[Listed], came: Sequence[Listed], score: Callable[[Listed, Listed], float]
) -> list[tuple[Listed, Listed]]:
    """The best pairs, nothing in two of them; of equally good ones, those within a section and in order."""
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
    """Key -> where it stands in the order of ``now``; what is missing there stands behind what it stood behind."""
    places = {each.key: (n, 0) for n, each in enumerate(now.statements)}
    last = (-1, 0)
    for each in base.statements:
        last = places.setdefault(each.key, (last[0], last[1] + 1))
    return places
