"""Hand a clean machine to each scenario, and turn the outcome of its steps into a verdict."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from random import Random
from time import perf_counter
from typing import TYPE_CHECKING, Any

from mdevref.suite.interface.releases import Releases, parse_release
from mdevref.suite.interface.target import Target
from mdevref.suite.interface.terms import INTERFACES, LEVELS
from mdevref.suite.interface.unsupported import Unsupported
from mdevref.suite.results import verdicts
from mdevref.suite.results.judged import Facts, Failed, Judged
from mdevref.suite.scenario.checks import Mismatch
from mdevref.suite.scenario.world import World
from mdevref.suite.targets.recording.machine import RecordedMachine

if TYPE_CHECKING:
    from mdevref.suite.results.ledger import Ledger

#: The step that compares the whole tree with its earlier state. A snapshot is taken only for scenarios that use it.
WATCHING_STEP = "nothing else changed"


def facts_of(rule: Any) -> Facts:
    """Read a requirement from its rule: from its clause and the tags of :func:`~mdevref.suite.spec.derivation.tags`."""
    tags = {str(tag) for tag in rule.tags}
    ends = {tag.partition(".")[0]: tag.partition(".")[2] for tag in tags if tag.startswith(("since.", "until."))}
    since, until = (parse_release(ends[name]) if name in ends else None for name in ("since", "until"))
    return Facts(
        id=rule.name,
        level=next(level for level in LEVELS if level in tags),
        interface=next(interface for interface in INTERFACES if interface in tags),
        releases=Releases(since, until) if ends else None,
        clause=" ".join(rule.description),
        is_tested=bool(rule.run_items),
    )


class Session:
    """A run of scenarios on one target; ``report`` is called with each scenario that was judged."""

    def __init__(
        self, target: Target, *, seed: int, ledger: Ledger | None = None, report: Callable[[Judged], None]
    ) -> None:
        self.target = target
        self.seed = seed
        self._ledger = ledger
        self._report = report
        self._facts: dict[str, Facts] = {}
        self._judged: Judged | None = None
        self._world: World | None = None
        self._machine: RecordedMachine | None = None
        self._started = 0.0

    def before_scenario(self, context: Any, scenario: Any) -> None:
        """Hand out a clean machine, or skip a scenario that does not apply to the target."""
        rule = context.rule
        facts = self._facts.get(rule.name) or self._facts.setdefault(rule.name, facts_of(rule))
        judged = Judged(facts, scenario.name)
        # Set the verdict only after the set-up, which the user may interrupt.
        self._judged, self._world, self._machine = None, None, None
        self._started = perf_counter()
        target = self.target
        if facts.releases and not facts.releases.hold_for(target.release):
            judged.verdict, judged.reason = "not-applicable", f"applies to {facts.releases} only"
        elif facts.interface not in target.interfaces:
            judged.raise_to("unsupported", f"the target has no {facts.interface} interface")
        else:
            try:
                self._machine = RecordedMachine(target.machine())
                self._world = World(
                    target,
                    self._machine,
                    rng=Random(f"{self.seed}/{facts.id}/{scenario.name}"),  # noqa: S311  # reproducible UUIDs
                    watches=any(step.name == WATCHING_STEP for step in scenario.steps),
                )
                context.world = self._world
                self._judged = judged
                return
            except Unsupported as reason:
                judged.raise_to("unsupported", str(reason))
            except Exception as error:
                judged.raise_to("error", f"cannot set up a clean machine: {_described(error)}")
        self._judged = judged
        scenario.skip()

    def after_scenario(self, _context: Any, scenario: Any) -> Judged | None:
        """Judge the scenario, clean up, and check that nothing is left behind; return None if it was interrupted."""
        judged, self._judged = self._judged, None
        if judged is not None and self._machine is not None:
            self._judge_steps(judged, scenario)
            self._end(judged, self._machine)
        if judged is None or any(isinstance(step.exception, KeyboardInterrupt) for step in scenario.steps):
            return None
        self._excuse(judged)
        judged.duration = perf_counter() - self._started
        self._report(judged)
        return judged

    def _judge_steps(self, judged: Judged, scenario: Any) -> None:
        world, machine = self._world, self._machine
        assert machine is not None
        judged.entries = machine.log.entries
        if world is not None and world.unsupported is not None:
            judged.raise_to("unsupported", world.unsupported)
        for step in scenario.all_steps:
            text = f"{step.keyword} {step.name}"
            if step.status.name == "undefined":
                judged.raise_to("error", f"no step definition matches: {text}")
            elif (error := step.exception) is not None:
                verdict = verdicts.of_exception(error, step.step_type, from_target=machine.log.gave(error))
                if verdict == "fail":
                    judged.raise_to(verdict, None, _failed(text, error))
                else:
                    judged.raise_to(verdict, str(error) if verdict == "unsupported" else _described(error))

        if judged.verdict == "pass" and (left_out := [s for s in scenario.all_steps if s.status.name != "passed"]):
            judged.raise_to("error", f"not run: {left_out[0].keyword} {left_out[0].name}")

    def _end(self, judged: Judged, machine: RecordedMachine) -> None:
        # Copy the operations now, so that the report does not show those of the clean-up.
        judged.entries = list(judged.entries)
        try:
            if self._world is not None:
                self._world.clean_up()
            if left := machine.leftovers():
                failed = Failed("(end of the scenario)", "nothing left behind", "; ".join(left))
                judged.raise_to("fail", None, failed)
        except Exception as error:
            judged.raise_to("error", f"cannot clean up: {_described(error)}")
        try:
            machine.close()
        except Exception as error:
            judged.raise_to("error", f"cannot close the machine: {_described(error)}")

    def _excuse(self, judged: Judged) -> None:
        if self._ledger is None:
            return
        if judged.verdict == "fail" and (entry := self._ledger.find(judged.facts.id, judged.scenario)):
            judged.verdict, judged.reason = "expected-fail", entry.why
        elif judged.verdict == "pass" and self._ledger.names_scenario(judged.facts.id, judged.scenario):
            judged.raise_to("unexpected-pass", "the ledger lists it as a known deviation")


def _failed(step: str, error: BaseException) -> Failed:
    if isinstance(error, Mismatch):
        return Failed(step, error.expected, error.seen)
    return Failed(step, "no error" if isinstance(error, OSError) else "the step to hold", str(error) or "it does not")


def _described(error: BaseException) -> str:
    """Describe an internal error, with the file and line that raised it."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {error}{where}"
