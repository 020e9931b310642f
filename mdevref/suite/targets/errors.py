"""The exception for a target that cannot be opened."""

from __future__ import annotations

from mdevref.suite.errors import BadInput


class TargetError(BadInput):
    """The target is unknown or cannot be opened; the message says why."""
