"""Failures of the modelled kernel: an ``OSError`` with the kernel's errno."""

from __future__ import annotations

import os


def fail(code: int, about: str | None = None) -> OSError:
    """Return the error to raise for ``code``, an ``errno`` constant. ``about`` names the path or object concerned."""
    if about is None:
        return OSError(code, os.strerror(code))
    return OSError(code, os.strerror(code), about)


class KernelBug(Exception):
    """Raised where the kernel stops with BUG because a driver broke a rule. The state after it is undefined."""
