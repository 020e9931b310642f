"""Each step that looks at something says so when that something is not there: a step that cannot fail tests nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from errno import EIO
from types import SimpleNamespace
from typing import Any

import pytest

from mdevref.suite.interface.selection import Parent, Type
from mdevref.suite.interface.target import Uevent
from mdevref.suite.scenario.checks import Mismatch
from mdevref.suite.spec.catalogue import Catalogue
from tests.steps.conftest import Stage, StageMaker
from tests.steps.device_cases import CASES as DEVICE_CASES
from tests.steps.driver_cases import CASES as DRIVER_CASES
from tests.steps.sample_cases import CASES as SAMPLE_CASES
from tests.steps.translation_cases import CASES as TRANSLATION_CASES
from tests.steps.walk_through_cases import CASES as WALK_THROUGH_CASES

Spoil = Callable[[Stage], None]
Cases = Mapping[str, tuple[str, Spoil | None, str]]

A = "Given a mediated device A\n"
TYPE = "Given a type with an instance available\n"
CREATED = f'{TYPE}When "{{uuid}}" is written to "create" of the type\n'
REFUSED = f'{TYPE}When "no UUID" is written to "create" of the type\n'
SCRIPTED = "Given the scripted vendor driver\n"


def files(**functions: Callable[..., Any]) -> Spoil:
    """Replace some functions of the machine's tree; each gets the stage first."""

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


def uevents(*actions: str, path: str = "", **environment: str) -> Spoil:
    """The machine has seen these uevents of device A (or of ``path``), and no other."""

    def spoil(stage: Stage) -> None:
        devpath = path or f"/{stage.world.words.path('A')}"
        seen = [Uevent(action, devpath, environment) for action in actions]
        stage.world.uevents.seen = lambda: seen  # type: ignore[method-assign]  # events that no host sends

    return spoil


def outcomes(*errnos: int) -> Spoil:
    """Writers that wrote at once had these outcomes."""

    def spoil(stage: Stage) -> None:
        race = []
        for errno in errnos:

            def operation(errno: int = errno) -> int:
                if errno:
                    raise OSError(errno, "made up")
                return 0

            race.append(stage.world.outcomes.attempt(operation))
        stage.world.writers.race = race

    return spoil


def _of(topic: str, cases: Cases) -> Cases:
    """The cases of a topic, which has names of its own."""
    return {f"{topic}: {name}": case for name, case in cases.items()}


#: What is played, with ``*`` where things are spoilt; how they are spoilt; what the last step, which fails, has seen.
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
        f'{REFUSED}And "{{uuid}}" is written to "create" of the type\nThen every write succeeded',
        None,
        "EINVAL, 36 of 36",
    ),
    "a success among others": (
        f'{REFUSED}And "{{uuid}}" is written to "create" of the type\nThen every write failed with EINVAL',
        None,
        "EINVAL, 36 of 36",
    ),
    "a device nobody spoke of": (f"{CREATED}Then nothing else changed", None, "is new"),
    "text for ever": (
        f'{TYPE}*\nWhen "device_api" of the type is read twice through one open file\n'
        "Then the second read gives nothing",
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
    "a word": (f'{TYPE}When "name" of the type is read\nThen the text is a whole number', None, "mdpy"),
    "below zero": (
        f'{TYPE}*\nWhen "name" of the type is read\nThen the text is a whole number, 0 or more',
        reads(b"-1\n"),
        "-1",
    ),
    "the whole id": (
        f'{TYPE}*\nWhen "name" of the type is read\nThen the text is the id of the type without its first part',
        reads(b"mdpy-hd\n"),
        "mdpy-hd",
    ),
    "another driver": (
        f'{A}*\nWhen "uevent" of A is read\nThen the text names the driver of A',
        reads(b"DRIVER=vfio\n"),
        "DRIVER=vfio",
    ),
    "a driver": (f'{A}When "uevent" of A is read\nThen the text names no driver', None, "DRIVER=vfio_mdev"),
    "nothing to read": (f'{A}When "remove" of A is read\nThen the text is one line', None, "EACCES"),
    # the tree
    "no A": (f"{A}When A is removed\nThen A exists", None, "no bus/mdev/devices"),
    "still A": (f"{A}Then A does not exist", None, "bus/mdev/devices"),
    "none of that name": (f'{TYPE}Then a mediated device "{{uuid}}" exists', None, "no bus/mdev/devices"),
    "one of that name": (f'{CREATED}Then no mediated device "{{uuid}}" exists', None, "bus/mdev/devices"),
    "a file": (f'{A}Then "remove" of A is a directory', None, "file"),
    "nothing there": (f'{A}Then "removed" of A is a file', None, "nothing"),
    "something there": (f'{A}Then A has no "remove"', None, "a file"),
    "another mode": (f'{A}Then "remove" of A has mode 0644', None, "0200"),
    "another size": (f'{A}Then "remove" of A has a size of 1 bytes', None, "4096"),
    "an absolute link": (f'{A}*\nThen "mdev_type" of A is a relative link', links_to("/sys/bus/mdev"), "/sys/bus/mdev"),
    "another place": (f'{A}Then "mdev_type" of A leads to A', None, "mdev_supported_types"),
    "another path": (f'{A}Then "driver" of A leads to "bus/mdev/drivers/mtty"', None, "vfio_mdev"),
    "another directory": (f'{A}Then "driver" of A leads to an entry of "bus/mdev"', None, "bus/mdev/drivers/vfio_mdev"),
    "nowhere": (
        f'{A}*\nThen "driver" of A leads to an entry of "bus/mdev"',
        links_to("../../../../../bus/mdev/nothing"),
        "nothing",
    ),
    "no number": (
        f"{A}*\nThen the name of the IOMMU group of A is a number",
        links_to("../../../../../kernel/iommu_groups/first"),
        "first",
    ),
    "one group": (
        f"{A}And a mediated device B\n*\nThen the IOMMU groups of A and B are two",
        links_to("/sys/kernel/iommu_groups/0", only="iommu_group"),
        "kernel/iommu_groups/0, kernel/iommu_groups/0",
    ),
    "a file in the class": (
        "Given a parent\n*\nThen every entry of the mdev_bus class leads to a device with types",
        a_file_in_the_class,
        "file",
    ),
    "no types": (
        "Given a parent\n*\nThen every entry of the mdev_bus class leads to a device with types",
        links_to("../../devices/virtual", only=""),
        "nothing",
    ),
    "another name": (
        "Given a parent\n*\nThen every entry of the mdev_bus class is named as the device it leads to",
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
        'Given a parent\nThen every type has nothing but "create, devices"',
        None,
        "available_instances",
    ),
    "another prefix": (
        "Given a parent\n*\nThen the id of every type begins with the driver string of its parent and a hyphen",
        a_type("tty-1"),
        "tty-1",
    ),
    "no suffix": ("Given a parent\n*\nThen the id of every type goes on after the hyphen", a_type("mtty-"), "mtty-"),
    "no hyphen": ("Given a parent\n*\nThen the id of every type goes on after the hyphen", a_type("mtty"), "mtty"),
    # instances
    "not fewer": (
        f"{TYPE}And the available instances of the type are noted\n"
        "Then fewer instances of the type are available than were noted",
        None,
        "4",
    ),
    "not as many": (
        f"{TYPE}And the available instances of the type are noted\nAnd a mediated device A of the type\n"
        "Then as many instances of the type are available as were noted",
        None,
        "3",
    ),
    # writers
    "nobody waits": (
        f'{A}When a writer starts to write "1" to "remove" of A\nThen the writer waits',
        None,
        "it has returned",
    ),
    "a bad end": (
        f'{A}When a writer starts to write "no" to "remove" of A\nThen the writer ends and has succeeded',
        None,
        "EINVAL",
    ),
    "a good end": (
        f'{A}When a second writer starts to write "1" to "remove" of A\n'
        "Then the second writer ends and has failed with ENODEV",
        None,
        "1 of 1",
    ),
    "a bad end at once": (
        f'{A}When a second writer starts to write "no" to "remove" of A\n'
        "Then the second writer ends at once and has succeeded",
        None,
        "EINVAL",
    ),
    "a wait instead": (
        f"{A}And a user holds A open\n"
        'When a writer starts to write "1" to "remove" of A\nThen the writer ends at once and has succeeded',
        None,
        "it waits",
    ),
    "a good end at once": (
        f'{A}And "remove" of A is open for writing\nWhen a second writer starts to write "1" to the open file\n'
        "Then the second writer ends at once and has failed with ENODEV",
        None,
        "1 of 1",
    ),
    "two winners": (f"{TYPE}*\nThen exactly one of the writers succeeds", outcomes(0, EIO, 0), "0, EIO, 0"),
    "no winner": (f"{TYPE}*\nThen exactly one of the writers succeeds", outcomes(EIO, EIO), "EIO, EIO"),
    "none of them won": (f"{TYPE}*\nThen at least one of the writers succeeds", outcomes(EIO, EIO), "EIO, EIO"),
    "another loser": (f"{TYPE}*\nThen the others fail with EEXIST", outcomes(EIO, 0), "EIO, 0"),
    "another winner": (
        f"{TYPE}*\nThen the others fail with EIO",
        outcomes(EIO, 0, 0),
        "EIO, 0, 0",
    ),
    "a bad loser": (f"{TYPE}*\nThen the others succeed or fail with ENODEV", outcomes(0, EIO), "EIO"),
    # the scripted vendor driver
    "not asked": (f"{SCRIPTED}And a mediated device A\nThen the vendor driver was asked once to remove A", None, "0"),
    # uevents
    "two of them": (f'{A}*\nThen one uevent "add" of A was sent', uevents("add", "add"), "add@"),
    "another state": (
        f'{A}*\nThen one uevent "change" of A was sent, with MDEV_STATE "registered"',
        uevents("change", MDEV_STATE="unregistered"),
        "change@",
    ),
    "another order": (f'{A}*\nThen the uevents of A were "add, bind"', uevents("bind", "add"), "bind, add"),
    "one": (f"{A}*\nThen no uevent was sent", uevents("add"), "add@"),
    "one of it": (f"{A}*\nThen no uevent of A was sent", uevents("add"), "add@"),
    "one of that kind": (f'{A}*\nThen no uevent "add" of A was sent', uevents("add"), "add@"),
    "one of a type": (
        f"{A}*\nThen no uevent of a type was sent",
        uevents("add", path="/devices/virtual/mtty/mtty/mdev_supported_types/mtty-1"),
        "mtty-1",
    ),
    "another first": (f'{A}*\nThen the first uevent is "add" of A', uevents("bind", "add"), "bind@"),
    "none first": (f'{A}*\nThen the first uevent is "add" of A', uevents(), "none"),
    "another last": (f'{A}*\nThen the last uevent of A is "remove"', uevents("remove", "unbind"), "remove, unbind"),
    "another subsystem": (f'{A}*\nThen each uevent of A has SUBSYSTEM "mdev"', uevents("add", SUBSYSTEM="pci"), "pci"),
    "no uevent to look at": (f'{A}*\nThen each uevent of A has SUBSYSTEM "mdev"', uevents(), "none"),
    "no driver": (f'{A}*\nThen the uevent "bind" of A names its driver', uevents("bind"), "none"),
    "an add too many": (f'{A}*\nThen each uevent "add" of A was followed by "remove"', uevents("add"), "add"),
    "the wrong way round": (
        f'{A}*\nThen each uevent "add" of A was followed by "remove"',
        uevents("remove", "add"),
        "remove, add",
    ),
    "too early": (
        f'{A}*\nThen the uevent "change" of A came after the uevent "remove" of A',
        uevents("change", "remove"),
        "change@",
    ),
    **_of("device", DEVICE_CASES),
    **_of("driver", DRIVER_CASES),
    **_of("sample", SAMPLE_CASES),
    **_of("translation", TRANSLATION_CASES),
    **_of("walk-through", WALK_THROUGH_CASES),
}


@pytest.mark.parametrize("case", CASES)
def test_a_step_says_what_it_expected_and_what_it_saw(case: str, stage: StageMaker) -> None:
    played, spoil, seen = CASES[case]
    *before, last = filter(None, played.split("\n"))
    on = stage(watches=True)
    for number, line in enumerate(before):
        if line == "*":
            assert spoil
            spoil(on)
        else:
            on.play(line if not line.startswith("And") else f"{_kind(before[:number])} {line[4:]}")
    assert on.context.scenario.reason is None
    with pytest.raises(Mismatch) as raised:
        on.play(last)
    on.spoil()
    assert seen in raised.value.seen
    assert raised.value.expected


def _kind(before: list[str]) -> str:
    return next(line.split()[0] for line in reversed(before) if line != "*" and not line.startswith("And"))


def test_every_step_that_looks_has_a_case(catalogue: Catalogue) -> None:
    last = [played.splitlines()[-1].partition(" ")[2] for played, _, _ in CASES.values()]
    missed = [
        definition.pattern
        for definition, matcher in catalogue.matchers["then"]
        if not any(matcher.match(text) for text in last)
    ]
    assert not missed


def test_every_step_is_described_in_one_line(catalogue: Catalogue) -> None:
    unfit = [each.pattern for each in catalogue.definitions if not each.doc or len(each.doc.splitlines()) > 1]
    assert not unfit
