"""The hooks of behave: a plain ``behave`` run opens its target and its results here.

Such a run loads this module, :mod:`~mdevref.suite.run.judging` and little else: no docutils, no rich, and msgspec only
if results are written.
"""

from __future__ import annotations

from pathlib import Path
from secrets import randbits
from typing import TYPE_CHECKING, Any

from mdevref.suite import data
from mdevref.suite.errors import BadInput
from mdevref.suite.interface.target import Target
from mdevref.suite.results.judged import Judged
from mdevref.suite.run.judging import Session
from mdevref.suite.targets import opening

if TYPE_CHECKING:
    from mdevref.suite.results.ledger import Ledger


def before_all(context: Any) -> None:
    """Open the target: ``behave -D target=... -D results=FILE -D ledger=FILE -D seed=N -D allow_changes=yes``."""
    userdata = context.config.userdata
    name = userdata.get("target", "reference")
    try:
        allow_changes, seed = userdata.getbool("allow_changes", False), userdata.getint("seed", randbits(32))
    except ValueError as error:
        raise BadInput(f"-D allow_changes=yes|no, -D seed=N: {error}") from error
    target = opening.open_target(name, allow_changes=allow_changes)
    ledger = _ledger(name, target, userdata.get("ledger"))
    if results := userdata.get("results"):
        from mdevref.suite.results.writing import ResultsFile

        context.results = ResultsFile(Path(results), name, target, seed=seed, ledger=ledger)
        context.session = Session(target, seed=seed, ledger=ledger, report=context.results.add)
    else:
        context.session = Session(target, seed=seed, ledger=ledger, report=_unheard)


def _unheard(_judged: Judged) -> None:
    """Ignore a verdict: no results were requested, and behave shows the failures."""


def _ledger(name: str, target: Target, given: str | None) -> Ledger | None:
    release = target.release if opening.kind_of(name).kernel else None
    if given is None and (release is None or data.ledger_of(release) is None):
        return None
    from mdevref.suite.results import ledger

    return ledger.choose(Path(given) if given else None, release)


def before_scenario(context: Any, scenario: Any) -> None:
    """Hand out a clean machine."""
    context.session.before_scenario(context, scenario)


def after_scenario(context: Any, scenario: Any) -> None:
    """Judge the scenario, and fail it in behave too if its steps did not."""
    judged = context.session.after_scenario(context, scenario)
    if judged is not None and judged.verdict in ("fail", "error") and not scenario.status.has_failed():
        raise AssertionError(judged.failed.seen if judged.failed else judged.reason)


def after_all(context: Any) -> None:
    """Complete the results unless the run was interrupted, and close the target."""
    if "results" in context:
        context.results.finish(not context.aborted)
    if "session" in context:
        context.session.target.close()
