"""The scripted vendor driver in a running kernel, controlled by the parameters of its module."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from typing import Literal

from mdevref.suite.interface.selection import CLASS, TYPES
from mdevref.suite.interface.unsupported import Unsupported

NAME = "scripted"
_DEADLINE = 10.0  # maximum seconds until a caller reaches a held callback
_GLANCE = 0.01  # seconds between two reads of a parameter, which a process cannot poll for

Callback = Literal["create", "remove"]


class ScriptedVendor:
    """The loaded driver. ``has_bus_driver``: vfio_mdev, which cannot be scripted, probes the devices."""

    parent = NAME

    def __init__(self, root: str, *, has_bus_driver: bool) -> None:
        self._parameters = f"{root}/module/{NAME}/parameters"
        self._has_bus_driver = has_bus_driver
        self.types: Sequence[str] = sorted(os.listdir(f"{root}/{CLASS}/{NAME}/{TYPES}"), reverse=True)

    def refuse_create(self, errno: int) -> None:
        self._tell("refuse", f"create {errno}")

    def refuse_remove(self, errno: int) -> None:
        """Make remove fail with ``errno``. From 6.1 on the callback returns nothing, so the core does not notice."""
        self._tell("refuse", f"remove {errno}")

    def refuse_probe(self, errno: int) -> None:
        if self._has_bus_driver:
            raise Unsupported("the bus driver of this kernel cannot refuse a device on request")
        self._tell("refuse", f"probe {errno}")

    def hold(self, callback: Callback) -> None:
        self._tell("hold", callback)

    def await_held(self, callback: Callback) -> None:
        deadline = time.monotonic() + _DEADLINE
        while callback not in self._ask("inside").split():
            if time.monotonic() > deadline:
                raise TimeoutError(f"timed out: no caller reached {callback} within {_DEADLINE:.0f} s")
            time.sleep(_GLANCE)

    def release(self, callback: Callback) -> None:
        self._tell("release", callback)

    def calls(self) -> Sequence[tuple[str, str]]:
        called = (line.split() for line in self._ask("calls").splitlines())
        return [(callback, uuid) for callback, uuid in called]

    def _tell(self, parameter: str, text: str) -> None:
        with open(f"{self._parameters}/{parameter}", "w") as file:
            file.write(text)

    def _ask(self, parameter: str) -> str:
        with open(f"{self._parameters}/{parameter}") as file:
            return file.read()
