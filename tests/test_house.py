"""The structure of the code: short modules, no import cycles, few modules directly in mdevref/suite."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LONGEST = 300  #: maximum number of lines in a module
BESIDE_THE_WINGS = 10  #: maximum number of modules directly in mdevref/suite

#: Modules that may be longer, because they are tables without logic.
TABLES = {
    "mdevref/vfio/uapi.py": "the numbers and structures of the kernel's VFIO headers",
}

Graph = Mapping[str, set[str]]


def modules(*folders: str) -> dict[str, Path]:
    """Return the paths of the modules in these folders, by dotted name."""
    found = {}
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(path: Path) -> Iterator[str]:
    """Yield every name that a module imports, including imports in functions and for annotations."""
    for node in ast.walk(ast.parse(path.read_bytes(), path)):
        match node:
            case ast.Import(names=names):
                yield from (each.name for each in names)
            case ast.ImportFrom(module=str(module), names=names, level=0):
                yield from (f"{module}.{each.name}" for each in names)
            case ast.ImportFrom():
                raise ValueError(f"{path}:{node.lineno}: relative import; name the module in full")


def graph(found: Mapping[str, Path]) -> Graph:
    """Return which modules each module imports. A name as in ``from a import b`` counts as its module."""

    def module_of(name: str) -> str | None:
        return name if name in found else parent if (parent := name.rpartition(".")[0]) in found else None

    return {name: {target for each in imports(path) if (target := module_of(each))} for name, path in found.items()}


def circles(arrows: Graph) -> list[list[str]]:
    """Return the strongly connected components that are cycles, including modules that import themselves (Tarjan)."""
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    found = []

    def visit(module: str) -> None:
        number[module] = lowest[module] = len(number)
        stack.append(module)
        for target in arrows[module]:
            if target not in number:
                visit(target)
            if target in stack:
                lowest[module] = min(lowest[module], lowest[target])
        if lowest[module] == number[module]:
            component = stack[stack.index(module) :]
            del stack[stack.index(module) :]
            if len(component) > 1 or module in arrows[module]:
                found.append(sorted(component))

    for module in arrows:
        if module not in number:
            visit(module)
    return sorted(found)


def lengths(*folders: str) -> dict[str, int]:
    """Return the number of lines of each module."""
    return {
        path.relative_to(ROOT).as_posix(): len(path.read_text().splitlines()) for path in modules(*folders).values()
    }


def test_no_module_is_long() -> None:
    found = lengths("mdevref", "steps", "tests")
    assert {path: lines for path, lines in found.items() if lines > LONGEST and path not in TABLES} == {}


@pytest.mark.parametrize("table", TABLES)
def test_a_table_that_may_be_long_is_long(table: str) -> None:
    assert lengths("mdevref", "steps", "tests")[table] > LONGEST, "it needs no exemption"


def test_no_modules_import_each_other_in_a_circle() -> None:
    found = circles(graph(modules("mdevref", "steps")))
    assert not found, "\n".join(" ".join(circle) for circle in found)


def test_few_modules_stand_beside_the_wings_of_the_suite() -> None:
    beside = [path.name for path in (ROOT / "mdevref/suite").glob("*.py") if path.name != "__init__.py"]
    assert len(beside) <= BESIDE_THE_WINGS, sorted(beside)


def test_circles_are_found() -> None:
    arrows = {"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set(), "e": {"e"}, "f": {"a"}}
    assert circles(arrows) == [["b", "c"], ["e"]]


def test_imports_in_functions_and_for_annotations_count(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from two import Two\n\n\ndef f():\n    import three\n"
    )
    for name in ("two", "three"):
        (tmp_path / f"{name}.py").write_text("from one import One\n")
    found = {name: tmp_path / f"{name}.py" for name in ("one", "two", "three")}
    assert circles(graph(found)) == [["one", "three", "two"]]
