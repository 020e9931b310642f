"""The notation in steps for values that Gherkin cannot contain: a fresh UUID, a device's name, a newline, a byte."""

from __future__ import annotations

import re
from collections.abc import Callable

_ESCAPE = re.compile(r"\\(?:x([0-9a-f]{2})|(.))", re.DOTALL)
_NAME = re.compile(r"\{([A-Za-z]+)\}")
_CHARACTERS = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\"}


def resolve(text: str, name: Callable[[str], str | None]) -> str:
    """Return ``text`` with its escapes resolved and each ``{name}`` replaced by the result of ``name``.

    A name for which ``name`` returns None stays unchanged. Raises ValueError for an unknown escape.
    """
    if "{" in text:
        # In {{uuid}}, only the inner pair of braces belongs to the name.
        text = _NAME.sub(lambda match: found if (found := name(match[1])) is not None else match[0], text)
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(match: re.Match[str]) -> str:
    if match[1]:
        return chr(int(match[1], 16))
    if match[2] not in _CHARACTERS:
        raise ValueError(f"unknown escape {match[0]!r} (choose from \\n, \\r, \\t, \\\\ and the form \\x20)")
    return _CHARACTERS[match[2]]


def data(text: str) -> bytes:
    """Return the bytes of a resolved text, one for each character."""
    return text.encode("latin-1")


def shown(seen: bytes | str) -> str:
    """Return bytes in readable form for a report: ``"0\\n"``."""
    text = seen.decode("latin-1") if isinstance(seen, bytes) else seen
    return '"' + "".join(_shown(character) for character in text) + '"'


def _shown(character: str) -> str:
    for letter, meant in _CHARACTERS.items():
        if character == meant:
            return f"\\{letter}"
    return character if character.isprintable() and ord(character) < 0x7F else f"\\x{ord(character):02x}"
