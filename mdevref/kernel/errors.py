"""How a failure of the modelled kernel is told: an ``OSError`` with the kernel's errno."""

from __future__ import annotations

import os


def fail(code: int, about: str | None = None) -> OSError:
    """The error to raise for ``code`` (an ``errno`` constant); ``about`` names the path or object concerned."""
    if about is None:
        return OSError(code, os.strerror(code))
    return OSError(code, os.strerror(code), about)


class KernelBug(Exception):
    """Where the kernel stops for good, because a driver broke a rule and nothing can be right after that."""
