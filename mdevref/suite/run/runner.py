"""A faster runner for behave: it looks step definitions up in an index and records no traceback for assignments.

``[tool.behave] runner`` names it. With a thousand steps, behave 1.3 spends most of its time elsewhere than in them. It
tries the definitions one by one, takes a traceback for each ``context.x = ...``, copies the steps of each row deeply,
and searches the whole checkout for features.
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

_UNTRACED = ("", 0, "", "")  # file, line, text, function: behave's record for warnings about masked names


class Context(BehaveContext):  # type: ignore[misc]  # behave has no types
    """behave's context, without a traceback for each assignment."""

    def __setattr__(self, name: str, value: object) -> None:
        if name[0] == "_":
            self.__dict__[name] = value
            return
        self._record[name] = _UNTRACED
        self._origin.setdefault(name, self._mode)
        self._stack[0][name] = value


def _step_of_row(builder: Any, step: Any, row: Any, params: Any = None) -> Any:
    """Return the step for a row of an outline: a shallow copy with the row's text."""
    if step.text or step.table is not None:
        return _as_behave_does(builder, step, row, params)
    of_row = copy(step)
    of_row.name = builder.render_template(step.name, row, params)
    return of_row


_as_behave_does = ScenarioOutlineBuilder.make_step_for_row.__func__
ScenarioOutlineBuilder.make_step_for_row = classmethod(_step_of_row)  # behave offers no way to set another builder


class StepIndex:
    """An index of step definitions: it tries only those that begin and end like the step, and caches the match."""

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
        """Return the first definition that matches, or None, as behave's registry does."""
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

    It captures no output: steps print nothing, and report a failure by a
    :class:`~mdevref.suite.scenario.checks.Mismatch`.
    """

    def __init__(self, config: Any) -> None:
        config.capture_stdout = config.capture_stderr = config.capture_log = config.capture_hooks = False
        super().__init__(config)

    def setup_paths(self) -> None:
        """Search upwards from the first path for the folder that contains ``steps``; without one, let behave do it."""
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
        """Replace the context, which behave has just created, before the hooks use it."""
        self.context = Context(self)
        super().load_hooks(filename)

    def load_step_definitions(self, _extra_step_paths: list[str] | None = None) -> None:
        step_modules.load(Path(self.base_dir, self.config.steps_dir))
        self.step_registry = StepIndex(the_step_registry.steps)

    def run_model(self, features: list[Any] | None = None) -> bool:
        """Run ``before_all``, then the features. Report bad input in one line with exit status 2, not as failures."""
        before_all = self.hooks.pop("before_all")
        if not self.config.dry_run:
            try:
                with self.context.use_with_user_mode():
                    before_all(self.context)
            except BadInput as error:
                print(f"mdevref: {error}", file=sys.stderr)
                raise SystemExit(2) from None
        # Features and steps live until the end, so exclude them from garbage collection. Collect the garbage of several
        # scenarios at once: collecting every 700 objects costs a fifteenth of a run.
        thresholds = gc.get_threshold()
        gc.freeze()
        gc.set_threshold(10_000, *thresholds[1:])
        try:
            return bool(super().run_model(features))
        finally:
            gc.set_threshold(*thresholds)
            gc.unfreeze()
