"""Find out what a machine has, by reading its tree, and choose what a scenario needs: it names no vendor."""

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

#: What a type that does not tell is taken to have: whether it must tell is another requirement's matter.
PLENTY = 1 << 20


@dataclass(frozen=True, slots=True)
class Parent:
    """A parent: its name in the class, and the path of its directory."""

    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Type:
    """A type: its parent and its id."""

    parent: Parent
    id: str

    @property
    def path(self) -> str:
        """Its directory."""
        return f"{self.parent.path}/{TYPES}/{self.id}"


def follow(files: Files, path: str, root: str = "") -> str:
    """Where the link at ``path`` leads, as a path; ``root`` is what an absolute link begins with. OSError: none."""
    text = files.readlink(path)
    if text.startswith("/"):
        return normpath(text).removeprefix(root.rstrip("/")).lstrip("/")
    return normpath(join(path, "..", text))


def parents(files: Files, root: str = "") -> Iterator[Parent]:
    """The parents that the class lists, by name; none where there is no class."""
    try:
        names = sorted(files.listdir(CLASS))
    except FileNotFoundError:  # until 5.12 the class is not there before the first parent
        return
    for name in names:
        try:
            yield Parent(name, follow(files, f"{CLASS}/{name}", root))
        except OSError:  # an entry that is no link is no parent; that there is none is for another scenario to find
            continue


def types(files: Files, parent: Parent) -> Iterator[Type]:
    """The types of a parent, by id; none where it has no directory of types, which another scenario will find."""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        for id in sorted(files.listdir(f"{parent.path}/{TYPES}")):
            yield Type(parent, id)


def instances(files: Files, type: Type) -> int:
    """How many devices of a type can be created, as it tells."""
    try:
        return int(files.read(f"{type.path}/available_instances"))
    except (OSError, ValueError):
        return PLENTY


def fitting(files: Files, among: Iterator[Parent], least: int = 1) -> Iterator[Type]:
    """The types with at least so many instances available, one by one: the tree is read no further than needed."""
    for parent in among:
        for type in types(files, parent):
            if instances(files, type) >= least:
                yield type


def fewest(files: Files, among: Iterator[Parent]) -> tuple[Type, int]:
    """The type with the fewest instances available, of those that have any, and how many; Unsupported: none has."""
    counted = [(instances(files, type), type) for parent in among for type in types(files, parent)]
    told = [(count, type) for count, type in counted if 0 < count < PLENTY]
    if not told:
        raise Unsupported("no type tells that it has an instance available")
    count, type = min(told, key=lambda pair: pair[0])
    return type, count
