"""Attributes and groups of them, as data that is built once and shared by all directories of a kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

#: ``show(owner)`` gives the content, ``store(owner, data)`` acts on what was written. A store returns None when it took
#: everything, or the count that write(2) shall return. ``owner`` is the object that the file's directory stands for.
Show = Callable[[Any], bytes]
Store = Callable[[Any, bytes], "int | None"]


class Attribute:
    """A file: its name, its permission bits, and what reading and writing do. None for either answers ``EIO``."""

    __slots__ = ("mode", "name", "show", "store")

    def __init__(self, name: str, mode: int, show: Show | None = None, store: Store | None = None) -> None:
        self.name = name
        self.mode = mode
        self.show = show
        self.store = store

    def __repr__(self) -> str:
        return f"Attribute({self.name!r}, 0o{self.mode:o})"


class AttributeGroup:
    """Attributes that come and go together: a sub-directory of that name, or flat where ``name`` is None.

    ``entries`` is what a directory shows that has the group; ``flat`` the attributes by name, as if it had no name.
    """

    __slots__ = ("attributes", "entries", "flat", "name")

    def __init__(self, name: str | None, attributes: Sequence[Attribute]) -> None:
        self.name = name
        self.attributes = tuple(attributes)
        self.flat = table(*self.attributes)
        self.entries: Mapping[str, Attribute | AttributeGroup] = self.flat if name is None else {name: self}

    def __repr__(self) -> str:
        return f"AttributeGroup({self.name!r}, {list(self.flat)})"


def table(*attributes: Attribute) -> Mapping[str, Attribute]:
    """The attributes by name."""
    return {attribute.name: attribute for attribute in attributes}
