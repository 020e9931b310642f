"""Load modules of step definitions as Python loads modules: compiled once, and not at each start as behave does."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from behave.step_registry import AmbiguousStep, registry, setup_step_decorators

from mdevref.suite.data import shown
from mdevref.suite.spec import catalogue
from mdevref.suite.spec.catalogue import Catalogue
from mdevref.suite.spec.model import Problem, SpecError


def load(folder: Path) -> None:
    """Run each module of the folder, in the order of names: it puts its definitions into behave's registry."""
    for path in sorted(folder.glob("*.py")):
        spec = spec_from_file_location(path.stem, path)
        assert spec is not None
        assert spec.loader is not None
        module = module_from_spec(spec)
        setup_step_decorators(vars(module))  # behave has given, when and then there without an import
        spec.loader.exec_module(module)


def load_catalogue(folder: Path) -> Catalogue:
    """Load the step modules of a folder; :class:`SpecError` where one of them cannot be loaded.

    behave keeps one registry for the process: what it held before is forgotten.
    """
    registry.clear()
    try:
        load(folder)
    except AmbiguousStep as error:
        raise SpecError([Problem(shown(folder), 0, " ".join(str(error).split()))]) from error
    except Exception as error:
        text = f"a step module cannot be loaded: {type(error).__name__}: {error}"
        raise SpecError([Problem(shown(folder), 0, text)]) from error
    return catalogue.of_registry(registry.steps)
