"""Reads a host's file, checks it against the schema, and reports problems with file, line and reason."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from mdevref.hosts.description import Description

Key = tuple[str | int, ...]


class HostError(ValueError):
    """A host cannot be loaded. The text is one line with the reason, and file and line if known."""


class Source:
    """The text of a file. ``name`` is the file's name in messages."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self._lines = text.splitlines()

    def describe(self) -> Description:
        """Return the parsed description. Raise :class:`HostError` if it is invalid TOML or violates the schema."""
        try:
            raw = tomllib.loads("\n".join(self._lines))
        except tomllib.TOMLDecodeError as error:
            raise self._syntax(str(error)) from None
        try:
            return msgspec.convert(raw, Description)
        except msgspec.ValidationError as error:
            raise self._shape(str(error)) from None

    def problem(self, key: Key, reason: str) -> HostError:
        """Return the error to raise for the value at ``key``."""
        return HostError(f"{self.name}:{self._line_of(key)}: {reason}")

    def _syntax(self, said: str) -> HostError:
        reason, _, place = said.rpartition(" (at ")
        number = re.match(r"line (\d+)", place)
        return HostError(f"{self.name}:{number[1] if number else len(self._lines)}: {reason}")

    def _shape(self, said: str) -> HostError:
        reason, _, place = said.partition(" - at `$")
        key: Key = tuple(
            name or int(number) for name, number in re.findall(r"\.([A-Za-z_]\w*)|\[(\d+)\]", place.rstrip("`"))
        )
        unknown = re.search(r"unknown field `(\w+)`", reason)
        if unknown:
            key += (unknown[1],)
        return self.problem(key, reason)

    def _line_of(self, key: Key) -> int:
        """Return the line on which the value at ``key`` begins, or its nearest enclosing value.

        The value ends at the first line up to which the text is a valid document that contains ``key``. It begins
        after the last earlier line up to which the text is a valid document.
        """
        while key:
            start = 1
            for count in range(1, len(self._lines) + 1):
                try:
                    found = _find(tomllib.loads("\n".join(self._lines[:count])), key)
                except tomllib.TOMLDecodeError:
                    continue
                if found:
                    return start
                start = count + 1
            key = key[:-1]
        return 1


def read(path: Path) -> Source:
    """Read the file at ``path``. Raise :class:`HostError` if it cannot be read."""
    try:
        return Source(str(path), path.read_text(encoding="utf-8"))
    except OSError as error:
        raise HostError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise HostError(f"{path}: not valid UTF-8") from None


def _find(document: Any, key: Key) -> bool:
    for part in key:
        try:
            document = document[part]
        except (KeyError, IndexError, TypeError):
            return False
    return True
