"""A host's file as text: read, checked against the structs, and each problem told with file, line and reason."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from mdevref.hosts.description import Description

Key = tuple[str | int, ...]


class HostError(ValueError):
    """A host that cannot be had; the text is one line that says why, with the file and the line where there is one."""


class Source:
    """The text of a file. ``name`` is how the user calls it."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self._lines = text.splitlines()

    def describe(self) -> Description:
        """What the text says; :class:`HostError` where it is no TOML, or has not the form of a host."""
        try:
            raw = tomllib.loads("\n".join(self._lines))
        except tomllib.TOMLDecodeError as error:
            raise self._syntax(str(error)) from None
        try:
            return msgspec.convert(raw, Description)
        except msgspec.ValidationError as error:
            raise self._shape(str(error)) from None

    def problem(self, key: Key, reason: str) -> HostError:
        """The error to raise for what stands at ``key``."""
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
        """The line on which what stands at ``key`` begins, or the nearest thing around it.

        A key has come when the text up to a line is a document that has it; it began after the last line up to which
        there was one that had it not.
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
    """The file at ``path``; :class:`HostError` if it cannot be read."""
    try:
        return Source(str(path), path.read_text(encoding="utf-8"))
    except OSError as error:
        raise HostError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise HostError(f"{path}: not a text in UTF-8") from None


def _find(document: Any, key: Key) -> bool:
    for part in key:
        try:
            document = document[part]
        except (KeyError, IndexError, TypeError):
            return False
    return True
