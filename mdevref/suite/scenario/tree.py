"""The sysfs tree of a machine: parents, their types, and the targets of links."""

from __future__ import annotations

import contextlib

from mdevref.suite.interface import selection
from mdevref.suite.interface.files import Files
from mdevref.suite.interface.selection import Parent, Type
from mdevref.suite.interface.target import Target
from mdevref.suite.interface.unsupported import Unsupported


class Tree:
    """A sysfs tree that is read through ``files``; ``target`` knows the path that its absolute links begin with."""

    def __init__(self, files: Files, target: Target) -> None:
        self.files = files
        self._target = target
        self._root = ""

    @property
    def root(self) -> str:
        """Return the path that absolute links of this target begin with."""
        if not self._root:
            self._root = self._target.shell_path("")
        return self._root

    def follow(self, path: str) -> str:
        """Return the path that a link leads to. Raise OSError if there is no link."""
        return selection.follow(self.files, path, self.root)

    def parents(self) -> list[Parent]:
        """Return every parent that the class lists."""
        return list(selection.parents(self.files, self.root))

    def types(self) -> list[Type]:
        """Return every type of every parent; raise Unsupported if there is none."""
        found = [type for parent in self.parents() for type in selection.types(self.files, parent)]
        if not found:
            raise Unsupported("there is no parent with a type")
        return found

    def driver_string(self, parent: Parent) -> str:
        """Return the name of a parent's driver or, without a driver, of the bus or class of the parent."""
        for link in ("driver", "subsystem"):
            with contextlib.suppress(OSError):
                return self.follow(f"{parent.path}/{link}").rpartition("/")[2]
        return ""
