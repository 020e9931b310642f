"""The inode numbers under which the kernel knows the nodes of a tree."""

from __future__ import annotations

import itertools
import threading

from mdevref.kernel.directories import File, Node

ROOT = 1  #: the number of the root node, fixed by the protocol

#: Numbers for inodes. A number is never reused, not even for another host.
_numbers = itertools.count(ROOT + 1)


class Inodes:
    """Maps numbers to nodes, and counts the kernel's look-ups of each."""

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
        """Replace the root node of the tree."""
        self._nodes[ROOT] = root
        root.inode = ROOT

    def look_up(self, node: Node) -> int:
        """Count a look-up of ``node`` and return the node's number for the caller."""
        with self._lock:
            if not node.inode:
                node.inode = next(_numbers)
            number = node.inode if is_shared(node) else next(_numbers)
            self._nodes[number] = node
            self._lookups[number] = self._lookups.get(number, 0) + 1
        return number

    def forget(self, number: int, count: int) -> None:
        """Subtract ``count`` look-ups that the kernel released, and drop the number at zero."""
        if number == ROOT:
            return
        with self._lock:
            self._lookups[number] -= count
            if not self._lookups[number]:
                del self._lookups[number], self._nodes[number]


def is_shared(node: Node) -> bool:
    """Return whether all look-ups of the node get the same number.

    The kernel serializes writes to an inode that it considers empty, such as after O_TRUNC. A store may block, and must
    not block stores of other processes. Therefore each look-up of a writable file gets its own number.
    """
    return not isinstance(node, File) or node.attribute.store is None
