"""The mediated devices that a scenario has made, which are its own to remove."""

from __future__ import annotations

from functools import partial

from mdevref.suite.interface.files import Files
from mdevref.suite.interface.selection import BUS, TYPES
from mdevref.suite.scenario.undo import quietly

_UUID = 36  # characters


class Made:
    """The devices that writes to ``create`` have made, whichever step wrote."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._directories: dict[str, str] = {}  # by UUID

    def note(self, path: str, written: bytes) -> None:
        """A write has succeeded: remember the device that it has made, if it was one to ``create``."""
        directory, _, name = path.rpartition("/")
        if name == "create" and len(written) >= _UUID:
            uuid = written[:_UUID].decode("latin-1").lower()
            self._directories[uuid] = f"{directory.partition(f'/{TYPES}/')[0]}/{uuid}"

    def others(self) -> set[str]:
        """The UUIDs of the devices that there are and that the scenario has not made."""
        return set(self._files.listdir(f"{BUS}/devices")) - self._directories.keys()

    def left(self) -> list[str]:
        """The UUIDs of the devices that the scenario has made and that are still there."""
        if not self._directories:
            return []
        try:
            there = set(self._files.listdir(f"{BUS}/devices"))
        except OSError:
            return []
        return [uuid for uuid in self._directories if uuid in there]

    def remove_left(self) -> None:
        """Remove each of these."""
        for uuid in self.left():
            quietly(partial(self._files.write, f"{self._directories[uuid]}/remove", b"1"))
