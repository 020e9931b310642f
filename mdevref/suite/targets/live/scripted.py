"""The scripted vendor driver in a running kernel: told and asked through the parameters of its module."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from typing import Literal

from mdevref.suite.interface.selection import CLASS, TYPES
from mdevref.suite.interface.unsupported import Unsupported

NAME = "scripted"
_DEADLINE = 10.0  # seconds that somebody may take to come to a held callback
_GLANCE = 0.01  # seconds between two looks: the kernel has nothing to wait on for a process

Callback = Literal["create", "remove"]


class ScriptedVendor:
    """The driver, loaded. ``has_bus_driver``: devices are served by a driver of the core's own, which nobody tells."""

    parent = NAME

    def __init__(self, root: str, *, has_bus_driver: bool) -> None:
        self._parameters = f"{root}/module/{NAME}/parameters"
        self._has_bus_driver = has_bus_driver
        self.types: Sequence[str] = sorted(os.listdir(f"{root}/{CLASS}/{NAME}/{TYPES}"), reverse=True)

    def refuse_create(self, errno: int) -> None:
        self._tell("refuse", f"create {errno}")

    def refuse_remove(self, errno: int) -> None:
        """From 6.1 on the callback gives nothing back: the driver refuses, and nobody hears it."""
        self._tell("refuse", f"remove {errno}")

    def refuse_probe(self, errno: int) -> None:
        if self._has_bus_driver:
            raise Unsupported("this kernel's bus driver refuses no device on request")
        self._tell("refuse", f"probe {errno}")

    def hold(self, callback: Callback) -> None:
        self._tell("hold", callback)

    def await_held(self, callback: Callback) -> None:
        deadline = time.monotonic() + _DEADLINE
        while callback not in self._ask("inside").split():
            if time.monotonic() > deadline:
                raise TimeoutError(f"nobody reached {callback} within {_DEADLINE:.0f} s")
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
