"""How steps write what cannot stand in a line of Gherkin: a fresh UUID, the name of a device, a newline, a byte."""

from __future__ import annotations

import re
from collections.abc import Callable

_ESCAPE = re.compile(r"\\(?:x([0-9a-f]{2})|(.))", re.DOTALL)
_NAME = re.compile(r"\{([A-Za-z]+)\}")
_CHARACTERS = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\"}


def resolve(text: str, name: Callable[[str], str | None]) -> str:
    """``text`` with ``{name}`` replaced by what ``name`` gives (None: it stays) and with its escapes undone.

    Raises ValueError for an escape that there is not.
    """
    if "{" in text:
        # A name between braces of its own, as in {{uuid}}, is the inner pair.
        text = _NAME.sub(lambda match: found if (found := name(match[1])) is not None else match[0], text)
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(match: re.Match[str]) -> str:
    if match[1]:
        return chr(int(match[1], 16))
    if match[2] not in _CHARACTERS:
        raise ValueError(f"{match[0]!r} is no escape; there are \\n, \\r, \\t, \\\\ and \\x20")
    return _CHARACTERS[match[2]]


def data(text: str) -> bytes:
    """The bytes of a resolved text: a character a byte."""
    return text.encode("latin-1")


def shown(seen: bytes | str) -> str:
    """Bytes as a person reads them in a report: ``"0\\n"``."""
    text = seen.decode("latin-1") if isinstance(seen, bytes) else seen
    return '"' + "".join(_shown(character) for character in text) + '"'


def _shown(character: str) -> str:
    for letter, meant in _CHARACTERS.items():
        if character == meant:
            return f"\\{letter}"
    return character if character.isprintable() and ord(character) < 0x7F else f"\\x{ord(character):02x}"
