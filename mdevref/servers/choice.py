"""Creates the host that a command line selects."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from mdevref.host import DRIVERS, Host, find_era
from mdevref.mdev.eras import DEFAULT

USUAL = ("mtty", "mdpy")  #: the default drivers


class ChoiceError(ValueError):
    """The selected host cannot be created. The text is one line with the reason."""


def make_host(era: str | None, drivers: Sequence[str], file: str | None) -> Host:
    """Return a host of ``era`` with ``drivers``, or the host that ``file`` describes.

    Each driver has the form ``NAME[:option=value,...]``, such as ``mdpy:count=2``. Raise :class:`ChoiceError` if an
    argument is invalid.
    """
    if file is not None:
        if era is not None or drivers:
            raise ChoiceError("--host cannot be combined with --era or --driver, as the host's file sets both")
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
    """Parse ``NAME[:option=value,...]``. A comma belongs to the value unless ``option=`` follows it."""
    name, _, rest = text.partition(":")
    if name not in DRIVERS:
        raise ChoiceError(f"unknown driver {name!r} (choose from {', '.join(DRIVERS)})")
    known: Mapping[str, str] = getattr(DRIVERS[name], "defaults", {})
    options = {}
    for part in re.split(r",(?=\w+=)", rest) if rest else ():
        option, equals, value = part.partition("=")
        if not equals or option not in known:
            defaults = ", ".join(f"{each}={default}" for each, default in known.items()) or "none"
            raise ChoiceError(f"--driver {text}: invalid option {part!r} (options of {name}: {defaults})")
        options[option] = value
    return name, options


def _described(file: str) -> Host:
    from mdevref.hosts import HostError, load  # slow, and only needed for --host

    try:
        return load(file)
    except HostError as error:
        raise ChoiceError(str(error)) from None
