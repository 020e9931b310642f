"""Parsing of the data written to ``create`` and ``remove`` (facts 1.4 and 1.6). It is the same in every era."""

from __future__ import annotations

import re
from errno import EINVAL

from mdevref.kernel.errors import fail

UUID_LENGTH = 36
UNSIGNED_LONG_MAX = 2**64 - 1

_UUID = re.compile(rb"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_UNSIGNED = re.compile(rb"\+?(?:0[xX](?P<hex>[0-9a-fA-F]+)|0(?P<octal>[0-7]*)|(?P<decimal>[1-9][0-9]*))\n?")


def parse_uuid(data: bytes) -> str:
    """Return the written UUID in lower case. ``EINVAL`` unless it is 36 bytes long; one arbitrary byte may follow."""
    if not UUID_LENGTH <= len(data) <= UUID_LENGTH + 1 or not _UUID.fullmatch(data[:UUID_LENGTH]):
        raise fail(EINVAL)
    return data[:UUID_LENGTH].decode().lower()


def parse_unsigned(data: bytes) -> int:
    """Return the written number, as the kernel's kstrtoul does with base 0. ``EINVAL`` if it is invalid.

    A leading 0x means hexadecimal, a leading 0 octal. One plus sign may precede the number and one newline may follow
    it. The text ends at the first NUL. A value of more than 64 bits is invalid.
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
