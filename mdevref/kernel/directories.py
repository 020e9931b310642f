"""What the tree is made of: directories, attribute files and symbolic links.

A directory has children of its own, and *tables* of entries that it shares with others of its kind (every device has a
``uevent`` file). An entry of a table becomes a node only when somebody looks, so that a device costs one directory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from mdevref.kernel.attributes import Attribute, AttributeGroup


class Shortcut:
    """A symbolic link to a directory that is known beforehand, such as ``subsystem``."""

    __slots__ = ("name", "target")

    def __init__(self, name: str, target: Directory) -> None:
        self.name = name
        self.target = target


Entry: TypeAlias = Attribute | AttributeGroup | Shortcut
Table: TypeAlias = Mapping[str, Entry]

NO_TABLES: tuple[Table, ...] = ()


class Directory:
    """A directory: ``owner`` is the object it stands for, handed to the attributes of its tables."""

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
        self.directories = 0  # among the children
        self.has_looked = False  # whether any entry of a table has become a child
        self.inode = 0  # for whoever shows the tree to processes

    def put(self, node: Node) -> None:
        """Have a child. The caller has seen that the name is free, and that nobody else looks or changes anything."""
        self.children[node.name] = node
        if node.__class__ is Directory:
            self.directories += 1


#: The directory of an object that is not in the tree.
NOWHERE = Directory("", None)
NOWHERE.alive = False


class File:
    """An attribute file. ``active`` counts the shows and stores that run; the other flags belong to self-removal."""

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
    """The entry of that name, of the first table that has one."""
    for table in tables:
        entry = table.get(name)
        if entry is not None:
            return entry
    return None


def node_for(entry: Entry, directory: Directory) -> Node:
    """The node that ``entry`` of a table becomes in ``directory``."""
    if isinstance(entry, Attribute):
        return File(entry, directory, directory.owner)
    if isinstance(entry, AttributeGroup):
        assert entry.name is not None
        return Directory(entry.name, directory, directory.owner, (entry.flat,))
    return Link(entry.name, directory, entry.target)


def ancestors(node: Node) -> Iterator[Directory]:
    """The directory above, the one above that, up to the root."""
    above = node.parent
    while above is not None:
        yield above
        above = above.parent


def path_of(node: Node) -> str:
    """The path below the root, without a leading slash."""
    names = [node.name, *(above.name for above in ancestors(node))]
    return "/".join(reversed(names[:-1]))


def link_text(link: Link) -> str:
    """What readlink says: up from the link to the nearest directory that is above both, and down to the target."""
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
