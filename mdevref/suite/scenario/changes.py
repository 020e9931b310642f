"""The changes in the management interface since the stage of a scenario was set."""

from __future__ import annotations

from mdevref.suite.interface.selection import BUS
from mdevref.suite.scenario import snapshot
from mdevref.suite.scenario.snapshot import Snapshot
from mdevref.suite.scenario.tree import Tree


class Changes:
    """Compare the tree before and after. It is read before only if ``watches`` is set: then a step compares it."""

    def __init__(self, tree: Tree, *, watches: bool) -> None:
        self._tree = tree
        self._watches = watches
        self._before: Snapshot | None = None
        self._said: dict[str, tuple[bool, str]] = {}  # UUID -> (whether it must exist, path of its parent)

    def begin(self) -> None:
        """Take a snapshot if a step will compare it. Called when the stage is set."""
        if self._watches:
            self._before = self._look()

    def say(self, uuid: str, there: bool, parent: str) -> None:
        """Record that a step has checked that a device exists or is gone, so that this change is expected."""
        self._said[uuid] = there, parent

    def found(self) -> list[str]:
        """Return every change that no step has checked, one line each."""
        before = self._before
        if before is None:
            raise RuntimeError("the hooks did not announce that this scenario watches for changes")
        was = {uuid: f"{BUS}/devices/{uuid}" in before for uuid in self._said}
        came = [uuid for uuid, (there, _) in self._said.items() if there and not was[uuid]]
        went = [uuid for uuid, (there, _) in self._said.items() if was[uuid] and not there]
        parents = {self._said[uuid][1] for uuid in (*came, *went)}
        return snapshot.differences(before, self._look(), came, went, parents)

    def _look(self) -> Snapshot:
        files = self._tree.files
        # Do not record these reads: a report shows what the scenario did, not what the suite compared.
        return snapshot.take(getattr(files, "unrecorded", files), self._tree.root)
