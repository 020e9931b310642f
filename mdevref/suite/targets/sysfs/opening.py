"""Open a ``sysfs:`` target: a real machine, a tree of files, or a mount of the reference host."""

from __future__ import annotations

import sys
from contextlib import suppress

from mdevref.servers.sysfs.watcher import tag_at
from mdevref.suite.interface.releases import parse_release
from mdevref.suite.targets.sysfs import files
from mdevref.suite.targets.sysfs.journal import Journal, clean, has_entries
from mdevref.suite.targets.sysfs.mount import MountTarget
from mdevref.suite.targets.sysfs.target import SysfsTarget


def open_sysfs(argument: str, *, allow_changes: bool = False) -> SysfsTarget:
    """Return the target for the argument after ``sysfs:``: a directory, optionally with ``:release=6.1``.

    The release is that of the tree, if it is not the running kernel's. If changes are permitted, devices of killed runs
    are removed first and reported on stderr. Raises ValueError if the argument is invalid, and BadInput if the journal
    cannot be opened.
    """
    root, release = split_argument(argument)
    if tag := tag_at(root):
        with suppress(ConnectionRefusedError):  # a mount of mdevref run serves a tree only
            return MountTarget(root, tag)
    target = SysfsTarget(root, allow_changes=allow_changes, release=parse_release(release) if release else None)
    if target.allow_changes:
        target.journal = Journal(target.root)
        if told := clean(target.journal, files.remove).told():
            print(f"mdevref: {told}", file=sys.stderr)
    elif has_entries(target.root):
        hint = f"run `mdevref check --clean-up {target.name}`"
        print(f"mdevref: an earlier run left devices behind; {hint} to remove them", file=sys.stderr)
    return target


def split_argument(argument: str) -> tuple[str, str]:
    """Split the argument after ``sysfs:`` into the directory and the release, which may be empty.

    Raises ValueError if no directory is named.
    """
    root, _, release = argument.partition(":release=")
    if not root:
        raise ValueError("the directory is missing (expected a form like sysfs:/sys)")
    return root, release
