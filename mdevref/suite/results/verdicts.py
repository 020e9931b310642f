"""Verdicts: their order, how a scenario gets one, and what becomes of a requirement and of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Literal, get_args

from mdevref.suite.interface.terms import Level
from mdevref.suite.interface.unsupported import Unsupported

Verdict = Literal["not-applicable", "pass", "unsupported", "expected-fail", "unexpected-pass", "fail", "error"]

#: From harmless to bad: a verdict only rises.
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
_RANK: dict[Verdict, int] = {verdict: rank for rank, verdict in enumerate(VERDICTS)}
FAILURES = ("expected-fail", "fail", "error")


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of some verdicts; ValueError for none at all."""
    return max(verdicts, key=_RANK.__getitem__)


def of_exception(error: BaseException, step_type: str, *, from_target: bool) -> Verdict:
    """The verdict of a scenario in which a step of this type (given, when, then) raised ``error``.

    ``from_target`` says that the error came out of an operation on the target. Then an OSError is what the
    implementation gave: in a ``Given`` the stage cannot be set, elsewhere it is not what the step expected. Any other
    exception is the suite's own.
    """
    if isinstance(error, Unsupported):
        return "unsupported"
    if isinstance(error, AssertionError | TimeoutError):
        return "fail"
    if isinstance(error, OSError) and from_target:
        return "unsupported" if step_type == "given" else "fail"
    return "error"


def of_requirement(verdicts: Collection[Verdict], *, expected_to_fail: bool) -> Verdict:
    """The verdict of a requirement from those of its scenarios.

    ``expected_to_fail`` says that the ledger names it: then some scenario must fail where some passes, else the entry
    does not apply any more.
    """
    found = worst(verdicts)
    if expected_to_fail and "pass" in verdicts and not any(verdict in FAILURES for verdict in verdicts):
        return worst((found, "unexpected-pass"))
    return found


def of_requirements(
    scenarios: Iterable[tuple[str, Verdict]], expected_to_fail: Collection[str] = ()
) -> dict[str, Verdict]:
    """The verdict of each requirement, in the order in which they come, from (requirement, scenario's verdict)."""
    grouped: dict[str, list[Verdict]] = {}
    for requirement, verdict in scenarios:
        grouped.setdefault(requirement, []).append(verdict)
    return {
        requirement: of_requirement(verdicts, expected_to_fail=requirement in expected_to_fail)
        for requirement, verdicts in grouped.items()
    }


def count(verdicts: Iterable[Verdict]) -> dict[Verdict, int]:
    """How many there are of each verdict, in the order of verdicts, without those that there are none of."""
    counted = Counter(verdicts)
    return {verdict: counted[verdict] for verdict in VERDICTS if counted[verdict]}


def reservations(verdicts: Collection[Verdict], tested: int) -> str:
    """What has to be said of a target that conforms, from the verdicts of its requirements; empty for nothing.

    ``tested`` is the number of requirements that have scenarios: a run may have been of some of them.
    """
    counted = Counter(verdicts)
    said, limits = [], []
    if excused := counted["expected-fail"]:
        said.append(f"apart from {excused} known deviation{'s' if excused > 1 else ''}")
    if unsupported := counted["unsupported"]:
        limits.append(f"{unsupported} unsupported")
    if len(verdicts) < tested:
        limits.append(f"{len(verdicts)} of {tested} requirements run")
    if limits:
        said.append(f"as far as it was tested: {', '.join(limits)}")
    return ", ".join(said)


def exit_status(requirements: Mapping[str, Verdict], levels: Mapping[str, Level]) -> int:
    """0 conforming, 1 not conforming, 2 the suite broke.

    A failed SHOULD or MAY is reported and makes nobody non-conforming; a ledger that is wrong does, whatever the level.
    """
    if "error" in requirements.values():
        return 2
    broken = any(
        verdict == "unexpected-pass" or (verdict == "fail" and levels.get(requirement, "must") == "must")
        for requirement, verdict in requirements.items()
    )
    return 1 if broken else 0
