"""The target ``sysfs:ROOT``: any tree that behaves like /sys, through the files of the operating system.

A tree of files has no uevents, and cannot load modules or open devices. These operations raise Unsupported; targets
that support them override them. The tree may belong to a real machine, so the suite writes only to types and to devices
that it created. On ``/sys`` it writes only if ``allow_changes`` is set.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from mdevref.suite.interface.releases import Release, parse_release
from mdevref.suite.interface.selection import CLASS, SAMPLE, parents
from mdevref.suite.interface.terms import Interface
from mdevref.suite.targets.sysfs.journal import Journal
from mdevref.suite.targets.sysfs.machine import SysfsMachine
from mdevref.suite.targets.sysfs.nodes import there_are_nodes


class SysfsTarget:
    """The tree at ``root``; ``release`` is that of its kernel, if it is not the tree of this machine."""

    interfaces: frozenset[Interface] = frozenset({"management"})

    def __init__(self, root: str, *, allow_changes: bool = False, release: Release | None = None) -> None:
        """Raise ValueError if ``root`` has no parent of mediated devices."""
        self.root = os.path.abspath(root)
        self.name = f"sysfs:{root}"
        self.is_this_machine = os.path.realpath(root) == "/sys"
        self.release: Release | None = release or (_running_release() if self.is_this_machine else None)
        self.allow_changes = allow_changes or not self.is_this_machine
        self.journal: Journal | None = None
        self.has_nodes = self.is_this_machine and there_are_nodes()
        if self.has_nodes:
            self.interfaces |= {"device"}
        if not os.path.isdir(self.root):
            raise ValueError("directory not found")
        if not os.path.isdir(f"{self.root}/{CLASS}"):
            raise ValueError(f"{CLASS} not found: no parent of mediated devices is registered")
        if os.path.isdir(f"{self.root}/{CLASS}/{SAMPLE}"):
            self.interfaces |= {"sample"}

    def environment(self) -> Mapping[str, str]:
        machine = self.machine()
        names = ", ".join(parent.name for parent in parents(machine.files, self.root))
        kernel = f"{os.uname().sysname} {os.uname().release}" if self.is_this_machine else "of the tree"
        return {"kernel": kernel, "parents": names or "none"}

    def machine(self) -> SysfsMachine:
        return SysfsMachine(
            self.root, allow_changes=self.allow_changes, journal=self.journal, has_nodes=self.has_nodes
        )  # fmt: skip

    def shell_path(self, path: str) -> str:
        return f"{self.root}/{path}"

    def close(self) -> None:
        if self.journal is not None:
            self.journal.close()


def _running_release() -> Release | None:
    found = re.match(r"\d+\.\d+", os.uname().release)
    return parse_release(found[0]) if found else None
