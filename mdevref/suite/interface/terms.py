"""The names of the interfaces that a target may have, and of the levels that a requirement may have."""

from __future__ import annotations

from typing import Literal, get_args

Interface = Literal["management", "driver", "device", "translation", "sample"]
Level = Literal["must", "should", "may"]

INTERFACES: tuple[Interface, ...] = get_args(Interface)
LEVELS: tuple[Level, ...] = get_args(Level)
