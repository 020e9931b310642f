"""Helpers for tests with concurrent writers."""

from __future__ import annotations

from typing import Any

from mdevref.kernel.waiting import Started
from mdevref.mdev.objects import MdevDevice, MdevType
from tests.machines import OLD, uuid
from tests.mdev.stage import Pause, Stage

MDPY = "class/mdev_bus/mdpy/mdev_supported_types/mdpy-hd"


def outcome(started: Started) -> object:
    """Return the value of an operation, or its errno as a negative number."""
    try:
        return started.result()
    except OSError as error:
        return -(error.errno or 0)


class SlowFirst:
    """A vendor driver's create that blocks for the first device until the test releases it."""

    def __init__(self, era: str) -> None:
        self.pause = Pause()
        self.stage = Stage(era)
        callbacks: dict[str, Any] = (
            {"create": self.create} if era in OLD else {"probe": lambda mdev: self.create(mdev.type, mdev)}
        )
        self.parent = self.stage.register(**callbacks)
        self.first = self.stage.host.start(lambda: self.stage.write_create(uuid(1)))
        assert self.pause.entered.wait(10)

    def create(self, mtype: MdevType, mdev: MdevDevice) -> None:
        self.stage.create(mtype, mdev)
        if mdev.name == uuid(1):
            self.pause.here()
