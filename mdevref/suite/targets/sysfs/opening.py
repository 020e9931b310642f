"""Open what ``sysfs:`` names: somebody's machine, a tree of files, or a mount of the reference host."""

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
    """The target for what stands after ``sysfs:``: a directory, and ``:release=6.1`` where it is not this kernel's.

    What a killed run has left there is removed first, where anything may be changed, and told on stderr. ValueError for
    any other argument; BadInput where no journal can be kept.
    """
    root, release = split_argument(argument)
    if tag := tag_at(root):
        with suppress(ConnectionRefusedError):  # the mount of mdevref run, which only has a tree
            return MountTarget(root, tag)
    target = SysfsTarget(root, allow_changes=allow_changes, release=parse_release(release) if release else None)
    if target.allow_changes:
        target.journal = Journal(target.root)
        if told := clean(target.journal, files.remove).told():
            print(f"mdevref: {told}", file=sys.stderr)
    elif has_entries(target.root):
        print(f"mdevref: an earlier run has left devices: mdevref check --clean-up {target.name}", file=sys.stderr)
    return target


def split_argument(argument: str) -> tuple[str, str]:
    """What stands after ``sysfs:``: the directory, and the release or nothing. ValueError: no directory is named."""
    root, _, release = argument.partition(":release=")
    if not root:
        raise ValueError("sysfs takes a directory, as in sysfs:/sys")
    return root, release
