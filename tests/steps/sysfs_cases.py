"""Cases for the steps that check attributes and the tree; see ``test_then``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from mdevref.suite.interface.selection import Parent, Type
from tests.steps.conftest import Stage

Spoil = Callable[[Stage], None]
Cases = Mapping[str, tuple[str, Spoil | None, str]]

A = "Given a mediated device A\n"
TYPE = "Given a type with an instance available\n"
CREATED = f'{TYPE}When "{{uuid}}" is written to "create" of the type\n'
REFUSED = f'{TYPE}When "no UUID" is written to "create" of the type\n'


def files(**functions: Callable[..., Any]) -> Spoil:
    """Replace functions of the machine's tree; each replacement receives the stage as its first argument."""

    def spoil(stage: Stage) -> None:
        bound = {name: (lambda *a, f=function: f(stage, *a)) for name, function in functions.items()}
        stage.spoil(**bound)

    return spoil


def reads(text: bytes) -> Spoil:
    return files(read=lambda _stage, _path: text)


def links_to(text: str, only: str = "") -> Spoil:
    def readlink(stage: Stage, path: str) -> str:
        return text if path.endswith(only) else stage.machine.files.readlink(path)

    return files(readlink=readlink)


def reads_for_ever(stage: Stage) -> None:
    opened = SimpleNamespace(read=lambda: b"vfio-pci\n", close=lambda: None)
    files(open=lambda _stage, _path, _flags: opened)(stage)


def a_file_in_the_class(stage: Stage) -> None:
    def lstat(stage: Stage, path: str) -> Any:
        found = stage.machine.files.lstat(path)
        return replace(found, kind="file") if path.startswith("class/") else found

    files(lstat=lstat)(stage)


def a_type(id: str) -> Spoil:
    def spoil(stage: Stage) -> None:
        stage.world.tree.types = lambda: [Type(Parent("mtty", "devices/virtual/mtty/mtty"), id)]  # type: ignore[method-assign]  # a tree that no host has

    return spoil


CASES: Cases = {
    # attributes
    "a refusal": (f"{REFUSED}Then the write succeeds", None, "EINVAL"),
    "a short write": (
        f'{TYPE}*\nWhen "{{uuid}}" is written to "create" of the type\nThen the write succeeds',
        files(write=lambda _stage, _path, _data: 12),
        "12 of 36 bytes written",
    ),
    "no refusal": (f"{CREATED}Then the write fails", None, "36 of 36"),
    "another errno": (f"{REFUSED}Then the write fails with EEXIST", None, "EINVAL"),
    "a read": (f'{TYPE}When "name" of the type is read\nThen the read fails with EACCES', None, '"'),
    "another count": (f"{CREATED}Then the write returns 37", None, "36 of 36"),
    "a refusal among others": (
        f'{REFUSED}And "{{uuid}}" is written to "create" of the type\nThen every write succeeds',
        None,
        "EINVAL, 36 of 36",
    ),
    "a success among others": (
        f'{REFUSED}And "{{uuid}}" is written to "create" of the type\nThen every write fails with EINVAL',
        None,
        "EINVAL, 36 of 36",
    ),
    "a device nobody spoke of": (f"{CREATED}Then nothing else changed", None, "is new"),
    "text for ever": (
        f'{TYPE}*\nWhen "device_api" of the type is read twice through one open file\n'
        "Then the second read returns 0 bytes",
        reads_for_ever,
        "vfio-pci",
    ),
    "another text": (f'{TYPE}When "device_api" of the type is read\nThen the text is "vfio-ap\\n"', None, "vfio-pci"),
    "blanks": (f'{TYPE}*\nWhen "name" of the type is read\nThen the text is not empty', reads(b" \n"), '" \\n"'),
    "two lines": (f'{TYPE}*\nWhen "name" of the type is read\nThen the text is one line', reads(b"a\nb\n"), "a\\nb"),
    "no newline": (f'{TYPE}*\nWhen "name" of the type is read\nThen the text is one line', reads(b"a"), '"a"'),
    "too long a line": (
        f'{TYPE}*\nWhen "name" of the type is read\nThen the text is one line',
        reads(b"a" * 1024 + b"\n"),
        "aaaa",
    ),
    "bytes": (
        f'{TYPE}*\nWhen "name" of the type is read\nThen the text is one line of printable characters',
        reads(b"\xff\x00\n"),
        "\\xff\\x00",
    ),
    "none of them": (
        f'{TYPE}*\nWhen "device_api" of the type is read\nThen the text is one of "vfio-pci, vfio-ap"',
        reads(b"pci\n"),
        "pci",
    ),
    "a word": (f'{TYPE}When "name" of the type is read\nThen the text is an integer', None, "mdpy"),
    "below zero": (
        f'{TYPE}*\nWhen "name" of the type is read\nThen the text is a non-negative integer',
        reads(b"-1\n"),
        "-1",
    ),
    "the whole id": (
        f'{TYPE}*\nWhen "name" of the type is read\n'
        "Then the text is the id of the type without the driver string and the hyphen",
        reads(b"mdpy-hd\n"),
        "mdpy-hd",
    ),
    "another driver": (
        f'{A}*\nWhen "uevent" of A is read\nThen the text has a DRIVER line with the driver of A',
        reads(b"DRIVER=vfio\n"),
        "DRIVER=vfio",
    ),
    "a driver": (f'{A}When "uevent" of A is read\nThen the text has no DRIVER line', None, "DRIVER=vfio_mdev"),
    "nothing to read": (f'{A}When "remove" of A is read\nThen the text is one line', None, "EACCES"),
    # the tree
    "no A": (f"{A}When A is removed\nThen A exists", None, "no bus/mdev/devices"),
    "still A": (f"{A}Then A does not exist", None, "bus/mdev/devices"),
    "none of that name": (f'{TYPE}Then a mediated device "{{uuid}}" exists', None, "no bus/mdev/devices"),
    "one of that name": (f'{CREATED}Then no mediated device "{{uuid}}" exists', None, "bus/mdev/devices"),
    "a file": (f'{A}Then "remove" of A is a directory', None, "file"),
    "nothing there": (f'{A}Then "removed" of A is a file', None, "nothing"),
    "something there": (f'{A}Then "remove" of A does not exist', None, "a file"),
    "another mode": (f'{A}Then "remove" of A has mode 0644', None, "0200"),
    "another size": (f'{A}Then "remove" of A has a size of 1 bytes', None, "4096"),
    "an absolute link": (f'{A}*\nThen "mdev_type" of A is a relative link', links_to("/sys/bus/mdev"), "/sys/bus/mdev"),
    "another place": (f'{A}Then "mdev_type" of A points to A', None, "mdev_supported_types"),
    "another path": (f'{A}Then "driver" of A points to "bus/mdev/drivers/mtty"', None, "vfio_mdev"),
    "another directory": (
        f'{A}Then "driver" of A points to an entry of "bus/mdev"',
        None,
        "bus/mdev/drivers/vfio_mdev",
    ),
    "nowhere": (
        f'{A}*\nThen "driver" of A points to an entry of "bus/mdev"',
        links_to("../../../../../bus/mdev/nothing"),
        "nothing",
    ),
    "no number": (
        f"{A}*\nThen the name of the IOMMU group of A is a number",
        links_to("../../../../../kernel/iommu_groups/first"),
        "first",
    ),
    "one group": (
        f"{A}And a mediated device B\n*\nThen A and B are in different IOMMU groups",
        links_to("/sys/kernel/iommu_groups/0", only="iommu_group"),
        "kernel/iommu_groups/0, kernel/iommu_groups/0",
    ),
    "a file in the class": (
        "Given a parent\n*\nThen every entry of the mdev_bus class is a link to a device with types",
        a_file_in_the_class,
        "file",
    ),
    "no types": (
        "Given a parent\n*\nThen every entry of the mdev_bus class is a link to a device with types",
        links_to("../../devices/virtual", only=""),
        "nothing",
    ),
    "another name": (
        "Given a parent\n*\nThen every entry of the mdev_bus class has the name of the device it points to",
        links_to("../../devices/virtual/tty"),
        "tty",
    ),
    "parents left": ("Given a parent\nThen the mdev_bus class is empty", None, "mdpy, mtty"),
    "a parent without": ('Given a parent\nThen "types" of every parent is a directory', None, "nothing"),
    "files among directories": (
        'Given a parent\nThen every entry of "power" of every parent is a directory',
        None,
        "file",
    ),
    "a type without": ('Given a parent\nThen "creates" of every type is a file', None, "nothing"),
    "more than that": (
        'Given a parent\nThen every type contains only "create, devices"',
        None,
        "available_instances",
    ),
    "another prefix": (
        "Given a parent\n*\nThen every type id begins with the driver string of its parent and a hyphen",
        a_type("tty-1"),
        "tty-1",
    ),
    "no suffix": ("Given a parent\n*\nThen every type id has text after the hyphen", a_type("mtty-"), "mtty-"),
    "no hyphen": ("Given a parent\n*\nThen every type id has text after the hyphen", a_type("mtty"), "mtty"),
}
