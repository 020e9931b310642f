"""What there is in the sysfs tree of a machine: parents, their types, and where links lead."""

from __future__ import annotations

import contextlib

from mdevref.suite.interface import selection
from mdevref.suite.interface.files import Files
from mdevref.suite.interface.selection import Parent, Type
from mdevref.suite.interface.target import Target
from mdevref.suite.interface.unsupported import Unsupported


class Tree:
    """The tree that ``files`` show; ``target`` knows what an absolute link in it begins with."""

    def __init__(self, files: Files, target: Target) -> None:
        self.files = files
        self._target = target
        self._root = ""

    @property
    def root(self) -> str:
        """The path that an absolute link of this target begins with."""
        if not self._root:
            self._root = self._target.shell_path("")
        return self._root

    def follow(self, path: str) -> str:
        """Where a link leads, as a path. OSError: there is no link."""
        return selection.follow(self.files, path, self.root)

    def parents(self) -> list[Parent]:
        """Every parent that the class lists."""
        return list(selection.parents(self.files, self.root))

    def types(self) -> list[Type]:
        """Every type of every parent; Unsupported where there is none."""
        found = [type for parent in self.parents() for type in selection.types(self.files, parent)]
        if not found:
            raise Unsupported("there is no parent with a type")
        return found

    def driver_string(self, parent: Parent) -> str:
        """The name of a parent's driver; of its bus or class, to which ``subsystem`` leads, where it has no driver."""
        for link in ("driver", "subsystem"):
            with contextlib.suppress(OSError):
                return self.follow(f"{parent.path}/{link}").rpartition("/")[2]
        return ""
