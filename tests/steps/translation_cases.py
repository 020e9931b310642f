"""Cases for the checking steps of the translation interface; see ``test_then``."""

from __future__ import annotations

from mdevref.suite.targets.reference.translation import ReferenceTranslation
from mdevref.vfio.uapi import IommuInfo
from tests.steps.conftest import Stage

OPEN = "Given the scripted vendor driver\nAnd a mediated device A\nAnd A is held open\n"
READY = (
    f"{OPEN}And the vendor driver of A is notified of unmappings\n"
    "And the user has mapped 4 pages of memory at page 16\n"
)
PINNED = f"{READY}And the vendor driver of A has pinned pages 16, 17\n"


def _with_big_pages(stage: Stage) -> None:
    info = stage.world.translation.back_ends.info

    def bigger(argsz: int = 16) -> IommuInfo:
        found = info(argsz)
        found.iova_pgsizes = 1 << 21
        return found

    stage.world.translation.back_ends.info = bigger  # type: ignore[method-assign]  # in this world alone


def _without_sizes(stage: Stage) -> None:
    info = stage.world.translation.back_ends.info

    def silent(argsz: int = 16) -> IommuInfo:
        found = info(argsz)
        found.flags = 0
        return found

    stage.world.translation.back_ends.info = silent  # type: ignore[method-assign]  # in this world alone


def _of_other_pages(stage: Stage) -> None:
    interface = stage.world.translation.interface
    assert isinstance(interface, ReferenceTranslation)
    stage.world.translation.pins.frames[-1][0] += 1


#: The steps, the function that modifies the machine at a line ``*``, and what the last step reports as seen.
CASES = {
    "memory as it was": (f'{PINNED}Then the user reads "hello" from page 16', None, "x00"),
    "host pages as they were": (f'{PINNED}Then the vendor driver reads "hello" from page 17', None, "x00"),
    "fewer pages unmapped": (
        f"{READY}When the user unmaps 4 pages from page 16\nThen the unmapping reports 5 pages",
        None,
        "16384 bytes",
    ),
    "an unmapping that fails": (
        f"{READY}When the user unmaps 3 pages from page 16\nThen the unmapping reports 3 pages",
        None,
        "EINVAL",
    ),
    "locked pages": (f"{PINNED}Then the user has 0 pages locked", None, "2 pages"),
    "pinned pages": (f"{PINNED}Then the host has 1 page pinned", None, "2 pages"),
    "big pages": (
        f"{OPEN}*\nThen the smallest mappable page has 4096 bytes",
        _with_big_pages,
        "2097152 bytes",
    ),
    "room for all mappings": (
        "Given the scripted vendor driver\nAnd a mediated device A\nAnd containers are limited to 7 mappings\n"
        "And A is held open\nThen VFIO_IOMMU_GET_INFO reports room for 6 more mappings",
        None,
        "no such capability",
    ),
    "no sizes": (f"{OPEN}*\nThen the smallest mappable page has 4096 bytes", _without_sizes, "flags 0x0"),
    "other host pages": (
        f"{PINNED}When the vendor driver of A pins pages 16, 17\n*\nThen both calls returned the same host pages",
        _of_other_pages,
        "1048577, 1048577",
    ),
    "the same host page": (
        f"{READY}When the vendor driver of A pins pages 16, 16\nThen 2 different host pages were returned",
        None,
        "1048576",
    ),
    "an array that was written": (
        f"{READY}When the vendor driver of A pins page 16\n"
        "Then the first 1 host page entries are 0 and the other 0 are unchanged",
        None,
        "1048576",
    ),
    "notified of another mapping": (
        f'{PINNED}When the user unmaps 4 pages from page 16\nThen the vendor driver was notified of "2 at 16"',
        None,
        "4 at 16",
    ),
    "notified without reason": (
        f"{PINNED}When the user unmaps 4 pages from page 16\nThen the vendor driver was not notified",
        None,
        "0x4000 bytes at 0x10000",
    ),
    "another driver notified": (f"{PINNED}Then the vendor driver of A was notified", None, "none"),
}
