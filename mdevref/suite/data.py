"""Where the spec, the features, the steps and the documents of the suite are.

A checkout has them beside the package; an installed wheel carries them as ``mdevref/_data``, so that a command works
from any folder.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from mdevref.suite.errors import BadInput

PACKAGE = Path(__file__).resolve().parent.parent


class DataError(BadInput):
    """The suite's own files are not where they must be."""


@cache
def root() -> Path:
    """The folder that holds ``spec``, ``features``, ``steps``, ``docs`` and ``environment.py``.

    Raises :class:`DataError` where the package stands alone, without either.
    """
    for candidate in (PACKAGE.parent, PACKAGE / "_data"):
        if (candidate / "environment.py").is_file() and (candidate / "steps").is_dir():
            return candidate
    raise DataError(f"the spec and the steps of the suite are missing beside {PACKAGE} and inside it")


def is_checkout() -> bool:
    """Whether the spec is that of a checkout, which somebody may be changing."""
    return root() == PACKAGE.parent


def spec() -> Path:
    """The folder of the spec, the only source."""
    return root() / "spec"


def features() -> Path:
    """The folder of the features derived from the spec."""
    return root() / "features"


def steps() -> Path:
    """The folder of the step definitions."""
    return root() / "steps"


def docs() -> Path:
    """The folder of the Sphinx project, with the ledgers under ``deviations``."""
    return root() / "docs"


def ledger_of(release: tuple[int, int]) -> Path | None:
    """The ledger of a kernel of this release, where it has one."""
    path = docs() / "deviations" / f"linux-{release[0]}.{release[1]}.toml"
    return path if path.is_file() else None


def spec_checksum(spec_dir: Path) -> str:
    """The sha256 of the spec's text: names what a result was measured against."""
    digest = hashlib.sha256()
    for path in sorted(spec_dir.glob("*.rst")):
        digest.update(f"{path.name}\0".encode())
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


def shown(path: Path) -> str:
    """The path as a person at the prompt would type it."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
