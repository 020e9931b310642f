"""Verdicts: their order, and the rules by which scenarios, requirements and runs get theirs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Literal, get_args

from mdevref.suite.interface.terms import Level
from mdevref.suite.interface.unsupported import Unsupported

Verdict = Literal["not-applicable", "pass", "unsupported", "expected-fail", "unexpected-pass", "fail", "error"]

#: From harmless to bad. The verdict of a scenario may only rise in this order.
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
_RANK: dict[Verdict, int] = {verdict: rank for rank, verdict in enumerate(VERDICTS)}
FAILURES = ("expected-fail", "fail", "error")


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the worst of the given verdicts. Raises ValueError if there are none."""
    return max(verdicts, key=_RANK.__getitem__)


def of_exception(error: BaseException, step_type: str, *, from_target: bool) -> Verdict:
    """Return the verdict of a scenario in which a step of this type (given, when, then) raised ``error``.

    ``from_target`` says that an operation on the target raised the error. An OSError then comes from the
    implementation. In a ``Given`` step it means that the precondition cannot be set up; in other steps, that the
    implementation did not do what the step expected. Any other exception is an internal error of the suite.
    """
    if isinstance(error, Unsupported):
        return "unsupported"
    if isinstance(error, AssertionError | TimeoutError):
        return "fail"
    if isinstance(error, OSError) and from_target:
        return "unsupported" if step_type == "given" else "fail"
    return "error"


def of_requirement(verdicts: Collection[Verdict], *, expected_to_fail: bool) -> Verdict:
    """Return the verdict of a requirement from the verdicts of its scenarios.

    ``expected_to_fail`` says that the ledger lists the requirement. If a scenario then passes and none fails, the entry
    no longer applies, and the verdict is at least ``unexpected-pass``.
    """
    found = worst(verdicts)
    if expected_to_fail and "pass" in verdicts and not any(verdict in FAILURES for verdict in verdicts):
        return worst((found, "unexpected-pass"))
    return found


def of_requirements(
    scenarios: Iterable[tuple[str, Verdict]], expected_to_fail: Collection[str] = ()
) -> dict[str, Verdict]:
    """Return the verdict of each requirement, in order of appearance, from pairs (requirement, scenario's verdict)."""
    grouped: dict[str, list[Verdict]] = {}
    for requirement, verdict in scenarios:
        grouped.setdefault(requirement, []).append(verdict)
    return {
        requirement: of_requirement(verdicts, expected_to_fail=requirement in expected_to_fail)
        for requirement, verdicts in grouped.items()
    }


def count(verdicts: Iterable[Verdict]) -> dict[Verdict, int]:
    """Return the number of occurrences of each verdict that occurs, in the order of :data:`VERDICTS`."""
    counted = Counter(verdicts)
    return {verdict: counted[verdict] for verdict in VERDICTS if counted[verdict]}


def reservations(verdicts: Collection[Verdict], tested: int) -> str:
    """Return the reservations about a target that conforms, such as ``with 2 known deviations``; empty if none.

    ``verdicts`` are those of the requirements that were run. ``tested`` is the number of requirements that have
    scenarios; it is greater if only some of them were selected.
    """
    counted = Counter(verdicts)
    said = []
    if excused := counted["expected-fail"]:
        said.append(f"with {excused} known deviation{'s' if excused > 1 else ''}")
    if unsupported := counted["unsupported"]:
        said.append(f"{unsupported} requirement{'s' if unsupported > 1 else ''} could not be tested")
    if len(verdicts) < tested:
        said.append(f"only {len(verdicts)} of {tested} requirements {'was' if len(verdicts) == 1 else 'were'} run")
    return "; ".join(said)


def exit_status(requirements: Mapping[str, Verdict], levels: Mapping[str, Level]) -> int:
    """Return the exit status of a run: 0 conforms, 1 does not conform, 2 internal error of the suite.

    A failed SHOULD or MAY does not affect the status. An unexpected pass does at every level, because the ledger is
    then wrong.
    """
    if "error" in requirements.values():
        return 2
    broken = any(
        verdict == "unexpected-pass" or (verdict == "fail" and levels.get(requirement, "must") == "must")
        for requirement, verdict in requirements.items()
    )
    return 1 if broken else 0
