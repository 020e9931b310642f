"""The numbers by which the kernel knows the nodes of a tree, for as long as it does."""

from __future__ import annotations

import itertools
import threading

from mdevref.kernel.directories import File, Node

ROOT = 1  #: the number that the kernel begins with

#: Of inodes, and of what stands for one: none is used again, be it for another host.
_numbers = itertools.count(ROOT + 1)


class Inodes:
    """Which node a number stands for, and how often the kernel has looked it up."""

    def __init__(self, root: Node) -> None:
        self._lock = threading.Lock()
        self._nodes: dict[int, Node] = {}
        self._lookups: dict[int, int] = {ROOT: 1}
        self.set_root(root)

    def __getitem__(self, number: int) -> Node:
        return self._nodes[number]

    def __len__(self) -> int:
        return len(self._nodes)

    def set_root(self, root: Node) -> None:
        """From now on the tree begins with another node."""
        self._nodes[ROOT] = root
        root.inode = ROOT

    def look_up(self, node: Node) -> int:
        """The number under which whoever looks for ``node`` now gets it."""
        with self._lock:
            if not node.inode:
                node.inode = next(_numbers)
            number = node.inode if is_shared(node) else next(_numbers)
            self._nodes[number] = node
            self._lookups[number] = self._lookups.get(number, 0) + 1
        return number

    def forget(self, number: int, count: int) -> None:
        """The kernel has let go of so many of its look-ups."""
        if number == ROOT:
            return
        with self._lock:
            self._lookups[number] -= count
            if not self._lookups[number]:
                del self._lookups[number], self._nodes[number]


def is_shared(node: Node) -> bool:
    """Whether whoever looks the node up gets the same number.

    The kernel lets but one process at a time write to an inode that it thinks empty, as after O_TRUNC. A store may wait
    and must keep nobody else from storing: so each who looks up such a file gets a number of his own for its inode.
    """
    return not isinstance(node, File) or node.attribute.store is None
