"""Creates roots for tools that can replace ``/`` by another root, such as mdevctl with MDEVCTL_ENV_ROOT."""

from __future__ import annotations

from pathlib import Path

#: The directories that mdevctl expects below its root, except ``sys``.
_FOLDERS = ("etc/mdevctl.d", "usr/lib/mdevctl/scripts.d/callouts", "usr/lib/mdevctl/scripts.d/notifiers")


def make_root(root: Path) -> Path:
    """Create the missing directories of a root and return its ``sys``. Raise OSError if that fails."""
    for folder in _FOLDERS:
        (root / folder).mkdir(parents=True, exist_ok=True)
    sysfs = root / "sys"
    sysfs.mkdir(exist_ok=True)
    return sysfs
