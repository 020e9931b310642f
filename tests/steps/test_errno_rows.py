"""Each errno of facts 3.2, 3.4, 4.2, 4.4 and N1 is a named row of a scenario outline in the derived features.

A row that is removed, or becomes a scenario outside the tables, fails the test.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from behave.model import ScenarioOutline
from behave.parser import parse_file

from mdevref.suite import data

_TOO_SHORT = "none; a byte missing"

#: By words in the step of an operation: the errno, the requirement and its cases, in the order of the facts.
FACTS: dict[str, list[tuple[str, str, str]]] = {
    "opened": [
        ("ENODEV", "group.nobodys", "nearby; far away"),
        ("ENXIO", "group.nobodys-later", "nearby; far away"),
        ("EPERM", "group.no-iommu", "the group is closed; the group is open"),
        ("EBUSY", "group.one-user", "the same process; another process"),
        ("EBUSY", "closing.group-taken", "the group; the group, the container"),
    ],
    "VFIO_GROUP_GET_STATUS of the group": [
        ("EFAULT", "group.pointer", "status"),
        ("EINVAL", "group.status-argsz", f"{_TOO_SHORT}; one field"),
    ],
    "VFIO_GROUP_SET_CONTAINER": [
        ("EFAULT", "group.pointer", "container"),
        ("EINVAL", "join.negative", "minus one; the minimum"),
        ("EBADF", "join.negative-later", "minus one; the minimum"),
        ("EINVAL", "join.twice", "the same again; another one"),
        ("EINVAL", "join.twice-before-descriptor", "never opened; the maximum"),
        ("EBADF", "join.not-open", "never opened; the maximum"),
        ("EINVAL", "join.no-container", "an eventfd; the group"),
        ("EBADFD", "join.no-container-later", "an eventfd; the group"),
        ("EPERM", "join.no-iommu", "first; second"),
        ("EPERM", "join.back-end", "not permitted"),
        ("ENOMEM", "join.back-end", "out of memory"),
        ("EBUSY", "join.back-end", "in use"),
        ("ENODEV", "join.back-end", "no such device"),
    ],
    "VFIO_GROUP_UNSET_CONTAINER": [
        ("EINVAL", "leave.outside", "never in a container; has left its container"),
        ("EBUSY", "leave.in-use", "the device is reset; the container is closed"),
        ("EBUSY", "leave.pinning", "one page; several pages"),
    ],
    "VFIO_GROUP_GET_DEVICE_FD": [
        ("EFAULT", "group.pointer", "device name; device name, no container"),
        ("EINVAL", "device-fd.name-long", "not terminated; terminated just beyond a page"),
        ("EINVAL", "device-fd.not-ready", "no container; no back end"),
        ("EINVAL", "device-fd.not-viable", "its device is closed; its device is open"),
        ("ENODEV", "device-fd.name", "empty; of a device in another group; of no device; upper case"),
        ("EBUSY", "device-fd.vendor", "in use"),
        ("ENOMEM", "device-fd.vendor", "out of memory"),
        ("EIO", "device-fd.vendor", "I/O error"),
        ("EMFILE", "device-fd.descriptors", "none; one"),
    ],
    "of the group of A is called": [("ENOTTY", "group.unknown-request", "of a container; of a device; unknown")],
    "VFIO_SET_IOMMU": [
        ("EINVAL", "back-end.no-group", "type 1; type 1, version 2"),
        ("EINVAL", "back-end.twice", "the same again; another one; an unknown one"),
        ("ENODEV", "back-end.unknown", "zero; one hundred; the maximum"),
    ],
    "of the container is called": [
        ("EINVAL", "container.early-request", "of the back end; of a group; unknown"),
        ("ENOTTY", "container.unknown-request", "of a group; unknown"),
    ],
    "VFIO_DEVICE_GET_INFO": [
        ("EFAULT", "device-request.pointer", "info"),
        ("EINVAL", "device-info.argsz", _TOO_SHORT),
    ],
    "VFIO_DEVICE_GET_REGION_INFO": [
        ("EFAULT", "device-request.pointer", "region"),
        ("EINVAL", "region.argsz", _TOO_SHORT),
        ("EINVAL", "region.beyond", "the first invalid one; the maximum"),
    ],
    "VFIO_DEVICE_GET_IRQ_INFO": [
        ("EFAULT", "device-request.pointer", "interrupt"),
        ("EINVAL", "irq.argsz", _TOO_SHORT),
        ("EINVAL", "irq.beyond", "the first invalid one; the maximum"),
    ],
    "VFIO_DEVICE_SET_IRQS": [("EFAULT", "device-request.pointer", "set interrupts")],
    "interrupts of A are set": [
        ("EINVAL", "irqs.argsz", "zero; a byte missing"),
        ("EINVAL", "irqs.index", "the first invalid one; the maximum"),
        ("EINVAL", "irqs.range", "the maximum count; the end wraps around"),
        ("EINVAL", "irqs.flags", "the lowest; the highest"),
        ("EINVAL", "irqs.range", "starts at the limit; empty, at the limit; ends beyond the limit"),
        ("EINVAL", "irqs.data", "none; two; two others; all"),
        ("EINVAL", "irqs.argsz", "no byte for an interrupt; no eventfd; part of an eventfd"),
    ],
    "VFIO_IOMMU_": [("EFAULT", "map.pointer", "information; mapping; unmapping")],
    "pinning is called with": [  # also of "unpinning"
        ("EINVAL", "pin.arguments", "no device; no user pages; no array for host pages; a count of 0"),
        ("E2BIG", "pin.arguments", "more page numbers than fit in a page"),
        ("EINVAL", "unpin.arguments", "no device; no user pages; a count of 0"),
        ("E2BIG", "unpin.arguments", "more page numbers than fit in a page"),
    ],
    "the vendor driver of A pins": [
        ("ENODEV", "pin.state", "unbound"),
        ("EINVAL", "pin.lone-device", "more than one"),
        ("EINVAL", "pin.state", "in no container; in a container without a back end; no notifier registered"),
        ("EPERM", "pin.state", "in a noiommu group"),
        ("ENOTTY", "pin.state", "back end without callbacks"),
        ("EACCES", "pin.state", "version 1 of type 1"),
        ("EINVAL", "pin.state-later", "unbound; not open"),
        ("ENOTTY", "pin.state-later", "back end without callbacks"),
        ("EACCES", "pin.state-later", "version 1 of type 1"),
        ("EINVAL", "pin.page", "not mapped"),
        ("EPERM", "pin.page", "mapped for reading only"),
        ("ENODEV", "pin.page", "mapped by a process that has exited"),
        ("EFAULT", "pin.page", "mapped without memory"),
        ("ENOMEM", "pin.page", "beyond the limit of locked memory"),
    ],
    "the vendor driver of A unpins": [
        ("ENODEV", "unpin.state", "unbound"),
        ("EINVAL", "unpin.state", "in no container; in a container without a back end; no page mapped"),
        ("EPERM", "unpin.state", "in a noiommu group"),
        ("ENOTTY", "unpin.state", "back end without callbacks"),
        ("EACCES", "unpin.state", "version 1 of type 1"),
    ],
    "the user maps": [
        ("EINVAL", "map.arguments", "argsz too small; unknown flag; neither reading nor writing; size 0"),
        ("EINVAL", "map.arguments", "unaligned size; unaligned address; unaligned IOVA"),
        ("EINVAL", "map.beyond", "beyond the last IOVA; beyond the last address"),
        ("EEXIST", "map.overlap", "the same range; a part of the range; the first page; the last page; a larger range"),
        ("ENOSPC", "map.room", "unmapped page"),
    ],
    "the user unmaps": [
        ("EINVAL", "unmap.arguments", "argsz too small; unknown flag; size 0"),
        ("EINVAL", "unmap.arguments", "unaligned size; unaligned IOVA"),
        ("EINVAL", "unmap.beyond", "one page too many; nearly all IOVAs, with wrap-around"),
        ("EINVAL", "unmap.whole", "without the first page; without the last page; without the first and last page"),
    ],
    "registers a notifier with": [
        ("EINVAL", "notifier.refused", "no device; no function; no event mask; no events"),
        ("EINVAL", "notifier.refused", "unknown event; another kind of notifier"),
        ("ENODEV", "notifier.state", "unbound"),
        ("EINVAL", "notifier.state", "in no container; in a noiommu group; in a container without a back end"),
        ("ENOTTY", "notifier.state", "back end without callbacks"),
    ],
    "of A is called": [("ENOTTY", "device-request.unknown", "of a container; of a group; unknown")],
}

ROWS = [
    (operation, errno, requirement, case)
    for operation, rows in FACTS.items()
    for errno, requirement, cases in rows
    for case in cases.split("; ")
]


def _rows_of(outline: ScenarioOutline) -> Iterator[tuple[str, list[str]]]:
    """Return the cases of an outline with the steps of each."""
    for row in (row for examples in outline.examples for row in examples.table.rows):
        steps = [step.name for step in outline.steps]
        for heading, cell in row.items():
            steps = [step.replace(f"<{heading}>", cell) for step in steps]
        yield row["case"], steps


@pytest.fixture(scope="module")
def derived() -> dict[tuple[str, str], list[list[str]]]:
    """Return the steps of each row of the outlines in the two chapters, by requirement and case."""
    found: dict[tuple[str, str], list[list[str]]] = {}
    for path in (path for chapter in ("device", "translation") for path in (data.features() / chapter).iterdir()):
        for rule in parse_file(str(path)).rules:
            for outline in rule.scenarios:
                if isinstance(outline, ScenarioOutline):
                    for case, steps in _rows_of(outline):
                        found.setdefault((rule.name, case), []).append(steps)
    return found


@pytest.mark.parametrize(("operation", "errno", "requirement", "case"), ROWS)
def test_each_errno_of_the_facts_is_a_named_row(
    operation: str, errno: str, requirement: str, case: str, derived: dict[tuple[str, str], list[list[str]]]
) -> None:
    rows = derived.get((requirement, case), [])
    assert rows, "there is no such row"
    for steps in rows:
        failures = (f"the call fails with {errno}", f"the opening fails with {errno}")
        assert any(operation in done and seen in failures for done, seen in pairwise(steps)), steps
