"""The meaning of the words of a step on the machine: the type, device A, the driver of A, ``{uuid}``."""

from __future__ import annotations

from random import Random

from mdevref.suite.interface.selection import BUS, CLASS
from mdevref.suite.scenario.devices import Devices, fresh_uuid
from mdevref.suite.scenario.types import Types
from mdevref.suite.spec import notation

_PLACES = {"the mdev bus": BUS, "the mdev_bus class": CLASS}


class Words:
    """Resolve the texts and places of steps. ``rng`` generates the UUID of the scenario."""

    def __init__(self, types: Types, devices: Devices, rng: Random) -> None:
        self._types = types
        self._devices = devices
        self._rng = rng
        self._uuid = ""

    @property
    def uuid(self) -> str:
        """Return the fresh UUID of the scenario, in lower case."""
        if not self._uuid:
            self._uuid = fresh_uuid(self._rng)
        return self._uuid

    def text(self, written: str) -> str:
        """Return a text of a step with its names and escapes resolved."""
        return notation.resolve(written, self._named) if "{" in written or "\\" in written else written

    def data(self, written: str) -> bytes:
        """Return the bytes that a text of a step represents."""
        return notation.data(self.text(written))

    def _named(self, name: str) -> str | None:
        if name in ("uuid", "UUID"):
            return self.uuid if name == "uuid" else self.uuid.upper()
        if name in ("parent", "type"):
            return self._types.parent.name if name == "parent" else self._types.named().id
        return self._devices[name].uuid if name in self._devices else None

    def path(self, place: str) -> str:
        """Return the path of a place in the words of a step. Raise OSError if a link on the way is missing."""
        if place in self._devices:
            return self._devices[place].path
        if place.endswith("type"):
            return self._types.named(place).path
        if place.startswith("the driver of "):
            return self._devices.driver(place[-1])
        if place.startswith("the IOMMU group of "):
            return self._devices.group(place[-1])
        if place.startswith("the mediated device "):
            return self._devices.directory(self.text(place.split('"')[1]))
        return self._types.parent.path if place == "the parent" else _PLACES[place]

    def entry(self, entry: str, place: str) -> str:
        """Return the path of an entry of a place."""
        return f"{self.path(place)}/{self.text(entry)}"
