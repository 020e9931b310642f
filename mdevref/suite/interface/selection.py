"""Read a machine's tree for its parents and types, and choose those that a scenario needs. Scenarios name no vendor."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from posixpath import join, normpath

from mdevref.suite.interface.files import Files
from mdevref.suite.interface.unsupported import Unsupported

CLASS = "class/mdev_bus"
BUS = "bus/mdev"
TYPES = "mdev_supported_types"
SAMPLE = "mtty"  #: the sample driver, and its parent

#: The number assumed for a type without available_instances; another requirement tests whether that attribute exists.
PLENTY = 1 << 20


@dataclass(frozen=True, slots=True)
class Parent:
    """A parent device: its name in the class, and the path of its directory."""

    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Type:
    """A type: its parent and its id."""

    parent: Parent
    id: str

    @property
    def path(self) -> str:
        """The path of its directory."""
        return f"{self.parent.path}/{TYPES}/{self.id}"


def follow(files: Files, path: str, root: str = "") -> str:
    """Return the path that the link at ``path`` leads to; ``root`` is the prefix of an absolute link.

    Raises OSError if there is no link.
    """
    text = files.readlink(path)
    if text.startswith("/"):
        return normpath(text).removeprefix(root.rstrip("/")).lstrip("/")
    return normpath(join(path, "..", text))


def parents(files: Files, root: str = "") -> Iterator[Parent]:
    """Yield the parents that the class lists, sorted by name; none if the class does not exist."""
    try:
        names = sorted(files.listdir(CLASS))
    except FileNotFoundError:  # until 5.12 the class does not exist before the first parent is registered
        return
    for name in names:
        try:
            yield Parent(name, follow(files, f"{CLASS}/{name}", root))
        except OSError:  # an entry that is not a link is not a parent; another scenario reports it
            continue


def types(files: Files, parent: Parent) -> Iterator[Type]:
    """Yield the types of a parent, sorted by id; none if it has no directory of types (another scenario reports it)."""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        for id in sorted(files.listdir(f"{parent.path}/{TYPES}")):
            yield Type(parent, id)


def instances(files: Files, type: Type) -> int:
    """Return how many devices of a type can be created, according to its available_instances."""
    try:
        return int(files.read(f"{type.path}/available_instances"))
    except (OSError, ValueError):
        return PLENTY


def fitting(files: Files, among: Iterator[Parent], least: int = 1) -> Iterator[Type]:
    """Yield the types with at least ``least`` available instances, reading no more of the tree than needed."""
    for parent in among:
        for type in types(files, parent):
            if instances(files, type) >= least:
                yield type


def fewest(files: Files, among: Iterator[Parent]) -> tuple[Type, int]:
    """Return the type with the fewest, but some, available instances, and their number.

    Raises Unsupported if no type reports an available instance.
    """
    counted = [(instances(files, type), type) for parent in among for type in types(files, parent)]
    told = [(count, type) for count, type in counted if 0 < count < PLENTY]
    if not told:
        raise Unsupported("no type reports an available instance")
    count, type = min(told, key=lambda pair: pair[0])
    return type, count
