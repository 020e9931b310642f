"""Check ``spec/renamed.toml``: each entry must lead from an earlier name to exactly one current name."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from mdevref.suite.spec.model import Place, Scenario, Spec
from mdevref.suite.spec.renamed import FILE, Identity, Renamed, load

Finding = tuple[Place, str]
#: The table of the file, the key in it, and the earlier name.
_Entry = tuple[str, str, str]


def findings(spec: Spec, spec_dir: Path) -> Iterator[Finding]:
    """Yield each entry of ``renamed.toml`` that does not lead from an earlier name to one current name."""
    renamed = load(spec_dir)
    wrong = [*_names(renamed, spec), *_rows(renamed, spec)]
    lines = _lines(spec_dir / FILE) if wrong else {}
    for entry, text in wrong:
        yield Place(FILE, lines.get(entry, 0)), f"{entry[2]!r} of {entry[1]}: {text}"


def _names(renamed: Renamed, spec: Spec) -> Iterator[tuple[_Entry, str]]:
    titles = {requirement.id: set(map(_title, requirement.scenarios)) for requirement in spec.requirements()}
    earlier: set[Identity] = set()
    current: set[Identity] = set()
    for name in renamed.names:
        entry = name.table, *name.earlier
        requirement, title = name.current
        if requirement not in titles:
            yield entry, f"unknown requirement {requirement!r}"
        elif title not in titles[requirement]:
            yield entry, f"{requirement} has no scenario {title!r}"
        elif name.cases and not title.endswith(f" [<{name.cases}>]"):
            yield entry, f"{title!r} must name the same table of cases, {name.cases!r}"
        if name.earlier == name.current and name.cases not in renamed.rows:
            yield entry, "this name has not changed"
        elif name.earlier != name.current and name.earlier[1] in titles.get(name.earlier[0], ()):
            yield entry, "this is the name of a scenario today"
        if name.key in earlier:
            yield entry, "this earlier name is mapped twice"
        if name.current in current:
            yield entry, f"another earlier name is mapped to {title!r} of {requirement} too"
        earlier.add(name.key)
        current.add(name.current)


def _title(scenario: Scenario) -> str:
    return f"{scenario.title} [<{scenario.cases}>]" if scenario.cases else scenario.title


def _rows(renamed: Renamed, spec: Spec) -> Iterator[tuple[_Entry, str]]:
    for cases, names in renamed.rows.items():
        rows = {row[0] for row in spec.cases[cases].rows} if cases in spec.cases else None
        current: set[str] = set()
        for old, new in names.items():
            entry = "rows", cases, old
            if rows is None:
                yield entry, f"unknown table of cases {cases!r}"
            elif new not in rows:
                yield entry, f"the table has no row {new!r}"
            elif old in rows:
                yield entry, "this is the name of a row today"
            if new in current:
                yield entry, f"another earlier name is mapped to {new!r} too"
            current.add(new)


def _lines(path: Path) -> dict[_Entry, int]:
    """Return the line of each entry that is written on one line, as ``key."earlier name" = "name"``."""
    found: dict[_Entry, int] = {}
    table = ""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        with suppress(tomllib.TOMLDecodeError):
            for key, value in tomllib.loads(line).items():
                if not value:
                    table = key
                elif isinstance(value, dict):
                    found |= {(table, key, name): number for name in value}
    return found
