"""The base class of the errors that the command reports in one line, with exit status 2."""

from __future__ import annotations


class BadInput(Exception):
    """An input of the suite (spec, results, target, option) is invalid; the message says why."""
