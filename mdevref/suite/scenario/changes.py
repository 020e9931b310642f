"""What changed in the management interface since a scenario's stage was set."""

from __future__ import annotations

from mdevref.suite.interface.selection import BUS
from mdevref.suite.scenario import snapshot
from mdevref.suite.scenario.snapshot import Snapshot
from mdevref.suite.scenario.tree import Tree


class Changes:
    """The tree before and after; ``watches`` says that a step will ask, so that it is worth to look before."""

    def __init__(self, tree: Tree, *, watches: bool) -> None:
        self._tree = tree
        self._watches = watches
        self._before: Snapshot | None = None
        self._said: dict[str, tuple[bool, str]] = {}  # UUID -> (said to be there, path of its parent)

    def begin(self) -> None:
        """The stage is set: look at everything, if a step will ask."""
        if self._watches:
            self._before = self._look()

    def say(self, uuid: str, there: bool, parent: str) -> None:
        """A step has said that a device is there, or is not: that much has changed."""
        self._said[uuid] = there, parent

    def found(self) -> list[str]:
        """What changed, a line each, apart from what the steps have said."""
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
        # A report shows what the scenario did, not what the suite compared.
        return snapshot.take(getattr(files, "unrecorded", files), self._tree.root)
