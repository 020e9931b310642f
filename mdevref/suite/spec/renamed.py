"""Earlier names of scenarios: ``spec/renamed.toml`` makes results from before a rewording comparable with later ones.

A scenario is identified by its requirement and its title. The file has three tables of strings::

    [scenarios]
    "create.accepted-uuid"."Each form of a UUID [<accepted-uuids>]" = "Create with an accepted UUID [<accepted-uuids>]"

    [moved]
    "irqs.eventfd"."An eventfd for an interrupt" = "irqs.eventfd-not-signalled: Counter of an eventfd after it is set"

    [rows]
    accepted-uuids."nil" = "nil UUID"

``scenarios`` maps an earlier title to the current title of the same requirement. ``moved`` names the requirement that
the scenario belongs to now. ``Title [<CASES>]`` stands for the scenario of each row of a table of cases, and ``rows``
maps the earlier names of these rows. A name that is not listed has not changed, and an earlier name is never a current
one, so that a lookup of a current name returns the same name.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import msgspec

from mdevref.suite.data import shown
from mdevref.suite.errors import BadInput

FILE = "renamed.toml"

#: The requirement and the title of a scenario; the title of an outline ends with " [<CASES>]".
Identity = tuple[str, str]

_CASES = re.compile(r" \[<([^<>]+)>\]$")


class RenamedError(BadInput):
    """``spec/renamed.toml`` is invalid; the text has file and reason."""


class _File(msgspec.Struct, forbid_unknown_fields=True):
    rows: dict[str, dict[str, str]] = {}
    moved: dict[str, dict[str, str]] = {}
    scenarios: dict[str, dict[str, str]] = {}


@dataclass(frozen=True, slots=True)
class Name:
    """An entry of ``scenarios`` or ``moved``, which is its ``table``: an earlier identity and the current one."""

    table: str
    earlier: Identity
    current: Identity

    @property
    def cases(self) -> str:
        """The table of cases of an outline, or nothing."""
        found = _CASES.search(self.earlier[1])
        return found[1] if found else ""

    @property
    def key(self) -> Identity:
        """The earlier identity without the table of cases: a title is unique in its requirement."""
        return self.earlier[0], _CASES.sub("", self.earlier[1])


class Renamed:
    """The current identity of each scenario that has earlier names."""

    def __init__(self, file: _File) -> None:
        self.rows = file.rows
        self.names = [
            Name("moved", (requirement, earlier), _split(current))
            for requirement, titles in file.moved.items()
            for earlier, current in titles.items()
        ]
        self.names += [
            Name("scenarios", (requirement, earlier), (requirement, title))
            for requirement, titles in file.scenarios.items()
            for earlier, title in titles.items()
        ]
        #: Earlier requirement and title -> current ones, and the table of cases of an outline.
        self._current: dict[Identity, tuple[Identity, str]] = {}
        for name in self.names:
            requirement, title = name.current
            cases = name.cases
            self._current[name.key] = (requirement, title.removesuffix(f" [<{cases}>]")), cases

    def current(self, requirement: str, title: str) -> Identity:
        """Return the current requirement and title of a scenario, given current or earlier ones."""
        if found := self._current.get((requirement, title)):
            return found[0]
        outline, bracket, row = title.removesuffix("]").rpartition(" [")
        if bracket and (found := self._current.get((requirement, outline))):
            (id, current), cases = found
            return id, f"{current} [{self.rows.get(cases, {}).get(row, row)}]"
        return requirement, title


def load(spec_dir: Path) -> Renamed:
    """Read ``renamed.toml`` of a spec, which need not have one; :class:`RenamedError` if it is invalid."""
    path = spec_dir / FILE
    try:
        return Renamed(msgspec.convert(tomllib.loads(path.read_text()), _File))
    except FileNotFoundError:
        return Renamed(_File())
    except OSError as error:
        raise RenamedError(f"{shown(path)}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise RenamedError(f"{shown(path)}: {error}") from error


def _split(moved: str) -> Identity:
    requirement, _, title = moved.partition(": ")
    return requirement, title
