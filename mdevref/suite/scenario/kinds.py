"""The kinds of step parameters. Kinds of one topic are defined in its module, shared ones are defined here."""

from __future__ import annotations

import errno as errnos
import functools
import os
from collections.abc import Mapping

from mdevref.suite.scenario import cards, stage
from mdevref.suite.scenario.access import arguments, handles, interrupts, regions, requests
from mdevref.suite.scenario.kind import Kind
from mdevref.suite.scenario.translation import mappings, notifiers, pages, pins


def _errno(name: str) -> int:
    value = getattr(errnos, name, None)
    if not isinstance(value, int):
        raise ValueError(f"unknown errno {name}")
    return value


def _flags(names: str) -> int:
    return functools.reduce(lambda flags, name: flags | int(getattr(os, name)), names.split(", "), 0)


_NUMBERS = ("one", "two", "three", "four")

KINDS: Mapping[str, Kind] = {
    "Text": Kind(r'[^"]*'),
    "Entry": Kind(r'[^"]+'),
    "Place": Kind(
        r"the (?:first |second )?type|the parent|the mdev bus|the mdev_bus class"
        r'|the (?:driver|IOMMU group) of [A-Z]|the mediated device "[^"]*"|[A-Z]'
    ),
    "Type": Kind(r"the (?:first |second )?type"),
    "Device": Kind(r"[A-Z]"),
    "Errno": Kind(r"E[A-Z0-9]+", _errno),
    "Mode": Kind(r"0[0-7]{3}", lambda text: int(text, 8)),
    "Count": Kind("|".join(_NUMBERS), lambda text: _NUMBERS.index(text) + 1),
    "Number": Kind(r"\d+", int),
    "Kind": Kind(r"directory|file|link"),
    "Flags": Kind(r"O_[A-Z]+(?:, O_[A-Z]+)*", _flags),
    "Action": Kind(r"[a-z]+"),
    "List": Kind(r'[^"]+', lambda text: text.split(", ")),
    "Callback": Kind(r"create|remove"),
    "Begun": Kind(r"the writer|the second writer|the unloading|the registration|the unregistration"),
    **stage.KINDS,
    **handles.KINDS,
    **requests.KINDS,
    **arguments.KINDS,
    **interrupts.KINDS,
    **regions.KINDS,
    **cards.KINDS,
    **pages.KINDS,
    **mappings.KINDS,
    **pins.KINDS,
    **notifiers.KINDS,
}
