"""The kobject tree: adding, removing and finding directories, attribute files and links.

A file is *active* while one of its shows or stores runs. As in the kernel, removal waits until the file is inactive.
Only a file that removes itself (:meth:`Tree.remove_self`) does not wait for its own store.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from errno import EEXIST, ENODEV, ENOENT, ENOTDIR
from typing import Any

from mdevref.kernel.attributes import Attribute, AttributeGroup
from mdevref.kernel.directories import NO_TABLES, Directory, File, Link, Node, Table, find_entry, node_for, path_of
from mdevref.kernel.errors import fail
from mdevref.kernel.waiting import Waits


class Tree:
    """The tree of all directories. ``lock``, the kernel's kernfs mutex, guards structure and activity."""

    def __init__(self, waits: Waits, log: Callable[[str], None]) -> None:
        self.root = Directory("", None, None, NO_TABLES)
        self.waits = waits
        self.log = log
        self.lock = threading.Lock()
        self.idle = threading.Condition(self.lock)
        #: Called with the nodes just removed, in the remover's thread and without the lock, before the remover waits.
        #: Nodes below a removed directory are not listed.
        self.on_gone: Callable[[Sequence[Node]], None] | None = None
        self.listed: Callable[[Directory], None] | None = None  #: called at each listing, for fault injection

    # Adding

    def add_directory(
        self, parent: Directory, name: str, owner: Any = None, tables: tuple[Table, ...] = NO_TABLES
    ) -> Directory:
        """Add and return a directory. ``EEXIST`` if the name is taken, ``ENOENT`` if the parent was removed."""
        node = Directory(name, parent, owner, tables)
        self._insert(parent, node)
        return node

    def add_link(self, parent: Directory, name: str, target: Directory) -> Link:
        """Add and return a link to ``target``. Errors as for :meth:`add_directory`."""
        node = Link(name, parent, target)
        self._insert(parent, node)
        return node

    def add_file(self, parent: Directory, attribute: Attribute, owner: Any) -> File:
        """Add and return a file outside any table, which can be removed alone. Errors as for :meth:`add_directory`."""
        node = File(attribute, parent, owner)
        self.insert(node)
        return node

    def insert(self, node: File | Directory) -> None:
        """Add a node together with everything below it, in one step. Errors as for :meth:`add_directory`."""
        assert node.parent is not None
        self._insert(node.parent, node)

    def add_tables(self, directory: Directory, tables: tuple[Table, ...]) -> None:
        """Add ``tables`` to ``directory``. ``EEXIST`` if a name is taken; then no table is added."""
        with self.lock:
            if not directory.alive:
                raise fail(ENOENT, directory.name)
            for name in (name for table in tables for name in table):
                if name in directory.children or find_entry(directory.tables, name) is not None:
                    raise self._taken(directory, name)
            directory.tables = directory.tables + tables

    def _insert(self, parent: Directory, node: Node) -> None:
        name = node.name
        with self.lock:
            if not parent.alive:
                raise fail(ENOENT, name)
            if name not in parent.children and not (parent.tables and find_entry(parent.tables, name)):
                parent.children[name] = node
                if node.__class__ is Directory:
                    parent.directories += 1
                return
        raise self._taken(parent, name)

    def _taken(self, directory: Directory, name: str) -> OSError:
        self.log(f"sysfs: cannot create duplicate filename '/{path_of(directory)}/{name}'")
        return fail(EEXIST, name)

    # Removing

    def remove(self, node: Directory | File) -> None:
        """Remove a file, or a directory and everything below it. Waits until their shows and stores have ended."""
        with self.lock:
            if node.parent is not None and node.parent.children.get(node.name) is node:
                _detach(node.parent, node.name)
            busy = _kill(node)
        if busy or self.on_gone is not None:
            self._finish_removal((node,), busy)

    def remove_child(self, directory: Directory, name: str) -> None:
        """Remove the link or file called ``name`` if it exists. Waits as :meth:`remove` does."""
        with self.lock:
            node = _detach(directory, name)
            if node is None:
                return
            busy = _kill(node) if node.__class__ is not Link else []
        if busy or self.on_gone is not None:
            self._finish_removal((node,), busy)

    def remove_tables(self, directory: Directory, tables: tuple[Table, ...]) -> None:
        """Remove ``tables`` from ``directory``. Waits for the shows and stores of their files."""
        with self.lock:
            if tables is directory.tables:
                directory.tables = NO_TABLES
            else:
                gone = {id(table) for table in tables}
                directory.tables = tuple([table for table in directory.tables if id(table) not in gone])
            if not directory.has_looked:
                return
            detached = [_detach(directory, name) for table in tables for name in table]
            nodes = [node for node in detached if node is not None]
            busy = [file for node in nodes for file in _kill(node)]
        self._finish_removal(nodes, busy)

    def _finish_removal(self, gone: Sequence[Node], busy: list[File]) -> None:
        """Report the removed nodes, then wait until the files in ``busy`` are inactive."""
        if self.on_gone is not None:
            self.on_gone(gone)
        if busy:
            with self.lock:
                for file in busy:
                    self._wait_until_idle(file)

    def _wait_until_idle(self, file: File) -> None:
        if not file.active:
            return
        self.waits.wait_for(self.idle, lambda: not file.active, f"the users of {file.name} to end")

    def remove_self(self, file: File) -> bool:
        """Remove ``file`` from within its own store, as the kernel's kernfs_remove_self does (fact D1).

        One of several concurrent callers wins: it removes the file and returns True. The others return False, but
        only after the winner's whole store has ended.
        """
        with self.lock:
            file.active -= 1  # do not wait for the caller's own store
            wins = file.self_removal is None
            if wins:
                file.self_removal = "begun"
                if file.parent.children.get(file.name) is file:
                    del file.parent.children[file.name]
                file.alive = False
                file.owner = None
            self.idle.notify_all()
        if wins:
            self._finish_removal((file,), [])
        with self.lock:
            try:
                if wins:
                    self._wait_until_idle(file)
                    file.self_removal = "done"
                else:
                    self.waits.wait_for(
                        self.idle,
                        lambda: file.self_removal == "done" and not file.active,
                        f"the writer that removes {file.name}",
                    )
                return wins
            finally:
                file.active += 1

    # Using a file

    def begin(self, file: File) -> Any:
        """Mark ``file`` as active, which blocks its removal, and return its owner. ``ENODEV`` if it was removed."""
        with self.lock:
            if not file.alive:
                raise fail(ENODEV, file.name)
            file.active += 1
            return file.owner

    def end(self, file: File) -> None:
        with self.lock:
            file.active -= 1
            if not file.alive:
                self.idle.notify_all()

    # Looking

    def walk(self, path: str, follow: bool = True) -> Node:
        """Return the node at ``path`` below the root. A link at the end is followed only if ``follow`` is set.

        ``ENOENT`` if the path does not exist, ``ENOTDIR`` if a file is used as a directory.
        """
        node: Node = self.root
        for part in path.split("/"):
            if not part or part == ".":
                continue
            if isinstance(node, Link):
                node = _target(node, path)
            if not isinstance(node, Directory):
                raise fail(ENOTDIR, path)
            if part == "..":
                node = node.parent or node
            else:
                node = node.children.get(part) or self._materialise(node, part, path)
        if isinstance(node, Link) and (follow or path.endswith("/")):
            return _target(node, path)
        return node

    def child(self, directory: Directory, name: str) -> Node:
        """Return the node called ``name`` in ``directory``. ``ENOENT`` if it does not exist."""
        return directory.children.get(name) or self._materialise(directory, name, name)

    def names(self, directory: Directory) -> list[str]:
        """Return the sorted names of the entries of ``directory``."""
        with self.lock:
            found = set(directory.children)
            for table in directory.tables:
                found.update(table)
        if self.listed is not None:
            self.listed(directory)
        return sorted(found)

    def count_directories(self, directory: Directory) -> int:
        """Return the number of sub-directories, including those not looked up yet, without counting other children."""
        with self.lock:
            unseen = [
                entry
                for table in directory.tables
                for name, entry in table.items()
                if isinstance(entry, AttributeGroup) and name not in directory.children
            ]
            return directory.directories + len(unseen)

    def _materialise(self, directory: Directory, name: str, path: str) -> Node:
        with self.lock:
            child = directory.children.get(name)
            if child is None:
                entry = find_entry(directory.tables, name) if directory.alive else None
                if entry is None:
                    raise fail(ENOENT, path)
                child = directory.children[name] = node_for(entry, directory)
                directory.has_looked = True
                directory.directories += isinstance(child, Directory)
            return child


def _target(link: Link, path: str) -> Directory:
    if not link.target.alive:
        raise fail(ENOENT, path)
    return link.target


def _detach(directory: Directory, name: str) -> Node | None:
    node = directory.children.pop(name, None)
    if node.__class__ is Directory:
        directory.directories -= 1
    return node


def _kill(node: Node) -> list[File]:
    """Mark ``node`` and everything below it as removed and return the active files.

    References are cleared, so that no cycle is left to the garbage collector.
    """
    if isinstance(node, Link):
        return []
    node.alive = False
    node.owner = None
    if isinstance(node, File):
        return [node] if node.active else []
    busy = [file for child in node.children.values() for file in _kill(child)] if node.children else []
    node.children.clear()
    node.tables = NO_TABLES
    return busy
