"""The target ``python:module:name``: an implementation in Python, returned by a callable."""

from __future__ import annotations

import importlib
import os
import sys

from mdevref.suite.interface.target import Target

_MEMBERS = ("name", "interfaces", "release", "environment", "machine", "shell_path", "close")


def open_python(argument: str) -> Target:
    """Call ``name`` of ``module`` and return its target. Modules in the current folder are found too.

    Raises ValueError if the callable cannot be found, fails, or does not return a target.
    """
    module_name, _, name = argument.partition(":")
    if not module_name or not name:
        raise ValueError("expected python:module:name, where the callable name returns a target")
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        module = importlib.import_module(module_name)
    except Exception as error:
        raise ValueError(f"cannot import {module_name}: {type(error).__name__}: {error}") from error
    function = getattr(module, name, None)
    if not callable(function):
        raise ValueError(f"callable {name} not found in {module_name}")
    try:
        target: Target = function()
    except Exception as error:
        raise ValueError(f"{name}() failed: {type(error).__name__}: {error}") from error
    missing = [member for member in _MEMBERS if not hasattr(target, member)]
    if missing:
        raise ValueError(f"{name}() did not return a target (missing: {', '.join(missing)})")
    return target
