"""Definitions of steps: each is a function of the scenario's :class:`World` and of the parameters of the step.

::

    @when('"{text:Text}" is written to "{entry:Entry}" of {place:Place}')
    def write(world: World, text: str, entry: str, place: str) -> None:
        \"""Write the text, in one write(2), to an attribute.\"""
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import behave
from behave.matchers import get_step_matcher_factory

from mdevref.suite.interface.unsupported import Unsupported
from mdevref.suite.scenario.checks import Mismatch, name_of
from mdevref.suite.scenario.kinds import KINDS
from mdevref.suite.scenario.world import World

Function = TypeVar("Function", bound=Callable[..., None])


def given(pattern: str) -> Callable[[Function], Function]:
    """Define a step that sets the stage. If it fails, the scenario is unsupported, not failed."""
    return _definition(behave.given, pattern)


def when(pattern: str) -> Callable[[Function], Function]:
    """Define a step that acts. It keeps the outcome, or raises :class:`Mismatch` if the outcome is already wrong."""
    return _definition(behave.when, pattern)


def then(pattern: str) -> Callable[[Function], Function]:
    """Define a step that checks an outcome, and raises :class:`Mismatch` if it deviates."""
    return _definition(behave.then, pattern)


def _definition(register: Any, pattern: str) -> Callable[[Function], Function]:
    sets_stage, acts = register is behave.given, register is behave.when

    def define(function: Function) -> Function:
        @functools.wraps(function)
        def step(context: Any, **parameters: Any) -> None:
            world: World = context.world
            if acts:
                world.begin()
            try:
                function(world, **parameters)
            except Unsupported as reason:
                _give_up(context, world, str(reason))
            except TimeoutError:
                raise Mismatch("the operation to return", "it was still blocked at the deadline") from None
            except OSError as error:
                said = f"{name_of(error.errno)}{f': {error.filename}' if error.filename else ''}"
                if not sets_stage:
                    raise Mismatch("no error", said) from error
                _give_up(context, world, f"the preparation failed: {said}")

        _register_kinds()
        register(pattern)(step)
        return function

    return define


def _register_kinds() -> None:
    # Repeat this for each definition: behave discards the types at each start, maybe twice in one process.
    if not get_step_matcher_factory().has_registered_type("Text"):
        behave.register_type(**KINDS)


def _give_up(context: Any, world: World, reason: str) -> None:
    world.unsupported = reason
    context.scenario.skip(reason)
