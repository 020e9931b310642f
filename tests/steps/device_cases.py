"""Cases for the checking steps of the device interface; see ``test_then``."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from mdevref.vfio.uapi import IrqInfo, RegionInfo
from tests.steps.conftest import Stage

A = "Given a mediated device A\n"
GROUP = f"{A}And the group of A is open\n"
HELD = "Given a mediated device A held open\n"

Spoil = Callable[[Stage], None]


def _tells(part: str, **answers: object) -> Spoil:
    """Make a part of the device interface return these answers to all calls."""

    def spoil(stage: Stage) -> None:
        for name, answer in answers.items():
            setattr(getattr(stage.world.access, part), name, lambda *_arguments, answer=answer: answer)

    return spoil


def _another_each_time(stage: Stage) -> None:
    numbers = count()
    stage.world.access.devices.description = lambda name: [f"{name} {next(numbers)}"]  # type: ignore[method-assign]  # never the same


def _another_for_the_second(stage: Stage) -> None:
    stage.world.access.devices.description = lambda name: [f"a description of {name}"]  # type: ignore[method-assign]  # two devices


def _writes_behind(stage: Stage) -> None:
    stage.world.access.arguments.last[20] = 0


def _a_class_elsewhere(stage: Stage) -> None:
    stage.spoil(listdir=lambda _path: ["vfio0"], readlink=lambda _path: "../../devices/null")


def _bytes_of_its_own(stage: Stage) -> None:
    stage.world.access.regions.by_ones_twos_and_fours = lambda name, index: [b"abcd", b"abba"]  # type: ignore[method-assign]  # no such device


#: The format is that of ``driver_cases``.
CASES: dict[str, tuple[str, Spoil | None, str]] = {
    "a node that is not there": (
        f"{A}And the driver and the IOMMU group of A are noted\nAnd A is unbound\nThen the group of A has a node",
        None,
        "vfio/vfio",
    ),
    "a node that is there": (f"{A}Then the group of A has no node", None, "vfio/0"),
    "a group that is not viable": (f"{GROUP}*\nThen the group of A is viable", _tells("groups", status=[]), "none"),
    "a group that is viable": (f"{GROUP}Then the group of A is not viable", None, "VIABLE"),
    "a group outside": (f"{GROUP}Then the group of A is in a container", None, "VIABLE"),
    "a group inside": (
        f"{A}And the group of A is in the container\nThen the group of A is in no container",
        None,
        "VIABLE, CONTAINER_SET",
    ),
    "no directory of that name": (
        f'{A}*\nThen "vfio-dev" of A has one entry, named "vfio" and a number',
        lambda stage: stage.spoil(listdir=lambda _path: ["vfio0", "vfio"]),
        "vfio0, vfio",
    ),
    "a class elsewhere": (
        f'{A}*\nThen the class "vfio-dev" links to the VFIO device of A',
        _a_class_elsewhere,
        "devices/null",
    ),
    "too much written": (
        f"{GROUP}When VFIO_GROUP_GET_STATUS of the group of A is called with argsz 8\n*\n"
        "Then the memory behind the structure is unchanged",
        _writes_behind,
        "byte 20",
    ),
    "two kinds": (f"{HELD}*\nThen A reports exactly one kind", _tells("devices", kinds=["PCI", "AP"]), "PCI, AP"),
    "another kind": (
        f'{HELD}*\nThen the kind of A matches "device_api" of its type',
        _tells("devices", kinds=["AP"]),
        "AP",
    ),
    "too few of them": (
        f"{HELD}Then A has at least 10 regions and 5 interrupts",
        None,
        "9 regions, 5 interrupts",
    ),
    "another description": (
        f"{HELD}*\nThen A returns the same description again",
        _another_each_time,
        "two different",
    ),
    "two descriptions": (
        f"{A}And A is held open\nAnd a second file of A is open\n*\n"
        "Then the second file of A returns the same description as A",
        _another_for_the_second,
        "a description of the second file of A",
    ),
    "no answer": (f"{HELD}*\nThen A is still usable", _tells("devices", description=[]), "none"),
    "overlap": (
        f"{HELD}*\nThen no two regions of A overlap",
        _tells("regions", all=[RegionInfo(index=0, size=9), RegionInfo(index=1, offset=8, size=1)]),
        "region 0 and region 1",
    ),
    "another region": (
        f"{HELD}*\nThen the info of each region of A has the requested index",
        _tells("regions", indexes={0: 0, 1: 3}),
        "0, 3",
    ),
    "another interrupt": (
        f"{HELD}*\nThen the info of each interrupt of A has the requested index",
        _tells("interrupts", indexes={0: 2}),
        "2",
    ),
    "capabilities of nothing": (
        f"{HELD}*\nThen every region of A without CAPS has cap_offset 0",
        _tells("regions", all=[RegionInfo(index=4, cap_offset=32)]),
        "region 4: 0x20",
    ),
    "masked for ever": (
        f"{HELD}*\nThen each AUTOMASKED interrupt of A is MASKABLE",
        _tells("interrupts", all=[IrqInfo(index=1, flags=4)]),
        "interrupt 1: flags 0x4",
    ),
    "too small a region": (
        f"{HELD}Then region 7 of A is readable, writable and at least 256 bytes long",
        None,
        "size=0xff",
    ),
    "no such region": (
        f"{HELD}Then region 9 of A is readable, writable and at least 1 bytes long",
        None,
        "no such region",
    ),
    "too few bytes": (
        "Given a mediated device A held open with a readable region of at least 4 bytes\n"
        "When 2 bytes are read at offset 0 of the region through A\nThen the call returns 4 bytes",
        None,
        '"\\x00\\x00"',
    ),
    "other bytes": (
        f"{HELD}*\nThen the first bytes of region 7 of A are the same in one read and in several",
        _bytes_of_its_own,
        "61626261",
    ),
    "no error": (f"{HELD}When VFIO_DEVICE_RESET of A is called\nThen the call fails", None, "0"),
    "a signal": (
        "Given a mediated device A held open with an interrupt that signals an eventfd\n"
        "When an eventfd is set for the interrupt of A\n*\nThen the eventfd was not signalled",
        _tells("interrupts", signals=2),
        "2 signals",
    ),
}
