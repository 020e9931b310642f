"""The nodes of the tree: directories, attribute files and symbolic links.

A directory has its own children and *tables* of entries that it shares with directories of the same kind. For
example, every device has a ``uevent`` file. A table entry becomes a node only when it is first looked up, so a new
device costs one directory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from mdevref.kernel.attributes import Attribute, AttributeGroup


class Shortcut:
    """A table entry for a symbolic link with a fixed target, such as ``subsystem``."""

    __slots__ = ("name", "target")

    def __init__(self, name: str, target: Directory) -> None:
        self.name = name
        self.target = target


Entry: TypeAlias = Attribute | AttributeGroup | Shortcut
Table: TypeAlias = Mapping[str, Entry]

NO_TABLES: tuple[Table, ...] = ()


class Directory:
    """A directory. ``owner`` is the object that it represents; the attributes of its tables receive it."""

    __slots__ = ("alive", "children", "directories", "has_looked", "inode", "name", "owner", "parent", "tables")

    def __init__(
        self, name: str, parent: Directory | None, owner: Any = None, tables: tuple[Table, ...] = NO_TABLES
    ) -> None:
        self.name = name
        self.parent = parent
        self.owner = owner
        self.tables = tables
        self.children: dict[str, Node] = {}
        self.alive = True
        self.directories = 0  # number of children that are directories
        self.has_looked = False  # whether any table entry has become a child
        self.inode = 0  # used by servers that expose the tree to processes

    def put(self, node: Node) -> None:
        """Add a child. The caller ensures that the name is free and that no other thread uses the directory."""
        self.children[node.name] = node
        if node.__class__ is Directory:
            self.directories += 1


#: The directory of an object that is not in the tree.
NOWHERE = Directory("", None)
NOWHERE.alive = False


class File:
    """An attribute file. ``active`` counts running shows and stores; ``self_removal`` is the state of self-removal."""

    __slots__ = ("active", "alive", "attribute", "inode", "mode", "name", "owner", "parent", "self_removal")

    def __init__(self, attribute: Attribute, parent: Directory, owner: Any) -> None:
        self.name = attribute.name
        self.attribute = attribute
        self.mode = attribute.mode
        self.parent = parent
        self.owner = owner
        self.alive = True
        self.active = 0
        self.self_removal: str | None = None  # None, then "begun", then "done"
        self.inode = 0


class Link:
    """A symbolic link to a directory."""

    __slots__ = ("inode", "name", "parent", "target")

    def __init__(self, name: str, parent: Directory, target: Directory) -> None:
        self.name = name
        self.parent = parent
        self.target = target
        self.inode = 0


Node = Directory | File | Link


def find_entry(tables: tuple[Table, ...], name: str) -> Entry | None:
    """Return the entry called ``name`` from the first table that contains one, or None."""
    for table in tables:
        entry = table.get(name)
        if entry is not None:
            return entry
    return None


def node_for(entry: Entry, directory: Directory) -> Node:
    """Return a new node for the table entry ``entry`` in ``directory``."""
    if isinstance(entry, Attribute):
        return File(entry, directory, directory.owner)
    if isinstance(entry, AttributeGroup):
        assert entry.name is not None
        return Directory(entry.name, directory, directory.owner, (entry.flat,))
    return Link(entry.name, directory, entry.target)


def ancestors(node: Node) -> Iterator[Directory]:
    """Yield the parent of ``node``, then its parent, up to the root."""
    above = node.parent
    while above is not None:
        yield above
        above = above.parent


def path_of(node: Node) -> str:
    """Return the path of ``node`` below the root, without a leading slash."""
    names = [node.name, *(above.name for above in ancestors(node))]
    return "/".join(reversed(names[:-1]))


def link_text(link: Link) -> str:
    """Return the text for readlink(2): the relative path through the nearest common ancestor of link and target."""
    down = [link.target.name]
    above_target = list(ancestors(link.target))
    ups = 0
    for base in ancestors(link):
        if base in above_target:
            for directory in above_target:
                if directory is base:
                    break
                down.append(directory.name)
            break
        ups += 1
    return "../" * ups + "/".join(reversed(down))
