"""Compare two files of results, requirement by requirement."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mdevref.suite.results.format import Results
from mdevref.suite.results.verdicts import VERDICTS, Verdict


@dataclass(frozen=True, slots=True)
class Change:
    """A requirement whose verdict is another one, or one of whose scenarios has another one; None: not run."""

    requirement: str
    before: Verdict | None
    after: Verdict | None
    scenarios: tuple[tuple[str, Verdict | None, Verdict | None], ...]

    @property
    def direction(self) -> str:
        """worse, better, new, gone, or other.

        A scenario that only one of the two results has is new or gone: it does not change the verdict of its
        requirement. Not applicable counts as not run. A new scenario makes its requirement worse only if it is red.
        """
        found = _direction(self.before, self.after)
        ways = {_direction(was, now) for _, was, now in self.scenarios} - {"same"}
        if ways and ways <= {"new", "gone"} and not (found == "worse" and _is_red(self.after)):
            return next(iter(ways)) if len(ways) == 1 else "other"
        if found != "same":
            return found
        return next((word for word in ("worse", "better") if word in ways), "other")


def _direction(before: Verdict | None, after: Verdict | None) -> str:
    was, now = (None if verdict in (None, "not-applicable") else VERDICTS.index(verdict) for verdict in (before, after))
    if was is None or now is None:
        if _is_red(after):
            return "worse"
        if was == now:  # neither was run
            return "same" if before and after else "new" if after else "gone"
        return "new" if was is None else "gone"
    return "same" if was == now else "worse" if now > was else "better"


def _is_red(verdict: Verdict | None) -> bool:
    return verdict is not None and VERDICTS.index(verdict) >= VERDICTS.index("unexpected-pass")


def changes(old: Results, new: Results) -> list[Change]:
    """What changed, in the order of the newer file, then what is gone."""
    before, after = old.requirements(), new.requirements()
    scenarios_before = {(each.requirement, each.scenario): each.verdict for each in old.scenarios}
    scenarios_after = {(each.requirement, each.scenario): each.verdict for each in new.scenarios}
    by_requirement: dict[str, list[tuple[str, Verdict | None, Verdict | None]]] = {}
    for key in dict.fromkeys((*scenarios_after, *scenarios_before)):
        was, now = scenarios_before.get(key), scenarios_after.get(key)
        if was != now:
            by_requirement.setdefault(key[0], []).append((key[1], was, now))
    return [
        Change(name, before.get(name), after.get(name), tuple(by_requirement.get(name, ())))
        for name in dict.fromkeys((*after, *before))
        if before.get(name) != after.get(name) or name in by_requirement
    ]


def lines(old: Results, new: Results) -> Iterator[str]:
    """The comparison as text."""
    found = changes(old, new)
    if old.header.suite.spec != new.header.suite.spec:
        yield "The two were measured against different texts of the spec."
    for change in found:
        yield f"{change.direction:7} {change.requirement}  {change.before or 'not run'} -> {change.after or 'not run'}"
        for scenario, was, now in change.scenarios:
            yield f"          {scenario}: {was or 'not run'} -> {now or 'not run'}"
    counted = [change.direction for change in found]
    same = len(new.requirements().keys() | old.requirements().keys()) - len(found)
    yield ", ".join(
        f"{counted.count(word)} {word}" for word in ("worse", "better", "new", "gone", "other") if word in counted
    ) + (f"{', ' if found else ''}{same} the same")


def got_worse(old: Results, new: Results) -> bool:
    """Whether any requirement or scenario did."""
    return any(change.direction == "worse" for change in changes(old, new))
