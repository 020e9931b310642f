"""Attributes and attribute groups: data that is built once and shared by all directories of the same kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

#: ``show(owner)`` returns the content of the file; ``store(owner, data)`` handles written data. A store returns the
#: count for write(2), or None if it consumed all data. ``owner`` is the object that the file's directory represents.
Show = Callable[[Any], bytes]
Store = Callable[[Any, bytes], "int | None"]


class Attribute:
    """A file: its name, its permission bits, and its show and store callbacks.

    If a callback is None, the corresponding read or write fails with ``EIO``.
    """

    __slots__ = ("mode", "name", "show", "store")

    def __init__(self, name: str, mode: int, show: Show | None = None, store: Store | None = None) -> None:
        self.name = name
        self.mode = mode
        self.show = show
        self.store = store

    def __repr__(self) -> str:
        return f"Attribute({self.name!r}, 0o{self.mode:o})"


class AttributeGroup:
    """Attributes that are added and removed together.

    They appear in a sub-directory called ``name``, or in the device's own directory if ``name`` is None. ``entries``
    holds the entries that the group adds to a directory. ``flat`` maps names to attributes and ignores ``name``.
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
    """Return the attributes as a mapping from their names."""
    return {attribute.name: attribute for attribute in attributes}
