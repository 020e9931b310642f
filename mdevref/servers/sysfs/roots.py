"""Roots for tools that take a whole root in place of ``/``, as mdevctl does from MDEVCTL_ENV_ROOT."""

from __future__ import annotations

from pathlib import Path

#: What mdevctl looks for below its root, besides ``sys``.
_FOLDERS = ("etc/mdevctl.d", "usr/lib/mdevctl/scripts.d/callouts", "usr/lib/mdevctl/scripts.d/notifiers")


def make_root(root: Path) -> Path:
    """Make what is missing of it; the folder on which the tree belongs. OSError."""
    for folder in _FOLDERS:
        (root / folder).mkdir(parents=True, exist_ok=True)
    sysfs = root / "sys"
    sysfs.mkdir(exist_ok=True)
    return sysfs
