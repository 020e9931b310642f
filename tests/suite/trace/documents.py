"""The kernel's editions of the document, for the tests that read them. This project does not contain them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mdevref.suite.trace.command import VARIABLE, document_at
from mdevref.suite.trace.document import DocumentError


def kernels_document(edition: str) -> Path:
    """Return an edition from the folder in the environment, or of a fetched kernel; without one, skip the test."""
    folder = os.environ.get(VARIABLE, "")
    if (path := Path(folder) / f"vfio-mediated-device-{edition}.rst").is_file() and folder:
        return path
    try:
        found = document_at(None, edition)
    except DocumentError:
        pytest.skip(f"{VARIABLE} names no folder with the kernel's {edition} edition, and no fetched kernel has it")
    return found
