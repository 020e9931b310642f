"""What the core accepts in ``create`` and ``remove`` (facts 1.4 and 1.6): the same in every era."""

from __future__ import annotations

import re
from errno import EINVAL

from mdevref.kernel.errors import fail

UUID_LENGTH = 36
UNSIGNED_LONG_MAX = 2**64 - 1

_UUID = re.compile(rb"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_UNSIGNED = re.compile(rb"\+?(?:0[xX](?P<hex>[0-9a-fA-F]+)|0(?P<octal>[0-7]*)|(?P<decimal>[1-9][0-9]*))\n?")


def parse_uuid(data: bytes) -> str:
    """The lower-case UUID that was written, or ``EINVAL``. 36 bytes, or 37 of which the last may be anything."""
    if not UUID_LENGTH <= len(data) <= UUID_LENGTH + 1 or not _UUID.fullmatch(data[:UUID_LENGTH]):
        raise fail(EINVAL)
    return data[:UUID_LENGTH].decode().lower()


def parse_unsigned(data: bytes) -> int:
    """The number that was written, or ``EINVAL``: the kernel's kstrtoul with base 0.

    A leading 0x means hexadecimal, a leading 0 octal; one plus sign may stand before and one newline after; the text
    ends at the first NUL. A value of more than 64 bits is an error too.
    """
    match = _UNSIGNED.fullmatch(data.partition(b"\0")[0])
    if match is None:
        raise fail(EINVAL)
    if match["hex"]:
        value = int(match["hex"], 16)
    elif match["decimal"]:
        value = int(match["decimal"])
    else:
        value = int(match["octal"] or b"0", 8)
    if value > UNSIGNED_LONG_MAX:
        raise fail(EINVAL)
    return value
