"""Division of a transfer into single accesses, as in the sample drivers (fact 5.4)."""

from __future__ import annotations

from collections.abc import Iterator


def units(position: int, count: int) -> Iterator[tuple[int, int]]:
    """Yield the single accesses of a transfer as (file offset, size). Accesses of 4 and 2 bytes are aligned."""
    end = position + count
    while position < end:
        left = end - position
        size = 4 if left >= 4 and not position % 4 else 2 if left >= 2 and not position % 2 else 1
        yield position, size
        position += size
