"""Compare the names in a document (files of a tree, members, functions, bytes) with the spec and the reference.

Comparing words detects a change of prose but not its subject. A name can be looked up: a file in the document's tree
must be in a table of the spec, and must exist on the reference host.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from mdevref.suite.spec.outline import Outline
from mdevref.suite.targets.reference.names import reference_names
from mdevref.suite.trace.document import Document, Statement

Holder = Literal["document", "spec", "reference"]
Topic = Literal["function", "driver", "ops", "parent", "type", "device", "sample", "config"]
TOPICS: tuple[Topic, ...] = get_args(Topic)
#: Maps a name to its value (a function's types, a member's type, a byte), or to an empty string if it has none.
Names = dict[str, str]
Facts = dict[Topic, Names]

MEANINGS: dict[Topic, str] = {
    "function": "function",
    "driver": "member of struct mdev_driver",
    "ops": "member of the ops of a physical device",
    "parent": "entry of a physical device",
    "type": "entry of a type",
    "device": "entry of a mediated device",
    "sample": "entry of mtty",
    "config": "byte of mtty's configuration space",
}
#: The topics whose names the document lists completely: a further name in the spec is missing in the document.
_WHOLE: tuple[Topic, ...] = ("function", "driver", "ops")
#: The tables of the spec, each with the topic of its names and the column that holds them.
_TABLES: tuple[tuple[Topic, str, str], ...] = (
    ("function", "functions", "case"),
    ("driver", "bus-driver-members", "case"),
    ("ops", "mandatory-ops", "case"),
    ("ops", "optional-ops", "case"),
    ("device", "complete-device", "entry"),
)
_NO_NAMES = {"ops", "all"}  # rows of those tables that do not stand for one member


@dataclass(frozen=True, slots=True)
class Difference:
    """A name on which document, spec and reference disagree.

    ``said`` maps each of those that list such names to its value for the name, or to None if the name is missing there.
    ``errata`` are the errata that explain the difference.
    """

    topic: Topic
    name: str
    said: Mapping[Holder, str | None]
    errata: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The fact as an erratum names it."""
        return f"{self.topic}/{self.name}"


def compare(document: Document, heads: Outline) -> Iterator[Difference]:
    """Yield every difference, by topic and in the order of the document."""
    said, required, shown = stated(document), tabled(heads), reference_names()
    explained: dict[str, tuple[str, ...]] = {}
    for erratum in heads.errata.values():
        for id in erratum.words("facts"):
            explained[id] = (*explained.get(id, ()), erratum.id)
    for topic in TOPICS:
        ours, theirs, here = required.get(topic), said.get(topic, {}), shown.get(topic)
        # Report missing names only if the document has such a list; its drift reports a list that is missing.
        lacking = [name for name in ours or () if name not in theirs] if theirs and topic in _WHOLE else []
        names = [*theirs, *lacking]
        for name in names:
            asked: dict[Holder, Names | None] = {"document": theirs, "spec": ours, "reference": here}
            values = {holder: has.get(name) for holder, has in asked.items() if has is not None}
            if None in values.values() or len(set(values.values()) - {""}) > 1:
                yield Difference(topic, name, values, explained.get(f"{topic}/{name}", ()))


# -- The document


def stated(document: Document) -> Facts:
    """Return the names that a document states."""
    facts: Facts = {}
    lists = {_list_of(each) for each in document.statements} - {""}
    for each in document.statements:
        for topic, name, rest in _stated(each, lists):
            facts.setdefault(topic, {}).setdefault(name, rest)
    return facts


_LIST = re.compile(r"\bin the \w+ structure\b.*:$")  # the end of a sentence that introduces a list of members
#: An entry of a tree, with the brackets of a directory and a remark: ``[optional]``, ``{link to its type}``.
_ENTRY = re.compile(r"\[?([\w.:-]+)\]?(?: [\[{(].*)?")
_ANY_NAME = "vendor-specific-attributes"  # a placeholder for names


def _list_of(statement: Statement) -> str:
    """Return the statement's section if the statement introduces a list of a structure's members, else nothing."""
    return statement.section if _LIST.search(statement.text) else ""


def _stated(statement: Statement, lists: set[str]) -> Iterator[tuple[Topic, str, str]]:
    match statement.kind:
        case "prototype":
            yield "function", statement.name, signature(statement.text)
        case "member" if statement.name.startswith("mdev_driver."):
            yield "driver", statement.name.partition(".")[2], member_type(statement.text)
        case "item" if statement.section in lists and statement.name:
            yield "ops", statement.name, ""
        case "tree":
            yield from _entry(statement.text.split(" -> ")[0])
        case "dump":
            first, *values = statement.text.replace(":", "").split()
            yield from (("config", f"{int(first, 16) + n:02x}", value) for n, value in enumerate(values))


def _entry(path: str) -> Iterator[tuple[Topic, str, str]]:
    above, _, last = path.rpartition("/")
    if path.startswith("/sys/devices/virtual/mtty/mtty/"):
        yield "sample", path.removeprefix("/sys/devices/virtual/mtty/mtty/"), ""
    elif (name := _ENTRY.fullmatch(last)) and name[1].lower() != _ANY_NAME:
        container = above.rpartition("/")[2]
        if container == "[<type-id>]":
            yield "type", name[1], ""
        elif "UUID" in container:
            yield "device", name[1], ""
        elif container.startswith("[parent"):
            yield "parent", name[1], ""


def signature(prototype: str) -> str:
    """Return the types of a prototype, without the names of its parameters: ``int (struct device *, int)``."""
    match = re.fullmatch(r"(.*?)\b\w+\((.*)\);?", prototype)
    return f"{match[1].strip()} ({_types(match[2])})" if match else prototype


def member_type(member: str) -> str:
    """Return the type of a member: ``int (*)(struct device *)`` for ``struct s: int (*probe)(struct device *dev);``."""
    declared = member.partition(": ")[2].rstrip(";")
    if match := re.fullmatch(r"(.*)\(\*\w+\)\((.*)\)", declared):
        return f"{match[1]}(*)({_types(match[2])})"
    return _types(declared)


def _types(declarations: str) -> str:
    """Return the types of declarations: ``struct device *, int`` for ``struct device *dev, int prot``."""
    return ", ".join(re.sub(r"(?<=[\s*])\w+(?=\[|:|$)", "", each.strip()).strip() for each in declarations.split(","))


# -- The spec


def tabled(heads: Outline) -> Facts:
    """Return the names in the tables and steps of the spec."""
    facts: Facts = {}
    for topic, id, column in _TABLES:
        if id in heads.cases:
            for cells in _rows(heads, id):
                name = cells.pop(column).removeprefix("{uuid}/").split("/")[-1]
                if name not in _NO_NAMES:
                    facts.setdefault(topic, {})[name] = _rest(topic, cells)
    for head in heads.requirements.values():
        for step in head.steps:
            if every := re.fullmatch(r'every type contains only "(.+)"', step):
                facts["type"] = dict.fromkeys(every[1].split(", "), "")
            elif supported := re.fullmatch(r'"(\w+)" of every parent is a directory', step):
                facts.setdefault("parent", {})[supported[1]] = ""
    return facts | _sample(heads)


def _rest(topic: Topic, cells: Mapping[str, str]) -> str:
    if topic == "function":
        return f"{cells['gives']} ({cells['takes']})"
    return cells["type"] if topic == "driver" else ""


#: The bytes of configuration space that a guest writes before its lspci runs: two BARs and the interrupt line.
GUESTS = (*range(0x10, 0x18), 0x3C)


def _sample(heads: Outline) -> Facts:
    """Return the names and bytes of the spec's chapter on the sample; empty if there is no such chapter."""
    if "sample-config" not in heads.cases:
        return {}
    types = {row["case"]: row["type"] for row in _rows(heads, "sample-types")}
    entries = [row["entry"] for row in _rows(heads, "sample-parent-entries")]
    entries += [
        f"mdev_supported_types/{types[row['ports']]}/{row['entry']}" for row in _rows(heads, "sample-type-entries")
    ]
    for head in heads.requirements.values():
        if head.options.get("interface") == "sample":
            entries += [name for step in head.steps for name in re.findall(r'"([\w./-]+)" of', step)]
    parts = [entry.split("/") for entry in entries]
    paths = {"/".join(each[:count]): "" for each in parts for count in range(1, len(each) + 1)}
    values: dict[int, str] = {}
    for row in _rows(heads, "sample-config-zero"):
        first = int(row["offset"], 16)
        values |= dict.fromkeys(range(first, first + int(row["count"])), "00")
    for row in _rows(heads, "sample-config"):
        values |= {int(row["offset"], 16) + n: f"{byte:02x}" for n, byte in enumerate(bytes.fromhex(row["bytes"]))}
    config = {f"{offset:02x}": "" if offset in GUESTS else value for offset, value in values.items()}
    return {"sample": paths, "config": config}


def _rows(heads: Outline, id: str) -> list[dict[str, str]]:
    columns, *rows = heads.cases[id].rows
    return [dict(zip(columns, row, strict=True)) for row in rows]
