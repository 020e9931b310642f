"""Generates reST for the guide from the classes: the keys of a host's file and the drivers' options."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator

import msgspec
from msgspec import inspect as shapes

from mdevref.drivers.vendor import VendorDriver
from mdevref.host import DRIVERS
from mdevref.hosts import description


def keys(name: str) -> str:
    """Return the docstring of a class of :mod:`mdevref.hosts.description`, with a table of its keys."""
    struct = getattr(description, name)
    shape = shapes.type_info(struct)
    assert isinstance(shape, shapes.StructType)
    return "\n".join([_doc(struct), "", *_table(shape)])


def options() -> str:
    """Return a definition list of the drivers, with the options, defaults and docstring of each."""
    lines: list[str] = []
    for name, driver in DRIVERS.items():
        if isinstance(driver, type) and issubclass(driver, VendorDriver):
            known = {key: value for key, value in driver.defaults.items() if key != "addresses"}
            default = ", ".join(f"``{key} = {json.dumps(value)}``" for key, value in known.items()) or "no options"
            lines += [f"{name}: {default}", *(f"   {line}" for line in _doc(driver).splitlines()), ""]
    return "\n".join(lines)


def _doc(thing: type) -> str:
    return inspect.getdoc(thing) or ""


def _table(shape: shapes.StructType) -> Iterator[str]:
    yield ".. list-table::"
    yield "   :header-rows: 1"
    yield "   :widths: 16 20 14 50"
    yield ""
    yield from _row("Key", "Value", "Default", "Meaning")
    if shape.tag_field is not None:
        yield from _row(f"``{shape.tag_field}``", f"``{json.dumps(shape.tag)}``", "required", "The kind of fault.")
    for field in shape.fields:
        left_out = "required" if field.required else _default(field)
        yield from _row(f"``{field.encode_name}``", _kind(field.type), left_out, _meaning(field.type))


def _row(*cells: str) -> Iterator[str]:
    for number, cell in enumerate(cells):
        yield f"   {'* -' if not number else '  -'} {cell}"


def _default(field: shapes.Field) -> str:
    if field.default in (None, (), "") or field.default is msgspec.NODEFAULT:
        return "none"
    return f"``{json.dumps(field.default)}``"


def _meaning(shape: shapes.Type) -> str:
    if not isinstance(shape, shapes.Metadata):
        return ""
    found: str = (shape.extra_json_schema or {}).get("description", "")
    return found


def _kind(shape: shapes.Type) -> str:
    match shape:
        case shapes.Metadata():
            return _kind(shape.type)
        case shapes.StrType():
            return "text"
        case shapes.BoolType():
            return "true or false"
        case shapes.IntType():
            return "number"
        case shapes.FloatType():
            return "seconds"
        case shapes.VarTupleType():
            return f"list of {_kind(shape.item_type)}s"
        case shapes.StructType() | shapes.DictType():
            return "table"
        case shapes.UnionType():
            kinds = [_kind(each) for each in shape.types if not isinstance(each, shapes.NoneType)]
            return " or ".join(dict.fromkeys(kinds))
    raise TypeError(f"no description for the type {shape}")
