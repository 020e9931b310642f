"""What a document states by names alone (files of a tree, members, functions, bytes), held against spec and reference.

Prose is compared by its words, and that finds a change but not what it is about. A name can be looked up: a file that
the document's tree has must stand in a table of the spec, and must be there on the reference host.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from mdevref.suite.document import Document, Statement
from mdevref.suite.outline import Outline

Holder = Literal["document", "spec", "reference"]
Topic = Literal["function", "driver", "ops", "parent", "type", "device", "sample", "config"]
TOPICS: tuple[Topic, ...] = get_args(Topic)
#: Name -> what else is said of it: a function's types, a member's type, a byte; empty where the name is all.
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
#: Where the document names all there are: what the spec has beyond it is missing there.
_WHOLE: tuple[Topic, ...] = ("function", "driver", "ops")
#: The tables of the spec and the column that has the name; None takes all of a row's other cells as the rest.
_TABLES: tuple[tuple[Topic, str, str], ...] = (
    ("function", "functions", "case"),
    ("driver", "bus-driver-members", "case"),
    ("ops", "mandatory-ops", "case"),
    ("ops", "optional-ops", "case"),
    ("device", "complete-device", "entry"),
    ("config", "sample-config", "case"),
)
_NO_NAMES = {"ops", "all of them"}  # rows of those tables that are about no member, or about several


@dataclass(frozen=True, slots=True)
class Difference:
    """A name that document, spec and reference do not agree on.

    ``said`` is what each of those that were asked says of the name, None where it has none such. ``errata`` tell of it.
    """

    topic: Topic
    name: str
    said: Mapping[Holder, str | None]
    errata: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """As an erratum names it."""
        return f"{self.topic}/{self.name}"


def compare(document: Document, heads: Outline) -> Iterator[Difference]:
    """Every difference, by topic, in the order of the document."""
    from mdevref.suite.targets.reference_names import reference_names

    said, required, shown = stated(document), tabled(heads), reference_names()
    explained: dict[str, tuple[str, ...]] = {}
    for erratum in heads.errata.values():
        for id in erratum.words("facts"):
            explained[id] = (*explained.get(id, ()), erratum.id)
    for topic in TOPICS:
        ours, theirs, here = required.get(topic), said.get(topic, {}), shown.get(topic)
        # A document that has no such list at all is not missing single names of it; its drift tells of the list.
        lacking = [name for name in ours or () if name not in theirs] if theirs and topic in _WHOLE else []
        names = [*theirs, *lacking]
        for name in names:
            asked: dict[Holder, Names | None] = {"document": theirs, "spec": ours, "reference": here}
            values = {holder: has.get(name) for holder, has in asked.items() if has is not None}
            if None in values.values() or len(set(values.values()) - {""}) > 1:
                yield Difference(topic, name, values, explained.get(f"{topic}/{name}", ()))


# -- The document


def stated(document: Document) -> Facts:
    """The names that a document states."""
    facts: Facts = {}
    lists = {_list_of(each) for each in document.statements} - {""}
    for each in document.statements:
        for topic, name, rest in _stated(each, lists):
            facts.setdefault(topic, {}).setdefault(name, rest)
    return facts


_LIST = re.compile(r"The (?:structures|functions|callbacks) in the \w+ structure are as follows:")


def _list_of(statement: Statement) -> str:
    """The section of which the items are members of a structure."""
    return statement.section if _LIST.match(statement.text) else ""


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
    elif name := re.fullmatch(r"\[?(\w+)\]?(?: \{.*\})?", last):
        container = above.rpartition("/")[2]
        if container == "[<type-id>]":
            yield "type", name[1], ""
        elif "UUID" in container:
            yield "device", name[1], ""
        elif container.startswith("[parent"):
            yield "parent", name[1], ""


def signature(prototype: str) -> str:
    """The types of a prototype, without the names of its parameters: ``int (struct device *, int)``."""
    match = re.fullmatch(r"(.*?)\b\w+\((.*)\);?", prototype)
    return f"{match[1].strip()} ({_types(match[2])})" if match else prototype


def member_type(member: str) -> str:
    """The type of a member, as in ``struct s: int (*probe)(struct device *dev);``: ``int (*)(struct device *)``."""
    declared = member.partition(": ")[2].rstrip(";")
    if match := re.fullmatch(r"(.*)\(\*\w+\)\((.*)\)", declared):
        return f"{match[1]}(*)({_types(match[2])})"
    return _types(declared)


def _types(declarations: str) -> str:
    """``struct device *, int`` of ``struct device *dev, int prot``."""
    return ", ".join(re.sub(r"(?<=[\s*])\w+$", "", each.strip()).strip() for each in declarations.split(","))


# -- The spec


def tabled(heads: Outline) -> Facts:
    """The names that tables and steps of the spec state."""
    facts: Facts = {}
    for topic, id, column in _TABLES:
        if (table := heads.cases.get(id)) is not None:
            columns, *rows = table.rows
            for row in rows:
                cells = dict(zip(columns, row, strict=True))
                name = cells.pop(column).removeprefix("{uuid}/").split("/")[-1]
                if name not in _NO_NAMES:
                    facts.setdefault(topic, {})[name] = _rest(topic, cells)
    for head in heads.requirements.values():
        for step in head.steps:
            if every := re.fullmatch(r'every type has nothing but "(.+)"', step):
                facts["type"] = dict.fromkeys(every[1].split(", "), "")
            elif supported := re.fullmatch(r'"(\w+)" of every parent is a directory', step):
                facts.setdefault("parent", {})[supported[1]] = ""
    return facts


def _rest(topic: Topic, cells: Mapping[str, str]) -> str:
    if topic == "function":
        return f"{cells['gives']} ({cells['takes']})"
    return cells.get({"driver": "type", "config": "value"}.get(topic, ""), "")
