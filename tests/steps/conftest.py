"""Run steps, written as in a scenario, on a machine of the reference host."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any, cast

import pytest

from mdevref.suite import data
from mdevref.suite.interface.files import Files
from mdevref.suite.interface.target import Machine
from mdevref.suite.run.step_modules import load_catalogue
from mdevref.suite.scenario.world import World
from mdevref.suite.spec.catalogue import Catalogue
from mdevref.suite.targets.reference.target import ReferenceMachine, ReferenceTarget


@dataclass
class Scenario:
    """The scenario of behave as steps use it: it records only whether it is skipped, and why."""

    reason: str | None = None

    def skip(self, reason: str) -> None:
        self.reason = reason


@dataclass
class Context:
    """The context of behave as steps use it."""

    world: World
    scenario: Scenario = field(default_factory=Scenario)


class SpoiltFiles:
    """Files of a machine in which tests can replace functions."""

    def __init__(self, files: Files) -> None:
        self.spoilt: dict[str, Callable[..., Any]] = {}
        self._files = files

    def __getattr__(self, name: str) -> Any:
        return self.spoilt.get(name) or getattr(self._files, name)


class OnLoan:
    """A machine with files that tests can modify, passed to the world in place of the original."""

    def __init__(self, machine: ReferenceMachine) -> None:
        self.files = SpoiltFiles(machine.files)
        self._machine = machine

    def __getattr__(self, name: str) -> Any:
        return getattr(self._machine, name)


@dataclass
class Stage:
    """A machine of one era, which tests can modify before and between the steps."""

    catalogue: Catalogue
    machine: ReferenceMachine
    on_loan: OnLoan
    context: Context

    @property
    def world(self) -> World:
        return self.context.world

    def spoil(self, **functions: Callable[..., Any]) -> None:
        """Replace functions of the machine's files; without arguments, restore the original ones."""
        self.on_loan.files.spoilt = functions

    def play(self, steps: str) -> None:
        """Run the steps, one per line, up to the first that is skipped. Exceptions of steps are passed on."""
        kind = ""
        for line in filter(None, map(str.strip, steps.splitlines())):
            keyword, _, text = line.partition(" ")
            kind = kind if keyword == "And" else keyword.lower()
            found = [match for _, matcher in self.catalogue.matchers[kind] if (match := matcher.match(text))]
            assert len(found) == 1, f"{len(found)} definitions match: {line}"
            found[0].func(self.context, **{argument.name: argument.value for argument in found[0].arguments})
            if self.context.scenario.reason:
                return


StageMaker = Callable[..., Stage]


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """Return the step definitions of the suite."""
    return load_catalogue(data.steps())


@pytest.fixture
def stage(catalogue: Catalogue) -> Iterator[StageMaker]:
    """Yield a function that makes a stage; its machine is cleaned up and closed at the end of the test."""
    made: list[Stage] = []

    def make(era: str = "4.13", *, watches: bool = False, rng: int = 1) -> Stage:
        target = ReferenceTarget(era)
        machine = target.machine()
        on_loan = OnLoan(machine)
        world = World(target, cast(Machine, on_loan), rng=Random(rng), watches=watches)
        made.append(Stage(catalogue, machine, on_loan, Context(world)))
        return made[-1]

    yield make
    for each in made:
        each.world.clean_up()
        each.machine.close()
