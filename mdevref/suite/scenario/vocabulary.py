"""The words that steps are made of: how a step is defined, the kinds of its parameters, and how it says what is wrong.

A step is a function of the scenario's :class:`World` and of its parameters::

    @when('"{text:Text}" is written to "{entry:Entry}" of {place:Place}')
    def write(world: World, text: str, entry: str, place: str) -> None:
        \"""Write the text, in one write(2), to an attribute.\"""
"""

from __future__ import annotations

import errno as errnos
import functools
import os
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import behave

from mdevref.suite.interface.drivers import Vendor
from mdevref.suite.interface.selection import BUS, CLASS, SAMPLE, TYPES, Parent, Type, fewest, instances
from mdevref.suite.interface.target import Uevent
from mdevref.suite.interface.unsupported import Unsupported
from mdevref.suite.scenario.access.access import WORDS as ACCESS_WORDS
from mdevref.suite.scenario.cards import WORDS as CARD_WORDS
from mdevref.suite.scenario.stage import SOMEWHERE, WORDS
from mdevref.suite.scenario.translation.translating import WORDS as TRANSLATION_WORDS
from mdevref.suite.scenario.translation.translating import pages
from mdevref.suite.scenario.world import Mediated, Mismatch, Outcome, World
from mdevref.suite.spec.notation import data, shown

__all__ = [
    "BUS", "CLASS", "SAMPLE", "SOMEWHERE", "TYPES", "Mediated", "Mismatch", "Outcome", "Parent", "Type", "Uevent",
    "Unsupported", "Vendor", "World", "check", "data", "fewest", "given", "instances", "name_of", "pages", "shown",
    "then", "when",
]  # fmt: skip

Function = TypeVar("Function", bound=Callable[..., None])


class _Kind:
    """A kind of parameter: what it looks like in a step, and the value that the step's function gets."""

    def __init__(self, pattern: str, convert: Callable[[str], object] = str) -> None:
        self.pattern = pattern
        self.regex_group_count = 0
        self._convert = convert

    def __call__(self, text: str) -> object:
        return self._convert(text)


def _errno(name: str) -> int:
    value = getattr(errnos, name, None)
    if not isinstance(value, int):
        raise ValueError(f"there is no errno {name}")
    return value


def _flags(names: str) -> int:
    return functools.reduce(lambda flags, name: flags | int(getattr(os, name)), names.split(", "), 0)


_NUMBERS = ("one", "two", "three", "four")

KINDS: dict[str, _Kind] = {
    "Text": _Kind(r'[^"]*'),
    "Entry": _Kind(r'[^"]+'),
    "Place": _Kind(
        r"the (?:first |second )?type|the parent|the mdev bus|the mdev_bus class"
        r'|the (?:driver|IOMMU group) of [A-Z]|the mediated device "[^"]*"|[A-Z]'
    ),
    "Type": _Kind(r"the (?:first |second )?type"),
    "Device": _Kind(r"[A-Z]"),
    "Errno": _Kind(r"E[A-Z0-9]+", _errno),
    "Mode": _Kind(r"0[0-7]{3}", lambda text: int(text, 8)),
    "Count": _Kind("|".join(_NUMBERS), lambda text: _NUMBERS.index(text) + 1),
    "Number": _Kind(r"\d+", int),
    "Kind": _Kind(r"directory|file|link"),
    "Flags": _Kind(r"O_[A-Z]+(?:, O_[A-Z]+)*", _flags),
    "Action": _Kind(r"[a-z]+"),
    "List": _Kind(r'[^"]+', lambda text: text.split(", ")),
    "Callback": _Kind(r"create|remove"),
    "Begun": _Kind(r"the writer|the second writer|the unloading|the registering|the unregistering"),
    **{name: _Kind(*words) for name, words in {**WORDS, **ACCESS_WORDS, **CARD_WORDS, **TRANSLATION_WORDS}.items()},
}


def given(pattern: str) -> Callable[[Function], Function]:
    """Define a step that sets the stage. Where it cannot, the scenario is unsupported, and not failed."""
    return _definition(behave.given, pattern)


def when(pattern: str) -> Callable[[Function], Function]:
    """Define a step that does something. It keeps what came of it, or says :class:`Mismatch` if that must not be."""
    return _definition(behave.when, pattern)


def then(pattern: str) -> Callable[[Function], Function]:
    """Define a step that looks at what came of it, and says :class:`Mismatch` if it is not as expected."""
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
                raise Mismatch("that it ends", "it still waits at the end of the time given") from None
            except OSError as error:
                said = f"{name_of(error.errno)}{f': {error.filename}' if error.filename else ''}"
                if not sets_stage:
                    raise Mismatch("no error", said) from error
                _give_up(context, world, f"the stage cannot be set: {said}")

        behave.register_type(**KINDS)  # behave forgets them whenever it starts, and may do so twice in one process
        register(pattern)(step)
        return function

    return define


def _give_up(context: Any, world: World, reason: str) -> None:
    world.unsupported = reason
    context.scenario.skip(reason)


def name_of(errno: int | None) -> str:
    """``EEXIST`` for 17."""
    return errnos.errorcode.get(errno or 0, f"errno {errno}")


def check(fine: object, expected: str, seen: object) -> None:
    """Raise :class:`Mismatch` unless it is fine."""
    if not fine:
        raise Mismatch(expected, _words(seen))


def _words(seen: object) -> str:
    if isinstance(seen, bytes):
        return shown(seen)
    if isinstance(seen, Sequence) and not isinstance(seen, str):
        return ", ".join(map(str, seen)) or "none"
    return str(seen)
