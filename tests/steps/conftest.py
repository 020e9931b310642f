"""Play a few steps, as they stand in a scenario, on a machine of the reference host."""

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
    """What the steps tell behave of their scenario: only that it is skipped, and why."""

    reason: str | None = None

    def skip(self, reason: str) -> None:
        self.reason = reason


@dataclass
class Context:
    """What a step gets of behave."""

    world: World
    scenario: Scenario = field(default_factory=Scenario)


class SpoiltFiles:
    """Files of which tests replace some functions."""

    def __init__(self, files: Files) -> None:
        self.spoilt: dict[str, Callable[..., Any]] = {}
        self._files = files

    def __getattr__(self, name: str) -> Any:
        return self.spoilt.get(name) or getattr(self._files, name)


class OnLoan:
    """A machine as the world gets it: a test may spoil its files, and still has the machine's own."""

    def __init__(self, machine: ReferenceMachine) -> None:
        self.files = SpoiltFiles(machine.files)
        self._machine = machine

    def __getattr__(self, name: str) -> Any:
        return getattr(self._machine, name)


@dataclass
class Stage:
    """A machine of an era, which tests may spoil before and between the steps."""

    catalogue: Catalogue
    machine: ReferenceMachine
    on_loan: OnLoan
    context: Context

    @property
    def world(self) -> World:
        return self.context.world

    def spoil(self, **functions: Callable[..., Any]) -> None:
        """From now on these functions of the machine's files are others; without any, they are its own again."""
        self.on_loan.files.spoilt = functions

    def play(self, steps: str) -> None:
        """Run the steps, a line each, up to the first that gives up; what a step raises comes through."""
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
    """The step definitions of the suite."""
    return load_catalogue(data.steps())


@pytest.fixture
def stage(catalogue: Catalogue) -> Iterator[StageMaker]:
    """Make a stage of an era; the machine is closed at the end of the test, after its world was cleaned up."""
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
