"""The error of a target that cannot be opened."""

from __future__ import annotations

from mdevref.suite.errors import BadInput


class TargetError(BadInput):
    """There is no such target, or it cannot be opened; the text says why."""
