"""Definitions of steps: what becomes of an error in each kind of step."""

from __future__ import annotations

from errno import EBUSY, ENOENT
from types import SimpleNamespace
from typing import Any

import pytest
from behave.step_registry import registry

from mdevref.suite.interface.unsupported import Unsupported
from mdevref.suite.scenario.checks import Mismatch
from mdevref.suite.scenario.definitions import given, then, when


@pytest.fixture
def call() -> Any:
    """Define a step by one of the decorators and call it as behave does; return (world, reason for the skip)."""

    def run(define: Any, function: Any) -> tuple[Any, str | None]:
        registry.clear()
        assert define("a step of this test")(function) is function
        kind = next(kind for kind, matchers in registry.steps.items() if matchers)
        skipped: list[str] = []
        world = SimpleNamespace(unsupported=None, begun=0)
        world.begin = lambda: setattr(world, "begun", world.begun + 1)
        context = SimpleNamespace(world=world, scenario=SimpleNamespace(skip=skipped.append))
        try:
            registry.steps[kind][0].func(context)
        finally:
            registry.clear()
        return world, skipped[0] if skipped else None

    return run


def raising(error: Exception) -> Any:
    def step(world: Any) -> None:
        raise error

    return step


@pytest.mark.parametrize("define", [given, when, then])
def test_unsupported_skips_the_scenario_wherever_it_comes_from(define: Any, call: Any) -> None:
    world, reason = call(define, raising(Unsupported("no uevents here")))
    assert world.unsupported == reason == "no uevents here"


def test_an_error_that_sets_no_stage_skips_the_scenario(call: Any) -> None:
    world, reason = call(given, raising(OSError(EBUSY, "busy", "bus/mdev")))
    assert world.unsupported == reason == "the preparation failed: EBUSY: bus/mdev"


@pytest.mark.parametrize("define", [when, then])
def test_an_error_elsewhere_is_a_mismatch(define: Any, call: Any) -> None:
    with pytest.raises(Mismatch) as raised:
        call(define, raising(OSError(ENOENT, "none", "bus/mdev")))
    assert (raised.value.expected, raised.value.seen) == ("no error", "ENOENT: bus/mdev")


@pytest.mark.parametrize("define", [given, when, then])
def test_what_does_not_end_is_a_mismatch(define: Any, call: Any) -> None:
    with pytest.raises(Mismatch, match="still blocked"):
        call(define, raising(TimeoutError("after 10 s")))


@pytest.mark.parametrize("define", [given, when, then])
def test_an_error_of_the_suite_comes_through(define: Any, call: Any) -> None:
    with pytest.raises(KeyError):
        call(define, raising(KeyError("B")))


@pytest.mark.parametrize(("define", "begun"), [(given, 0), (when, 1), (then, 0)])
def test_the_stage_is_set_when_something_is_done(define: Any, begun: int, call: Any) -> None:
    world, _ = call(define, lambda world: None)
    assert world.begun == begun
