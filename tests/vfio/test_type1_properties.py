"""Compares type1 with a page-by-page model: results, counts and accounting are equal for any sequence of calls.

``TYPE1_SEED`` selects another run. A failing run prints its seed.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from errno import EEXIST, EFAULT, EINVAL, ENODEV, ENOMEM, EPERM
from typing import Any

from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mdevref.kernel.core import Kernel
from mdevref.kernel.memory import PAGE_SIZE
from mdevref.kernel.open_files import UserArgument
from mdevref.kernel.process import Process
from mdevref.mdev.eras import ERAS
from mdevref.vfio import uapi
from mdevref.vfio.type1 import DmaUnmapped, Type1
from mdevref.vfio.uapi import DmaMap, DmaUnmap, Extension

SEED = int(os.environ.get("TYPE1_SEED", "1"))
PAGES = 10  #: number of pages of the IOVA range
AREA = 6  #: number of pages of each process
LIMIT = 4  #: limit of locked pages of the process that has a limit

PAGE = st.integers(0, PAGES)
RUN = st.builds(lambda first, count: list(range(first, first + count)), PAGE, st.integers(1, AREA))
ARRAY = st.lists(PAGE | st.just((1 << 52) + 3), min_size=1, max_size=6)
PROT = st.sampled_from([3, 3, 3, 1, 2, 0])


@dataclass
class Model:
    """A mapping: its first page, the process memory of each page, and the pin count of each page."""

    first: int
    process: int
    vaddr_page: int
    pages: int
    prot: int
    pins: Counter[int] = field(default_factory=Counter)

    def has(self, page: int) -> bool:
        return self.first <= page < self.first + self.pages


class Type1Machine(RuleBasedStateMachine):
    """The calls, compared with the model. Process 0 has no limit, process 1 a small one."""

    era = "5.10"

    def __init__(self) -> None:
        super().__init__()
        print(f"TYPE1_SEED={SEED}")
        self.kernel = Kernel(ERAS[self.era].kernel)
        self.backend = Type1(self.kernel, ERAS[self.era], Extension.TYPE1V2)
        self.processes = [
            Process(self.kernel.nodes, self.kernel.host_memory, memlock=None),
            Process(self.kernel.nodes, self.kernel.host_memory, memlock=LIMIT * PAGE_SIZE, capabilities=frozenset()),
        ]
        self.areas = [process.memory.map(AREA * PAGE_SIZE) for process in self.processes]
        self.is_mapped = [True, True]
        self.locked = [0, 0]
        self.model: list[Model] = []
        self.told: list[DmaUnmapped] = []
        assert self.backend.register_notifier is not None
        self.backend.register_notifier(self.hear)

    # The vendor

    def hear(self, event: DmaUnmapped) -> None:
        """Unpin all pages of the mapping, as a vendor must."""
        self.told.append(event)
        mapping = self.of(event.iova // PAGE_SIZE)
        assert mapping is not None
        assert (event.iova, event.size) == (mapping.first * PAGE_SIZE, mapping.pages * PAGE_SIZE)
        for page, count in list(mapping.pins.items()):
            assert self.backend.unpin_pages([page] * count, count) == count
            for _ in range(count):
                self.drop(page)

    # The model

    def of(self, page: int) -> Model | None:
        return next((one for one in self.model if one.has(page)), None)

    def drop(self, page: int) -> None:
        mapping = self.of(page)
        assert mapping is not None
        if mapping.pins[page]:
            mapping.pins[page] -= 1
            if not mapping.pins[page]:
                del mapping.pins[page]
                self.locked[mapping.process] -= 1

    def pin_one(self, page: int, prot: int) -> int:
        """Pin a page in the model; return 0 or the errno."""
        mapping = self.of(page)
        if mapping is None:
            return EINVAL
        if prot & ~mapping.prot:
            return EPERM
        if not mapping.pins[page]:
            del mapping.pins[page]
            process = self.processes[mapping.process]
            offset = mapping.vaddr_page + page - mapping.first
            if process.has_ended:
                return ENODEV
            if not self.is_mapped[mapping.process] or offset >= AREA:
                return EFAULT
            if mapping.process == 1 and self.locked[1] >= LIMIT:
                return ENOMEM
            self.locked[mapping.process] += 1
        mapping.pins[page] += 1
        return 0

    # The calls

    def ioctl(self, process: int, request: int, argument: bytearray) -> int:
        """Call an ioctl and return 0 or the errno."""
        try:
            return self.backend.ioctl(request, UserArgument(self.processes[process], argument))
        except OSError as error:
            return error.errno or -1

    @rule(process=st.integers(0, 1), first=PAGE, pages=st.integers(0, AREA), vaddr=st.integers(0, 2), prot=PROT)
    def map(self, process: int, first: int, pages: int, vaddr: int, prot: int) -> None:
        if self.processes[process].has_ended:
            return
        argument = DmaMap(
            argsz=32,
            flags=prot,
            vaddr=self.areas[process].address + vaddr * PAGE_SIZE,
            iova=first * PAGE_SIZE,
            size=pages * PAGE_SIZE,
        )
        expected = 0
        if not prot or not pages:
            expected = EINVAL
        elif any(self.of(page) for page in range(first, first + pages)):
            expected = EEXIST
        assert self.ioctl(process, uapi.IOMMU_MAP_DMA, argument.pack()) == expected
        if not expected:
            self.model.append(Model(first, process, vaddr, pages, prot))

    @rule(process=st.integers(0, 1), first=PAGE, pages=st.integers(0, PAGES))
    def unmap(self, process: int, first: int, pages: int) -> None:
        if self.processes[process].has_ended:
            return
        argument = DmaUnmap(argsz=24, iova=first * PAGE_SIZE, size=pages * PAGE_SIZE).pack()
        end = first + pages
        cut = any(one.first < edge < one.first + one.pages for one in self.model for edge in (first, end))
        self.told.clear()
        had_pins = {one.first for one in self.model if one.pins}
        seen = self.ioctl(process, uapi.IOMMU_UNMAP_DMA, argument)
        if not pages or cut:
            assert seen == EINVAL
            assert not self.told
            return
        gone = 0
        for mapping in sorted(self.model, key=lambda one: one.first):
            if first <= mapping.first < end:
                if mapping.process != process:
                    break
                assert not mapping.pins
                assert any(event.iova == mapping.first * PAGE_SIZE for event in self.told) == (
                    mapping.first in had_pins
                )
                gone += mapping.pages
                self.model.remove(mapping)
        assert seen == 0
        assert DmaUnmap.read(argument).size == gone * PAGE_SIZE

    @rule(pages=RUN, prot=PROT)
    def pin_again(self, pages: list[int], prot: int) -> None:
        """Pin mapped pages only, each of them twice."""
        pages = [page for page in pages if self.of(page)]
        if pages:
            self.pin(pages, prot)
            self.pin(pages, prot)

    @rule(pages=RUN | ARRAY, prot=PROT)
    def pin(self, pages: list[int], prot: int) -> None:
        frames = [-1] * (len(pages) + 1)
        before = [Counter(one.pins) for one in self.model]
        locked = list(self.locked)
        expected = 0
        failed = 0
        for page in pages:
            expected = self.pin_one(page % (1 << 52), prot)
            if expected:
                break
            failed += 1
        try:
            seen: Any = self.backend.pin_pages(None, pages, len(pages), prot, frames)  # type: ignore[arg-type]  # unused
        except OSError as error:
            seen = -(error.errno or 0)
        if expected:
            for one, pins in zip(self.model, before, strict=True):
                one.pins = pins
            self.locked = locked
            assert seen == -expected
            assert frames == [0] * (failed + 1) + [-1] * (len(pages) - failed)
            return
        assert seen == len(pages)
        assert frames[-1] == -1
        for page, frame in zip(pages, frames, strict=False):
            mapping = self.of(page % (1 << 52))
            assert mapping is not None
            offset = (mapping.vaddr_page + page % (1 << 52) - mapping.first) * PAGE_SIZE
            area = self.areas[mapping.process]
            area.buffer[offset] = (area.buffer[offset] + 1) % 256
            assert self.kernel.host_memory.page(frame)[0] == area.buffer[offset]

    @rule(pages=RUN | ARRAY)
    def unpin(self, pages: list[int]) -> None:
        done = 0
        for page in pages:
            if self.of(page % (1 << 52)) is None:
                break
            self.drop(page % (1 << 52))
            done += 1
        try:
            seen = self.backend.unpin_pages(pages, len(pages))
        except OSError as error:
            seen = -(error.errno or 0)
        assert seen == (done or -EINVAL)

    @rule(process=st.integers(0, 1))
    def unmap_memory(self, process: int) -> None:
        """Unmap the memory of a process; pinned pages remain."""
        if self.is_mapped[process] and not self.processes[process].has_ended:
            self.processes[process].memory.unmap(self.areas[process].address)
            self.is_mapped[process] = False

    @rule(process=st.integers(0, 1), really=st.integers(0, 3))
    def end(self, process: int, really: int) -> None:
        """End a process, rarely: most of a run covers more with both."""
        if not really:
            self.processes[process].exit()
            self.is_mapped[process] = False

    # Invariants

    @invariant()
    def counts_agree(self) -> None:
        assert {one.start // PAGE_SIZE: one.references() for one in self.backend.mappings} == {
            one.first: dict(one.pins) for one in self.model
        }
        assert self.kernel.host_memory.pinned == sum(len(one.pins) for one in self.model)
        for number, process in enumerate(self.processes):
            assert process.memory.locked_pages == (0 if process.has_ended else self.locked[number])

    def teardown(self) -> None:
        for mapping in self.model:
            for page, count in mapping.pins.items():
                self.backend.unpin_pages([page] * count, count)
        assert self.kernel.host_memory.pinned == 0
        super().teardown()


class OldMachine(Type1Machine):
    era = "4.13"


for case in (Type1Machine, OldMachine):
    seed(SEED)(case)
    case.TestCase.settings = settings(
        max_examples=150,
        stateful_step_count=50,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )

TestEra510 = Type1Machine.TestCase
TestEra413 = OldMachine.TestCase
