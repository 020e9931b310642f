"""The kernel's editions of the document, which are no part of this project, for the tests that read them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mdevref.suite.trace.command import VARIABLE, document_at
from mdevref.suite.trace.document import DocumentError


def kernels_document(edition: str) -> Path:
    """An edition from the folder that the environment names, or of a fetched kernel; the test is skipped without."""
    folder = os.environ.get(VARIABLE, "")
    if (path := Path(folder) / f"vfio-mediated-device-{edition}.rst").is_file() and folder:
        return path
    try:
        found = document_at(None, edition)
    except DocumentError:
        pytest.skip(f"{VARIABLE} names no folder with the kernel's {edition} edition, and no fetched kernel has it")
    return found
