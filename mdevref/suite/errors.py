"""The one class of errors that the command turns into a clear line and status 2."""

from __future__ import annotations


class BadInput(Exception):
    """What the suite was given (spec, results, target, option) cannot be used; the text says why."""
