"""The mediated devices that a scenario has created and must remove."""

from __future__ import annotations

from functools import partial

from mdevref.suite.interface.files import Files
from mdevref.suite.interface.selection import BUS, TYPES
from mdevref.suite.scenario.undo import quietly

_UUID = 36  # characters


class Made:
    """The devices that successful writes to ``create`` have created, from any step."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._directories: dict[str, str] = {}  # by UUID

    def note(self, path: str, written: bytes) -> None:
        """Record the device that a successful write has created, if it was a write to ``create``."""
        directory, _, name = path.rpartition("/")
        if name == "create" and len(written) >= _UUID:
            uuid = written[:_UUID].decode("latin-1").lower()
            self._directories[uuid] = f"{directory.partition(f'/{TYPES}/')[0]}/{uuid}"

    def others(self) -> set[str]:
        """Return the UUIDs of existing devices that the scenario has not created."""
        return set(self._files.listdir(f"{BUS}/devices")) - self._directories.keys()

    def left(self) -> list[str]:
        """Return the UUIDs of devices that the scenario has created and that still exist."""
        if not self._directories:
            return []
        try:
            there = set(self._files.listdir(f"{BUS}/devices"))
        except OSError:
            return []
        return [uuid for uuid in self._directories if uuid in there]

    def remove_left(self) -> None:
        """Remove the devices that :meth:`left` returns."""
        for uuid in self.left():
            quietly(partial(self._files.write, f"{self._directories[uuid]}/remove", b"1"))
