"""Page numbers and page counts in the words of steps."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mdevref.suite.scenario.kind import Kind

_RANGE = re.compile(r"(\d+)(?: to (\d+))?")
_OF_LIST = r"\d+(?: to \d+)?"


def _numbers(text: str) -> list[int]:
    """Parse ``page 5``, ``pages 1, 2, 2`` or ``pages 0 to 511``."""
    found: list[int] = []
    for first, last in _RANGE.findall(text):
        found += range(int(first), int(last or first) + 1)
    return found


KINDS: Mapping[str, Kind] = {
    "Pages": Kind(f"pages? {_OF_LIST}(?:, {_OF_LIST})*", _numbers),
    "Size": Kind(r"\d+ pages?", lambda text: int(text.split()[0])),
}


def pages(count: int) -> str:
    """Return ``1 page``, ``2 pages`` and so on."""
    return f"{count} page{'s' * (count != 1)}"
