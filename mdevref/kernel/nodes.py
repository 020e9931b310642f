"""/dev: character devices by number, the nodes that name them, and what becomes of opening one.

A driver serves a number, or a whole major; the device file system's nodes come and go with the devices. A node that was
made by hand stays, and its number may have nobody behind it.
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
Opener: TypeAlias = Callable[[Task, int], FileOperations]  #: who opens, and the minor; raises ``OSError``


class Node(NamedTuple):
    """A node: the number that it names, and its permission bits; all belong to root."""

    number: Number
    mode: int


class Nodes:
    """The character devices of a machine and the nodes below /dev. Paths are relative to it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._nodes: dict[str, Node] = {}
        self._directories: Counter[str] = Counter()  # how many nodes are below each
        self._devices: dict[Number, Opener] = {}
        self._majors: dict[int, Opener] = {}

    # For drivers

    def serve(self, number: Number, opener: Opener) -> None:
        """From now on ``opener`` opens that number."""
        with self._lock:
            self._devices[number] = opener

    def serve_major(self, major: int, opener: Opener) -> None:
        """From now on ``opener`` opens every number of the major that nobody else serves."""
        with self._lock:
            self._majors[major] = opener

    def stop_serving(self, number: Number) -> None:
        with self._lock:
            del self._devices[number]

    def stop_serving_major(self, major: int) -> None:
        with self._lock:
            del self._majors[major]

    # For those who look

    def add(self, path: str, number: Number, mode: int = 0o600) -> None:
        """Make a node. ``EEXIST`` if the path is taken."""
        with self._lock:
            if path in self._nodes or self._directories.get(path):
                raise fail(EEXIST, path)
            self._nodes[path] = Node(number, mode)
            for above in _above(path.rpartition("/")[0]):
                self._directories[above] += 1

    def remove(self, path: str) -> None:
        """``ENOENT`` if there is no such node."""
        with self._lock:
            if self._nodes.pop(path, None) is None:
                raise fail(ENOENT, path)
            for above in _above(path.rpartition("/")[0]):
                self._directories[above] -= 1

    def find(self, path: str) -> Node:
        """``ENOENT`` if there is no such node, ``EISDIR`` for a directory of nodes."""
        with self._lock:
            if path in self._nodes:
                return self._nodes[path]
            raise fail(EISDIR if self._directories[path] else ENOENT, path)

    def names(self, directory: str) -> list[str]:
        """What is in a directory, sorted. ``ENOENT`` if nothing is."""
        prefix = f"{directory}/"
        with self._lock:
            found = {path[len(prefix) :].split("/")[0] for path in self._nodes if path.startswith(prefix)}
        if not found:
            raise fail(ENOENT, directory)
        return sorted(found)

    def open(self, process: Task, path: str) -> FileOperations:
        """Open a node. ``EACCES`` without permission, ``ENXIO`` if nobody serves its number, or the driver's errno."""
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
    """The directories that lead to those of a directory's nodes: itself, and those around it. There are few."""
    return (directory, *_above(directory.rpartition("/")[0])) if directory else ()
