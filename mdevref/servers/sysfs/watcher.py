"""Unmounts after a server that died without doing so. A separate program that uses only the standard library.

``watcher.py TAG [HELPER]`` waits on its standard input. A byte means that the server unmounted. End of file without a
byte means that the server died. The watcher then detaches each mount whose source is TAG, with umount2(2) or, if not
permitted, with HELPER, which is fusermount3.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys

FILESYSTEM = "fuse.mdevref"  #: the file system type of our mounts
MNT_FORCE, MNT_DETACH = 1, 2


def mounts() -> list[tuple[str, str, str]]:
    """Return mount point, type and source of each mount that this process sees (proc(5))."""
    found = []
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as lines:
        for line in lines:
            fields, _, rest = line.partition(" - ")
            kind, source = rest.split(" ")[:2]
            found.append((_unescape(fields.split(" ")[4]), kind, source))
    return found


def mount_points(tag: str) -> list[str]:
    """Return the directories on which the source ``tag`` is mounted."""
    return [folder for folder, _, source in mounts() if source == tag]


def tag_at(path: str) -> str | None:
    """Return the tag of our mount at ``path``, or None if there is none or another mount covers it."""
    on_top = [(kind, source) for folder, kind, source in mounts() if folder == os.path.realpath(path)]
    return on_top[-1][1] if on_top and on_top[-1][0] == FILESYSTEM else None


def _unescape(text: str) -> str:
    """Decode spaces, tabs, newlines and backslashes, which the kernel writes as three octal digits."""
    for code in ("040", "011", "012", "134"):
        text = text.replace(f"\\{code}", chr(int(code, 8)))
    return text


def detach(folder: str, helper: str | None) -> bool:
    """Detach the mount on ``folder`` at once, even if in use. Use ``helper`` if not permitted. Return success."""
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
