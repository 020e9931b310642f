"""Read only the heads of the spec's directives, line by line, in a hundredth of a second; the trace needs no more.

:func:`~mdevref.suite.spec.reader.read` parses and validates the whole spec, but needs docutils and most of a second. A
test checks that both agree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mdevref.suite.data import shown
from mdevref.suite.errors import BadInput

_HEAD = re.compile(r"\.\. (requirement|cases|erratum):: (\S+)\s*")
_OPTION = re.compile(r"   :([a-z-]+):(?: +(.*))?")
_SCENARIO = re.compile(r"\s+\.\. scenario(-outline)?:: ")
_STEP = re.compile(r"      +(?:Given|When|Then|And|But) (.+)")


@dataclass(frozen=True, slots=True)
class Head:
    """A directive: its kind, id and options, with the rows of its table or the texts of its scenarios' steps."""

    kind: str
    id: str
    options: Mapping[str, str]
    scenarios: int = 0
    rows: tuple[tuple[str, ...], ...] = ()
    steps: tuple[str, ...] = ()

    def words(self, option: str) -> tuple[str, ...]:
        """Return the words of an option that holds several."""
        return tuple(self.options.get(option, "").split())


@dataclass(frozen=True, slots=True)
class Outline:
    """The requirements, tables and errata of a spec, by id."""

    requirements: Mapping[str, Head]
    cases: Mapping[str, Head]
    errata: Mapping[str, Head]

    def naming(self, kind: Mapping[str, Head]) -> dict[str, tuple[str, ...]]:
        """Map each statement to the ids of this kind that name it as a source, in the order of the spec."""
        found: dict[str, tuple[str, ...]] = {}
        for head in kind.values():
            for key in head.words("source"):
                found[key] = (*found.get(key, ()), head.id)
        return found


def read(spec_dir: Path) -> Outline:
    """Return the outline of the spec in ``spec_dir``. Raises :class:`BadInput` if a file cannot be read."""
    heads: dict[str, dict[str, Head]] = {"requirement": {}, "cases": {}, "erratum": {}}
    for path in sorted(spec_dir.glob("*.rst")):
        try:
            text = path.read_text()
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(f"{shown(path)}: {error}") from error
        for head in _heads(text.splitlines()):
            heads[head.kind][head.id] = head
    return Outline(heads["requirement"], heads["cases"], heads["erratum"])


def _heads(lines: list[str]) -> Iterator[Head]:
    begin = None
    for number, line in enumerate([*lines, "."]):
        if line and not line[0].isspace():
            if begin is not None:
                yield _head(lines[begin:number])
            begin = number if _HEAD.fullmatch(line) else None


def _head(block: list[str]) -> Head:
    match = _HEAD.fullmatch(block[0])
    assert match is not None
    options: dict[str, str] = {}
    name = ""
    for line in block[1:]:
        if option := _OPTION.fullmatch(line):
            name = option[1]
            options[name] = option[2] or ""
        elif not line.strip() or not name:
            break
        else:
            options[name] += f" {line.strip()}"
    scenarios = sum(1 for line in block if _SCENARIO.match(line))
    rows = [_row(line) for line in block if line.strip().startswith("|")] if match[1] == "cases" else []
    steps = tuple(step[1] for line in block if (step := _STEP.fullmatch(line))) if scenarios else ()
    return Head(match[1], match[2], options, scenarios, tuple(rows), steps)


def _row(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip()[1:-1]))
