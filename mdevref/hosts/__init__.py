"""Hosts that are described in a TOML file: parents with their drivers and addresses, devices, an era, faults.

>>> host = load("two-gpus")
>>> host.sysfs.listdir("class/mdev_bus")
['0000:00:02.0', '0000:3b:00.0']

The hosts that come with mdevref are the ``*.toml`` beside this file.
"""

from __future__ import annotations

import os
from pathlib import Path

from mdevref.hosts.clock import Clock, ManualClock
from mdevref.hosts.machine import DescribedHost
from mdevref.hosts.source import HostError, read

__all__ = ["Clock", "DescribedHost", "HostError", "ManualClock", "load", "names", "path_of"]

_SHIPPED = Path(__file__).parent


def names() -> list[str]:
    """The hosts that come with mdevref, sorted."""
    return sorted(path.stem for path in _SHIPPED.glob("*.toml"))


def path_of(name: str) -> Path:
    """The file of a host that comes with mdevref; :class:`HostError` if there is none of that name."""
    path = _SHIPPED / f"{name}.toml"
    if not path.is_file():
        raise HostError(f"no host {name!r}; there are {', '.join(names())}, and files whose name ends in .toml")
    return path


def load(path_or_name: str | os.PathLike[str], *, clock: Clock | None = None) -> DescribedHost:
    """The host that a file describes: a path that ends in ``.toml``, or the name of a host that comes with mdevref.

    ``clock`` tells what is late when its time has come; without one that is real time. :class:`HostError` for a host
    that cannot be had: its text is one line with file, line and reason.
    """
    given = os.fspath(path_or_name)
    path = Path(given) if given.endswith(".toml") else path_of(given)
    return DescribedHost(read(path), clock)
