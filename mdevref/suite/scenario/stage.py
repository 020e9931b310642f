"""The driver interface in a scenario: physical devices, bus drivers and callbacks in the words of steps."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from dataclasses import replace

from mdevref.suite.interface.drivers import DeviceFile, Drivers, Ops, Placement
from mdevref.suite.scenario.kind import Kind

OPERATIONS = ("create", "remove", "probe", "open", "release", "read", "write", "ioctl", "mmap")

_NAMES = '"[^"]*"'
_ATTRIBUTES = f"the (?:parent|device|type) attributes? {_NAMES}(?: without callbacks)?"
_CLAUSE = f"(?:{_ATTRIBUTES}|the types {_NAMES}|no types|no type attributes|{_NAMES})"
_PART = re.compile(
    r'(without|with|and) (?:(?:the )?(.*?) ?"([^"]*)"( without callbacks)?|(no types|no type attributes))'
)


def _ops(text: str) -> Ops | None:
    """Return the ops that ``with ...`` or ``without ...`` describe; None for ``without ops``."""
    if text == "without ops":
        return None
    ops = Ops()
    for first, what, names, silent, nothing in _PART.findall(text):
        values = tuple(names.split(", "))
        if first == "without":
            ops = replace(ops, without=frozenset(values))
        elif nothing:
            ops = replace(ops, types=()) if nothing == "no types" else replace(ops, type_attributes=())
        elif what == "types":
            ops = replace(ops, types=tuple(name or None for name in values))
        elif what.startswith("parent"):
            ops = replace(ops, parent_attributes=values)
        elif what.startswith("device"):
            ops = replace(ops, device_attributes=values)
        else:
            mute = frozenset(values) if silent else ops.mute
            ops = replace(ops, type_attributes=(*ops.type_attributes, *values), mute=mute)
    return ops


def _placement(text: str) -> Placement:
    """Return the placement of a physical device for words like ``bound to the driver "cards" on the bus "slots"``."""
    named = dict(re.findall(r'the (driver|bus|class) "([^"]*)"', text))
    return Placement(named.get("driver", ""), named.get("bus", ""), named.get("class", ""))


#: The placement of a physical device if the scenario does not specify one.
SOMEWHERE = Placement(device_class="makers")

KINDS: Mapping[str, Kind] = {
    "Ops": Kind(f"without ops|(?:with|without) {_CLAUSE}(?: and {_CLAUSE})*", _ops),
    "Where": Kind(
        f"bound to the driver {_NAMES} on the bus {_NAMES}|on the bus {_NAMES}|of the class {_NAMES}"
        "|without a bus or a class",
        _placement,
    ),
    "Operation": Kind("|".join(OPERATIONS)),
    "Owner": Kind(r"[A-Z]|[a-z]+"),
}


class Stage:
    """The driver interface of a machine, and the files and entries that a scenario has opened or noted."""

    def __init__(self, interface: Drivers) -> None:
        self.interface = interface
        self.opened: dict[str, list[DeviceFile]] = {}  #: by UUID, the oldest file first
        self.noted: list[str] = []  #: entries of a directory

    def let_go(self) -> None:
        """Release every blocked callback and close every device file."""
        self.interface.let_go()
        for opened in self.opened.values():
            for file in opened:
                with contextlib.suppress(OSError):
                    file.close()
