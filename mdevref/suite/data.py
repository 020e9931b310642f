"""Paths of the spec, the features, the steps and the documents of the suite.

A checkout has them beside the package. An installed wheel contains them in ``mdevref/_data``, so that every command
works from any folder.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from mdevref.suite.errors import BadInput

PACKAGE = Path(__file__).resolve().parent.parent


class DataError(BadInput):
    """The suite's own files were not found."""


@cache
def root() -> Path:
    """Return the folder that contains ``spec``, ``features``, ``steps``, ``docs`` and ``environment.py``.

    Raises :class:`DataError` if neither a checkout nor the wheel's data folder was found.
    """
    for candidate in (PACKAGE.parent, PACKAGE / "_data"):
        if (candidate / "environment.py").is_file() and (candidate / "steps").is_dir():
            return candidate
    raise DataError(f"spec and steps of the suite not found beside {PACKAGE} or inside it; install mdevref again")


def is_checkout() -> bool:
    """Return whether the spec comes from a checkout, where a developer may be editing it."""
    return root() == PACKAGE.parent


def spec() -> Path:
    """Return the folder of the spec."""
    return root() / "spec"


def features() -> Path:
    """Return the folder of the features derived from the spec."""
    return root() / "features"


def steps() -> Path:
    """Return the folder of the step definitions."""
    return root() / "steps"


def docs() -> Path:
    """Return the folder of the Sphinx project, which contains the ledgers in ``deviations``."""
    return root() / "docs"


def ledger_of(release: tuple[int, int]) -> Path | None:
    """Return the path of the ledger for this kernel release, or None if there is no ledger for it."""
    path = docs() / "deviations" / f"linux-{release[0]}.{release[1]}.toml"
    return path if path.is_file() else None


def spec_checksum(spec_dir: Path) -> str:
    """Return the sha256 of the spec's text; it identifies the spec that results were measured against."""
    digest = hashlib.sha256()
    for path in sorted(spec_dir.glob("*.rst")):
        digest.update(f"{path.name}\0".encode())
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


def shown(path: Path) -> str:
    """Return the path as a user would type it: relative to the working directory if it is below it."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
