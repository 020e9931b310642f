"""The host that a command line asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from mdevref.host import DRIVERS, Host, find_era
from mdevref.mdev.eras import DEFAULT

USUAL = ("mtty", "mdpy")  #: the drivers where none is named


class ChoiceError(ValueError):
    """There is no such host; the text is one line that says why."""


def make_host(era: str | None, drivers: Sequence[str], file: str | None) -> Host:
    """A host of ``era`` with ``drivers``, each as in ``mdpy:count=2,...``, or the one that ``file`` describes.

    :class:`ChoiceError` for what there is not.
    """
    if file is not None:
        if era is not None or drivers:
            raise ChoiceError("a described host has its own era and drivers: --host goes with neither")
        return _described(file)
    try:
        host = Host(find_era(era or DEFAULT))
    except ValueError as error:
        raise ChoiceError(str(error)) from None
    if host.era.has_bus_driver:
        host.load("vfio_mdev")
    for text in drivers or USUAL:
        name, options = parse_driver(text)
        try:
            host.load(name, **options)
        except OSError as error:
            raise ChoiceError(f"--driver {text}: {error.filename or name}: {error.strerror}") from error
    return host


def parse_driver(text: str) -> tuple[str, Mapping[str, str]]:
    """``NAME[:option=value,...]``, as name and options; a value may have commas that no option's name follows."""
    name, _, rest = text.partition(":")
    if name not in DRIVERS:
        raise ChoiceError(f"no driver {name!r}; there are {', '.join(DRIVERS)}")
    known: Mapping[str, str] = getattr(DRIVERS[name], "defaults", {})
    options = {}
    for part in re.split(r",(?=\w+=)", rest) if rest else ():
        option, equals, value = part.partition("=")
        if not equals or option not in known:
            there_are = ", ".join(f"{each}={default}" for each, default in known.items()) or "none"
            raise ChoiceError(f"--driver {text}: {name} has no option {part!r}; there are {there_are}")
        options[option] = value
    return name, options


def _described(file: str) -> Host:
    from mdevref.hosts import HostError, load  # only those who want a described host wait for it

    try:
        return load(file)
    except HostError as error:
        raise ChoiceError(str(error)) from None
