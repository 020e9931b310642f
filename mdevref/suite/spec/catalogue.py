"""The step catalogue: every step definition that scenarios may use, from behave's registry."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mdevref.suite.spec.derivation import concrete
from mdevref.suite.spec.model import Place, Spec


@dataclass(frozen=True, slots=True)
class Definition:
    """A step definition: its type (given, when, then), its pattern, its docstring, and its module and line."""

    type: str
    pattern: str
    doc: str
    module: str
    line: int


@dataclass(frozen=True, slots=True)
class Use:
    """A scenario, or an outline as a whole, that uses a step or a definition."""

    requirement: str
    scenario: str
    place: Place


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The definitions, sorted by type, module and line, and behave's matchers for them."""

    definitions: tuple[Definition, ...]
    matchers: Mapping[str, tuple[tuple[Definition, Any], ...]]

    def matching(self, type: str, text: str) -> list[Definition]:
        """Return the definitions that match a step of this type and text; exactly one in a valid spec."""
        candidates = (*self.matchers.get(type, ()), *self.matchers.get("step", ()))
        return [definition for definition, matcher in candidates if matcher.match(text)]


def of_registry(matchers: Mapping[str, Sequence[Any]]) -> Catalogue:
    """Return the catalogue of a behave registry, given as its matchers by type of step."""
    pairs = {kind: tuple((_definition(kind, matcher), matcher) for matcher in each) for kind, each in matchers.items()}
    definitions = sorted(
        (definition for group in pairs.values() for definition, _ in group),
        key=lambda d: (("given", "when", "then", "step").index(d.type), d.module, d.line),
    )
    return Catalogue(tuple(definitions), pairs)


def _definition(kind: str, matcher: Any) -> Definition:
    location = matcher.location
    return Definition(
        type=kind,
        pattern=matcher.pattern,
        doc=inspect.cleandoc(matcher.func.__doc__ or ""),
        module=Path(location.filename).stem,
        line=location.line,
    )


def steps(spec: Spec) -> dict[tuple[str, str], list[Use]]:
    """Return each step that a run executes, as (type, text), with its scenarios, in the order of the spec."""
    found: dict[tuple[str, str], list[Use]] = {}
    for requirement in spec.requirements():
        for scenario in requirement.scenarios:
            use = Use(requirement.id, scenario.title, scenario.place)
            for step in dict.fromkeys(step for run in concrete(scenario, spec.cases) for step in run.steps):
                found.setdefault(step, []).append(use)
    return found


def uses(catalogue: Catalogue, spec: Spec) -> dict[Definition, list[Use]]:
    """Return the scenarios that use each definition, in the order of the spec; an empty list if none uses it."""
    found: dict[Definition, dict[Use, None]] = {definition: {} for definition in catalogue.definitions}
    for step, users in steps(spec).items():
        for definition in catalogue.matching(*step):
            found[definition].update(dict.fromkeys(users))
    return {definition: sorted(used, key=_in_order(spec)) for definition, used in found.items()}


def _in_order(spec: Spec) -> Callable[[Use], int]:
    order = [
        (requirement.id, scenario.title) for requirement in spec.requirements() for scenario in requirement.scenarios
    ]
    number = {key: index for index, key in enumerate(order)}
    return lambda use: number[use.requirement, use.scenario]
