"""Links and types in a target's tree."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from mdevref.suite.interface.selection import Parent, Type, follow


@pytest.mark.parametrize(
    ("text", "root", "leads"),
    [
        ("../../devices/virtual/mtty/mtty", "/sys/", "devices/virtual/mtty/mtty"),
        ("/sys/devices/virtual/mtty/mtty", "/sys/", "devices/virtual/mtty/mtty"),
        ("/mnt/x/devices/../mtty", "/mnt/x/", "mtty"),
    ],
)
def test_a_link_leads(text: str, root: str, leads: str) -> None:
    files: Any = SimpleNamespace(readlink=lambda path: text)
    assert follow(files, "class/mdev_bus/mtty", root) == leads


def test_a_type_has_a_directory() -> None:
    assert Type(Parent("mtty", "devices/mtty"), "mtty-1").path == "devices/mtty/mdev_supported_types/mtty-1"
