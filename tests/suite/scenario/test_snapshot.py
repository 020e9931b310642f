"""What counts as a change between two looks at the tree."""

from __future__ import annotations

import pytest

from mdevref.suite.scenario import snapshot

BEFORE = {
    "class/mdev_bus/mtty": "devices/mtty",
    "devices/mtty/mdev_supported_types/mtty-1/available_instances": "24",
    "devices/other/mdev_supported_types/other-1/available_instances": "4",
    "bus/mdev/devices/old": "",
}


@pytest.mark.parametrize(
    ("changed", "came", "went", "found"),
    [
        ({}, (), (), []),
        ({"bus/mdev/devices/new": ""}, (), (), ["bus/mdev/devices/new is new"]),
        ({"bus/mdev/devices/new": ""}, ("new",), (), []),
        ({"bus/mdev/devices/new": ""}, (), ("new",), ["bus/mdev/devices/new is new"]),
        ({"bus/mdev/devices/old": None}, (), (), ["bus/mdev/devices/old is gone"]),
        ({"bus/mdev/devices/old": None}, (), ("old",), []),
        ({"bus/mdev/devices/old": None}, ("old",), (), ["bus/mdev/devices/old is gone"]),
        ({"class/mdev_bus/mtty": "devices/tty"}, (), (), ["class/mdev_bus/mtty shows devices/tty, not devices/mtty"]),
        (
            {"devices/mtty/mdev_supported_types/mtty-1/available_instances": "23"},
            (),
            (),
            ["devices/mtty/mdev_supported_types/mtty-1/available_instances shows 23, not 24"],
        ),
        ({"devices/mtty/mdev_supported_types/mtty-1/available_instances": "23"}, ("new",), (), []),
        (
            {"devices/other/mdev_supported_types/other-1/available_instances": "3"},
            ("new",),
            (),
            ["devices/other/mdev_supported_types/other-1/available_instances shows 3, not 4"],
        ),
    ],
)
def test_changes(
    changed: dict[str, str | None], came: tuple[str, ...], went: tuple[str, ...], found: list[str]
) -> None:
    merged = {**BEFORE, **changed}
    after = {path: text for path, text in merged.items() if text is not None}
    parents = ["devices/mtty"] if came or went else []
    assert snapshot.differences(BEFORE, after, came, went, parents) == found
