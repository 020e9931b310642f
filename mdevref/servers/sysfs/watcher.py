"""Takes a mount away when its server has died without doing so. A program of its own, of the standard library alone.

``watcher.py TAG [HELPER]``: waits on its standard input. A byte says that all is well; its end without one that the
server has died: what is mounted from TAG is then detached, by umount(2) or, where that is not allowed, by HELPER, which
is fusermount3.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys

FILESYSTEM = "fuse.mdevref"  #: the type of our mounts
MNT_FORCE, MNT_DETACH = 1, 2


def mounts() -> list[tuple[str, str, str]]:
    """What is mounted, as this process sees it: folder, type and source of each; proc(5)."""
    found = []
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as lines:
        for line in lines:
            fields, _, rest = line.partition(" - ")
            kind, source = rest.split(" ")[:2]
            found.append((_unescape(fields.split(" ")[4]), kind, source))
    return found


def mount_points(tag: str) -> list[str]:
    """The folders on which the source ``tag`` is mounted."""
    return [folder for folder, _, source in mounts() if source == tag]


def tag_at(path: str) -> str | None:
    """The tag of the mount of ours at ``path``; None where there is none, or another on top of it."""
    on_top = [(kind, source) for folder, kind, source in mounts() if folder == os.path.realpath(path)]
    return on_top[-1][1] if on_top and on_top[-1][0] == FILESYSTEM else None


def _unescape(text: str) -> str:
    """The kernel writes blanks, tabs, newlines and backslashes of a path as three octal digits."""
    for code in ("040", "011", "012", "134"):
        text = text.replace(f"\\{code}", chr(int(code, 8)))
    return text


def detach(folder: str, helper: str | None) -> bool:
    """Take away what is mounted on ``folder``, at once, whoever uses it; by ``helper`` where we have not the right."""
    if not ctypes.CDLL(None).umount2(os.fsencode(folder), MNT_FORCE | MNT_DETACH):
        return True
    if helper is None:
        return False
    return not subprocess.run([helper, "-u", "-z", "--", folder], check=False).returncode  # noqa: S603  # fusermount3


def main(tag: str, helper: str | None = None) -> None:
    if not os.read(0, 1):
        for folder in mount_points(tag):
            detach(folder, helper)


if __name__ == "__main__":
    main(*sys.argv[1:])
