"""Hosts described by a TOML file: an era, parents with their drivers and addresses, devices, faults.

>>> host = load("two-gpus")
>>> host.sysfs.listdir("class/mdev_bus")
['0000:00:02.0', '0000:3b:00.0']

The ``*.toml`` files in this directory are the hosts included in mdevref.
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
    """Return the names of the hosts included in mdevref, sorted."""
    return sorted(path.stem for path in _SHIPPED.glob("*.toml"))


def path_of(name: str) -> Path:
    """Return the path of an included host's file. Raise :class:`HostError` if the name is unknown."""
    path = _SHIPPED / f"{name}.toml"
    if not path.is_file():
        raise HostError(f"unknown host {name!r} (choose from {', '.join(names())}, or give the path of a .toml file)")
    return path


def load(path_or_name: str | os.PathLike[str], *, clock: Clock | None = None) -> DescribedHost:
    """Return the host that a file describes.

    ``path_or_name`` is a path that ends in ``.toml``, or the name of a host included in mdevref. ``clock`` triggers
    delayed events; the default is real time. Raise :class:`HostError` if the host cannot be loaded. Its text is one
    line with file, line and reason.
    """
    given = os.fspath(path_or_name)
    path = Path(given) if given.endswith(".toml") else path_of(given)
    return DescribedHost(read(path), clock)
