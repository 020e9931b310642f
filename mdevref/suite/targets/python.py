"""The target ``python:module:name``: an implementation in Python that gives a target of its own."""

from __future__ import annotations

import importlib
import os
import sys

from mdevref.suite.interface.target import Target

_MEMBERS = ("name", "interfaces", "release", "environment", "machine", "shell_path", "close")


def open_python(argument: str) -> Target:
    """Call ``name`` of ``module``, found from the current folder too; ValueError says why that gives no target."""
    module_name, _, name = argument.partition(":")
    if not module_name or not name:
        raise ValueError("python takes module:name, the callable that gives a target")
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        module = importlib.import_module(module_name)
    except Exception as error:
        raise ValueError(f"{module_name} cannot be imported: {type(error).__name__}: {error}") from error
    function = getattr(module, name, None)
    if not callable(function):
        raise ValueError(f"{module_name} has nothing to call that is named {name}")
    try:
        target: Target = function()
    except Exception as error:
        raise ValueError(f"{name}() fails: {type(error).__name__}: {error}") from error
    missing = [member for member in _MEMBERS if not hasattr(target, member)]
    if missing:
        raise ValueError(f"what {name}() gives is no target: it has no {', '.join(missing)}")
    return target
