"""/dev: character devices by number, the nodes that name them, and how a node is opened.

A driver serves one number or a whole major. The nodes of the device file system are added and removed with their
devices. A node that was created with mknod remains, so its number may have no driver.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from errno import EACCES, EEXIST, EISDIR, ENOENT, ENXIO
from functools import cache
from typing import NamedTuple, TypeAlias

from mdevref.kernel.errors import fail
from mdevref.kernel.open_files import FileOperations, Task

Number: TypeAlias = tuple[int, int]  #: major and minor
Opener: TypeAlias = Callable[[Task, int], FileOperations]  #: called with the opening task and the minor


class Node(NamedTuple):
    """A node: the device number that it names, and its permission bits. Root owns every node."""

    number: Number
    mode: int


class Nodes:
    """The character devices of a machine and the nodes below /dev. Paths are relative to /dev."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._nodes: dict[str, Node] = {}
        self._directories: Counter[str] = Counter()  # number of nodes below each directory
        self._devices: dict[Number, Opener] = {}
        self._majors: dict[int, Opener] = {}

    # For drivers

    def serve(self, number: Number, opener: Opener) -> None:
        """Register ``opener`` for one device number."""
        with self._lock:
            self._devices[number] = opener

    def serve_major(self, major: int, opener: Opener) -> None:
        """Register ``opener`` for every number of a major that has no opener of its own."""
        with self._lock:
            self._majors[major] = opener

    def stop_serving(self, number: Number) -> None:
        with self._lock:
            del self._devices[number]

    def stop_serving_major(self, major: int) -> None:
        with self._lock:
            del self._majors[major]

    # For users

    def add(self, path: str, number: Number, mode: int = 0o600) -> None:
        """Create a node. ``EEXIST`` if the path exists."""
        with self._lock:
            if path in self._nodes or self._directories.get(path):
                raise fail(EEXIST, path)
            self._nodes[path] = Node(number, mode)
            for above in _above(path.rpartition("/")[0]):
                self._directories[above] += 1

    def remove(self, path: str) -> None:
        """Remove a node. ``ENOENT`` if it does not exist."""
        with self._lock:
            if self._nodes.pop(path, None) is None:
                raise fail(ENOENT, path)
            for above in _above(path.rpartition("/")[0]):
                self._directories[above] -= 1

    def find(self, path: str) -> Node:
        """Return a node. ``ENOENT`` if the path does not exist, ``EISDIR`` if it is a directory."""
        with self._lock:
            if path in self._nodes:
                return self._nodes[path]
            raise fail(EISDIR if self._directories[path] else ENOENT, path)

    def names(self, directory: str) -> list[str]:
        """Return the sorted names in a directory. ``ENOENT`` if it contains no node."""
        prefix = f"{directory}/"
        with self._lock:
            found = {path[len(prefix) :].split("/")[0] for path in self._nodes if path.startswith(prefix)}
        if not found:
            raise fail(ENOENT, directory)
        return sorted(found)

    def open(self, process: Task, path: str) -> FileOperations:
        """Open a node. ``EACCES`` without permission, ``ENXIO`` if its number has no driver, or the driver's errno."""
        node = self.find(path)
        if process.uid and node.mode & 0o006 != 0o006:
            raise fail(EACCES, path)
        major, minor = node.number
        with self._lock:
            opener = self._devices.get(node.number) or self._majors.get(major)
        if opener is None:
            raise fail(ENXIO, path)
        return opener(process, minor)


@cache
def _above(directory: str) -> tuple[str, ...]:
    """Return a directory and all directories above it. The cache stays small because there are few directories."""
    return (directory, *_above(directory.rpartition("/")[0])) if directory else ()
