"""A runner for behave that costs less: what a step may be is looked up, not tried, and nobody traces each assignment.

``[tool.behave] runner`` names it. With a thousand steps, behave 1.3 spends more time on finding definitions one by one,
on a traceback for each ``context.x = ...``, on copies of the steps of each row, down to the last string, and on walking
the whole checkout for a feature than on running them.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Mapping
from copy import copy
from pathlib import Path
from typing import Any

from behave.model import ScenarioOutlineBuilder
from behave.runner import Context as BehaveContext
from behave.runner import Runner as BehaveRunner
from behave.runner import the_step_registry

from mdevref.suite.errors import BadInput
from mdevref.suite.run import step_modules

_UNTRACED = ("", 0, "", "")  # file, line, text, function: what behave keeps to warn of masked names


class Context(BehaveContext):  # type: ignore[misc]  # behave has no types
    """behave's context, without a traceback for each name that is set."""

    def __setattr__(self, name: str, value: object) -> None:
        if name[0] == "_":
            self.__dict__[name] = value
            return
        self._record[name] = _UNTRACED
        self._origin.setdefault(name, self._mode)
        self._stack[0][name] = value


def _step_of_row(builder: Any, step: Any, row: Any, params: Any = None) -> Any:
    """The step of a row of an outline: a copy with a name of its own; it shares what nobody changes."""
    if step.text or step.table is not None:
        return _as_behave_does(builder, step, row, params)
    of_row = copy(step)
    of_row.name = builder.render_template(step.name, row, params)
    return of_row


_as_behave_does = ScenarioOutlineBuilder.make_step_for_row.__func__
ScenarioOutlineBuilder.make_step_for_row = classmethod(_step_of_row)  # behave has no place to name another builder


class StepIndex:
    """The step definitions of a registry: only those that begin and end like a step are tried on it, and that once."""

    def __init__(self, steps: Mapping[str, list[Any]]) -> None:
        self._steps = {
            kind: [
                (matcher.pattern.partition("{")[0], matcher.pattern.rpartition("}")[2], matcher)
                for matcher in (*matchers, *steps["step"])
            ]
            for kind, matchers in steps.items()
        }
        self._found: dict[tuple[str, str], Any] = {}

    def find_match(self, step: Any) -> Any:
        """As behave's own: the first definition that matches, None where there is none."""
        key = step.step_type, step.name
        if key not in self._found:
            self._found[key] = self._find(*key)
        return self._found[key]

    def _find(self, kind: str, text: str) -> Any:
        for beginning, end, matcher in self._steps[kind]:
            if text.startswith(beginning) and text.endswith(end) and (match := matcher.match(text)):
                return match
        return None


class Runner(BehaveRunner):  # type: ignore[misc]  # behave has no types
    """behave's runner for a checkout or for the data of the wheel.

    It captures no output: a step prints nothing and says what is wrong by its
    :class:`~mdevref.suite.scenario.checks.Mismatch`.
    """

    def __init__(self, config: Any) -> None:
        config.capture_stdout = config.capture_stderr = config.capture_log = config.capture_hooks = False
        super().__init__(config)

    def setup_paths(self) -> None:
        """Find the folder that has ``steps``, above the first path; leave the rest to behave where there is none."""
        base = os.path.abspath(self.config.paths[0] if self.config.paths else self.DEFAULT_DIRECTORY)
        while not os.path.isdir(os.path.join(base, self.config.steps_dir)):
            base, below = os.path.dirname(base), base
            if base == below:
                super().setup_paths()
                return
        self.config.base_dir = self.base_dir = base
        self.config.paths = self.config.paths or [base]
        for path in {base, os.getcwd()}:
            self.path_manager.add(path)

    def load_hooks(self, filename: str | None = None) -> None:
        """behave has just made its context: replace it before anybody uses it."""
        self.context = Context(self)
        super().load_hooks(filename)

    def load_step_definitions(self, _extra_step_paths: list[str] | None = None) -> None:
        step_modules.load(Path(self.base_dir, self.config.steps_dir))
        self.step_registry = StepIndex(the_step_registry.steps)

    def run_model(self, features: list[Any] | None = None) -> bool:
        """Run ``before_all``, then the rest. Bad input is one line and status 2: behave would count it as failures."""
        before_all = self.hooks.pop("before_all")
        if not self.config.dry_run:
            try:
                with self.context.use_with_user_mode():
                    before_all(self.context)
            except BadInput as error:
                print(f"mdevref: {error}", file=sys.stderr)
                raise SystemExit(2) from None
        # Features and steps stay to the end: the collector need not go through them again and again. What each scenario
        # leaves goes with that of some others: looking for it every 700 objects costs a fifteenth of a run.
        thresholds = gc.get_threshold()
        gc.freeze()
        gc.set_threshold(10_000, *thresholds[1:])
        try:
            return bool(super().run_model(features))
        finally:
            gc.set_threshold(*thresholds)
            gc.unfreeze()
