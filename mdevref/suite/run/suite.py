"""Load features and steps once, and run them on targets in this process."""

from __future__ import annotations

import contextlib
import difflib
import io
import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

from behave.configuration import Configuration
from behave.model import Feature
from behave.runner import ModelRunner
from behave.runner_util import collect_feature_locations, parse_features
from behave.step_registry import registry
from behave.tag_expression import TagExpressionProtocol, make_tag_expression

from mdevref.suite import data
from mdevref.suite.errors import BadInput
from mdevref.suite.interface.target import Target
from mdevref.suite.interface.terms import INTERFACES
from mdevref.suite.results import writing
from mdevref.suite.results.judged import Judged
from mdevref.suite.results.ledger import Ledger
from mdevref.suite.results.outcome import Outcome
from mdevref.suite.run import step_modules
from mdevref.suite.run.judging import Session, facts_of
from mdevref.suite.run.runner import Context, StepIndex


class Interrupted(Exception):
    """The user pressed Ctrl-C. The scenarios so far have their verdicts, but the run is incomplete."""


class Suite:
    """The features and the steps, loaded once and run on one target after another."""

    def __init__(self, features_dir: Path | None = None, steps_dir: Path | None = None) -> None:
        """Load features and steps. Raises BadInput if they cannot be read."""
        self.config = Configuration(
            command_args=[],
            load_config=False,
            summary=False,
            capture=False,
            # The title of an outline already contains the row's name: behave need not add one.
            scenario_outline_annotation_schema="{name}",
        )
        step_modules.load_catalogue(steps_dir or data.steps())
        try:
            locations = collect_feature_locations([str(features_dir or data.features())])
            self.features: list[Feature] = parse_features(locations)
        except Exception as error:
            raise BadInput(" ".join(str(error).split())) from error
        self.facts = {rule.name: facts_of(rule) for feature in self.features for rule in feature.rules}

    def select(self, requirements: Sequence[str] = (), tags: str = "", interface: str = "") -> int:
        """Select the scenarios of the next runs, and return their number.

        Raises BadInput if a name is unknown, if the tag expression is invalid, or if no scenario is selected.
        """
        for name in requirements:
            if name not in self.facts:
                close = difflib.get_close_matches(name, self.facts, 1)
                hint = f' (did you mean "{close[0]}"?)' if close else ""
                raise BadInput(f"unknown requirement {name!r}{hint}")
        if interface and interface not in INTERFACES:
            raise BadInput(f"unknown interface {interface!r} (choose from {', '.join(INTERFACES)})")
        terms = [f"({part})" for part in (" or ".join(requirements), interface, tags) if part]
        TagExpressionProtocol.use(TagExpressionProtocol.STRICT)
        try:
            self.config.tag_expression = make_tag_expression(" and ".join(terms))
        except Exception as error:
            raise BadInput(f"invalid tag expression {tags!r}: {str(error).splitlines()[0]}") from error
        count: int = sum(
            scenario.should_run(self.config) for feature in self.features for scenario in feature.walk_scenarios()
        )
        if not count:
            raise BadInput("no scenario matches the selection; nothing was run")
        return count

    def run(self, session: Session, features: Sequence[Feature] | None = None) -> None:
        """Run the given features, by default all of them. Raises :class:`Interrupted` if the user pressed Ctrl-C."""
        chosen = self.features if features is None else features
        runner = _Runner(self.config, list(chosen), step_registry=StepIndex(registry.steps))
        runner.hooks = {"before_scenario": session.before_scenario, "after_scenario": session.after_scenario}
        for feature in chosen:
            feature.reset()
        with _quiet():
            runner.run()
        if runner.aborted:
            raise Interrupted


class _Runner(ModelRunner):  # type: ignore[misc]  # behave has no types
    def run(self) -> bool:
        self.context = Context(self)
        return bool(self.run_model())

    def abort(self, reason: str | None = None) -> None:  # noqa: ARG002  # behave would print it
        self.context._set_root_attribute("aborted", True)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Suppress behave's messages about skipped and aborted scenarios: the verdicts report them."""
    logger = logging.getLogger("behave")
    propagate, logger.propagate = logger.propagate, False
    handler = logging.NullHandler()
    logger.addHandler(handler)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagate


def run(
    suite: Suite,
    target: Target,
    *,
    name: str | None = None,
    ledger: Ledger | None = None,
    seed: int = 0,
) -> Outcome:
    """Run the selected scenarios on a target, which the results call ``name``, and return the outcome."""
    header = writing.header(name or target.name, target, seed=seed, ledger=ledger)
    judged: list[Judged] = []
    suite.run(Session(target, seed=seed, ledger=ledger, report=judged.append))
    return Outcome(header, tuple(map(writing.line, judged)), suite.facts)
