"""Load step modules as Python modules with cached bytecode; behave would compile them again at each start."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from behave.step_registry import AmbiguousStep, registry, setup_step_decorators

from mdevref.suite.data import shown
from mdevref.suite.spec import catalogue
from mdevref.suite.spec.catalogue import Catalogue
from mdevref.suite.spec.model import Problem, SpecError


def load(folder: Path) -> None:
    """Execute each module of the folder, sorted by name; each adds its definitions to behave's registry."""
    for path in sorted(folder.glob("*.py")):
        spec = spec_from_file_location(path.stem, path)
        assert spec is not None
        assert spec.loader is not None
        module = module_from_spec(spec)
        setup_step_decorators(vars(module))  # behave's step modules use given, when and then without an import
        spec.loader.exec_module(module)


def load_catalogue(folder: Path) -> Catalogue:
    """Load the step modules of a folder and return their catalogue.

    Raises :class:`SpecError` if a module cannot be loaded. behave has one registry for each process: its earlier
    contents are dropped.
    """
    registry.clear()
    try:
        load(folder)
    except AmbiguousStep as error:
        raise SpecError([Problem(shown(folder), 0, " ".join(str(error).split()))]) from error
    except Exception as error:
        text = f"cannot load a step module: {type(error).__name__}: {error}"
        raise SpecError([Problem(shown(folder), 0, text)]) from error
    return catalogue.of_registry(registry.steps)
