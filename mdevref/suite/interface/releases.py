"""Kernel releases, and ranges of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

Release = tuple[int, int]

_RELEASE = re.compile(r"(\d+)\.(\d+)")


def parse_release(text: str) -> Release:
    """Return the release that ``text`` names: (4, 18) for ``4.18``. Raises ValueError for any other format."""
    match = _RELEASE.fullmatch(text)
    if not match:
        raise ValueError(f"invalid kernel release {text!r} (expected a form like 4.18)")
    return int(match[1]), int(match[2])


def format_release(release: Release) -> str:
    """Return the release as text: ``4.18`` for (4, 18)."""
    return f"{release[0]}.{release[1]}"


@dataclass(frozen=True, slots=True)
class Releases:
    """The range of kernel releases that a requirement applies to. It includes both ends; None leaves an end open."""

    since: Release | None = None
    until: Release | None = None

    @classmethod
    def parse(cls, text: str) -> Releases:
        """Return the range that a text such as ``4.18-``, ``-5.1`` or ``4.10-5.12`` names.

        Raises ValueError with the reason if the text is invalid.
        """
        since, dash, until = text.strip().partition("-")
        if not dash or not (since or until):
            raise ValueError(f"invalid range of releases {text!r} (expected a form like 4.18-, -5.1 or 4.10-5.12)")
        releases = cls(parse_release(since) if since else None, parse_release(until) if until else None)
        if releases.since and releases.until and releases.since > releases.until:
            raise ValueError(f"invalid range of releases {text!r}: the end is older than the beginning")
        return releases

    def hold_for(self, release: Release | None) -> bool:
        """Return whether the range includes ``release``.

        An implementation without a release (None) must meet the current requirements: every range without an end
        includes it.
        """
        if release is None:
            return self.until is None
        return (self.since or release) <= release <= (self.until or release)

    def __str__(self) -> str:
        since = format_release(self.since) if self.since else ""
        until = format_release(self.until) if self.until else ""
        return f"{since}-{until}" if since or until else "every release"
