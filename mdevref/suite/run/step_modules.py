"""Load modules of step definitions as Python loads modules: compiled once, and not at each start as behave does."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from behave.step_registry import setup_step_decorators


def load(folder: Path) -> None:
    """Run each module of the folder, in the order of names: it puts its definitions into behave's registry."""
    for path in sorted(folder.glob("*.py")):
        spec = spec_from_file_location(path.stem, path)
        assert spec is not None
        assert spec.loader is not None
        module = module_from_spec(spec)
        setup_step_decorators(vars(module))  # behave has given, when and then there without an import
        spec.loader.exec_module(module)
