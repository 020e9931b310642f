"""The parent and the types that a scenario has chosen."""

from __future__ import annotations

from mdevref.suite.interface import selection
from mdevref.suite.interface.selection import Parent, Type
from mdevref.suite.interface.unsupported import Unsupported
from mdevref.suite.scenario.tree import Tree


class Types:
    """The types in ``tree`` that steps have chosen. A step that needs one before that gets the first that fits."""

    def __init__(self, tree: Tree) -> None:
        self.chosen: list[Type] = []
        self.parent_chosen: Parent | None = None
        self.noted: int | None = None  #: available instances that a step has noted
        self._tree = tree

    @property
    def parent(self) -> Parent:
        """Return the parent that was chosen, directly or through one of its types."""
        return self.parent_chosen or self.named().parent

    def named(self, words: str = "the type") -> Type:
        """Return the type that a step calls ``the type``, ``the first type`` or ``the second type``."""
        if words == "the second type":
            return self.chosen[1]
        if not self.chosen:
            self.chosen.append(self.find(1))
        return self.chosen[0]

    def find(self, least: int, *, but: Parent | None = None) -> Type:
        """Return a type with at least ``least`` available instances, of the chosen parent or of any except ``but``."""
        files = self._tree.files
        if self.parent_chosen and not but:
            among = iter((self.parent_chosen,))
        else:
            # Do not use Tree.parents: read the class only up to the first parent that fits.
            among = (parent for parent in selection.parents(files, self._tree.root) if parent != but)
        for type in selection.fitting(files, among, least):
            return type
        whose = "of another parent " if but else ""
        raise Unsupported(f"no type {whose}has {least} or more instances available")
