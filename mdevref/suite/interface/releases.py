"""Kernel releases, and ranges of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

Release = tuple[int, int]

_RELEASE = re.compile(r"(\d+)\.(\d+)")


def parse_release(text: str) -> Release:
    """``4.18`` as (4, 18); ValueError for anything else."""
    match = _RELEASE.fullmatch(text)
    if not match:
        raise ValueError(f"{text!r} is no kernel release (as in 4.18)")
    return int(match[1]), int(match[2])


def format_release(release: Release) -> str:
    """(4, 18) as ``4.18``."""
    return f"{release[0]}.{release[1]}"


@dataclass(frozen=True, slots=True)
class Releases:
    """The kernel releases that a requirement holds for; both ends belong to it, None is open."""

    since: Release | None = None
    until: Release | None = None

    @classmethod
    def parse(cls, text: str) -> Releases:
        """Read ``4.18-``, ``-5.1`` or ``4.10-5.12``; ValueError says what is wrong."""
        since, dash, until = text.strip().partition("-")
        if not dash or not (since or until):
            raise ValueError(f"{text!r} is no range of releases (as in 4.18-, -5.1, 4.10-5.12)")
        releases = cls(parse_release(since) if since else None, parse_release(until) if until else None)
        if releases.since and releases.until and releases.since > releases.until:
            raise ValueError(f"the releases {text!r} end before they begin")
        return releases

    def hold_for(self, release: Release | None) -> bool:
        """Whether they include ``release``.

        An implementation without a release (None) is held to what still holds: to every range that has no end.
        """
        if release is None:
            return self.until is None
        return (self.since or release) <= release <= (self.until or release)

    def __str__(self) -> str:
        since = format_release(self.since) if self.since else ""
        until = format_release(self.until) if self.until else ""
        return f"{since}-{until}" if since or until else "every release"
