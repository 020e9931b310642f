"""Frames and address spaces: real bytes, references, limits."""

from __future__ import annotations

import mmap
import os
from errno import EEXIST, EFAULT, EINVAL, ENOMEM
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdevref.kernel.intervals import Intervals
from mdevref.kernel.memory import ADDRESS_END, PAGE_SIZE, AddressSpace, Area, HostMemory
from tests.machines import errno_of


@pytest.fixture
def host() -> HostMemory:
    return HostMemory()


@pytest.fixture
def space(host: HostMemory) -> AddressSpace:
    return AddressSpace(host)


def test_a_frame_is_the_very_memory_of_a_buffer(host: HostMemory, space: AddressSpace) -> None:
    with mmap.mmap(-1, 2 * PAGE_SIZE) as shared:
        area = space.map(shared)
        frame = space.fault(area.address + PAGE_SIZE, is_write=True)
        host.page(frame)[:4] = b"from"
        shared[PAGE_SIZE + 4 : PAGE_SIZE + 6] = b"us"
        assert shared[PAGE_SIZE : PAGE_SIZE + 4] == b"from"
        assert bytes(host.page(frame)[:6]) == b"fromus"
        space.unmap(area.address)
        del area  # which holds a view of the buffer


def test_a_length_is_rounded_up_to_pages_of_zeros(space: AddressSpace) -> None:
    area = space.map(PAGE_SIZE + 1)
    assert bytes(area.buffer) == bytes(2 * PAGE_SIZE)


@pytest.mark.parametrize("buffer", [0, -1, b"", b"x", bytearray(PAGE_SIZE + 1)])
def test_what_is_no_page_cannot_be_mapped(space: AddressSpace, buffer: object) -> None:
    assert errno_of(space.map, buffer) == EINVAL


def test_addresses_that_cannot_be(space: AddressSpace) -> None:
    area = space.map(3 * PAGE_SIZE, address=0x10000)
    assert errno_of(space.map, PAGE_SIZE, address=0x10001) == EINVAL
    assert errno_of(space.map, PAGE_SIZE, address=0x11000) == EEXIST
    assert errno_of(space.map, 2 * PAGE_SIZE, address=0xF000) == EEXIST
    assert errno_of(space.map, PAGE_SIZE, address=ADDRESS_END) == ENOMEM
    assert errno_of(space.unmap, area.address + PAGE_SIZE) == EINVAL
    space.map(PAGE_SIZE, address=0xF000)
    space.map(PAGE_SIZE, address=0x13000)


def test_addresses_that_were_given_back_are_used_again_when_there_are_no_others(space: AddressSpace) -> None:
    file = os.memfd_create("large")
    os.ftruncate(file, 1 << 40)
    large = mmap.mmap(file, 0)
    os.close(file)
    areas = [space.map(large) for _ in range(127)]
    assert errno_of(space.map, large) == ENOMEM
    areas.append(space.map(PAGE_SIZE))
    freed = areas.pop(5)
    space.unmap(freed.address)
    areas.append(space.map(large))
    assert areas[-1].address == freed.address
    areas.sort(key=lambda area: area.address)
    assert all(low.end < high.address for low, high in pairwise(areas))
    assert areas[-1].end <= ADDRESS_END


def test_copies_go_on_from_area_to_area_and_stop_at_a_gap(space: AddressSpace) -> None:
    space.map(PAGE_SIZE, address=0x10000)
    space.map(PAGE_SIZE, address=0x11000)
    space.copy_out(0x10FFE, b"abcd")
    assert space.copy_in(0x10FFC, 8) == b"\0\0abcd\0\0"
    assert errno_of(space.copy_in, 0x11FFE, 4) == EFAULT
    assert errno_of(space.copy_out, 0x11FFE, b"wxyz") == EFAULT
    assert space.copy_in(0x11FFE, 2) == b"\0\0"
    assert space.copy_in(0, 0) == b""


@pytest.mark.parametrize("writable", [False, True])
def test_what_is_mapped_for_reading_cannot_be_written(space: AddressSpace, writable: bool) -> None:
    area = space.map(bytes(PAGE_SIZE) if writable else PAGE_SIZE, writable=writable)
    assert errno_of(space.copy_out, area.address, b"x") == EFAULT
    assert errno_of(space.fault, area.address, is_write=True) == EFAULT
    space.fault(area.address, is_write=False)


def test_a_frame_lives_while_somebody_refers_to_it(host: HostMemory, space: AddressSpace) -> None:
    area = space.map(3 * PAGE_SIZE)
    first = space.fault_and_get_many(area.address, area.address + 2 * PAGE_SIZE, 2, is_write=True)
    assert first == space.fault(area.address, is_write=True)
    assert first is not None
    host.put([first + 1])
    area.buffer[0] = 7
    space.unmap(area.address)
    assert host.page(first)[0] == 7
    assert host.pinned == 1
    host.put([first])
    with pytest.raises(LookupError):
        host.page(first)
    assert host.pinned == 0


def test_frames_of_two_areas_are_of_two_pieces(host: HostMemory, space: AddressSpace) -> None:
    space.map(2 * PAGE_SIZE, address=0x10000)
    space.map(PAGE_SIZE, address=0x12000, writable=False)
    assert space.fault_and_get_many(0x10000, 0x13000, 3, is_write=False) is None
    assert space.fault_and_get_many(0x12000, 0x13000, 1, is_write=True) is None
    assert space.fault_and_get_many(0x13000, 0x14000, 1, is_write=False) is None
    assert host.pinned == 0
    frames = [space.fault_and_get(address, is_write=False) for address in (0x12000, 0x10000, 0x11000, 0x11000)]
    assert host.pinned == 4
    host.put(frames)
    host.put([])
    assert host.pinned == 0


def test_locked_pages_have_a_limit_in_bytes(host: HostMemory) -> None:
    space = AddressSpace(host, memlock=2 * PAGE_SIZE + 1)
    space.lock_pages(2)
    assert errno_of(space.lock_pages, 1) == ENOMEM
    space.lock_pages(1, ignores_limit=True)
    assert space.locked_pages == 3
    space.unlock_pages(2)
    assert errno_of(space.lock_pages, 2) == ENOMEM
    space.memlock = None
    space.lock_pages(1000)
    assert space.locked_pages == 1001


def test_the_end_of_a_process_leaves_only_what_is_pinned(host: HostMemory, space: AddressSpace) -> None:
    area = space.map(2 * PAGE_SIZE)
    pinned = space.fault_and_get(area.address, is_write=True)
    other = space.map(PAGE_SIZE)
    frame = space.fault(other.address, is_write=True)
    space.lock_pages(1)
    space.exit()
    assert space.is_gone
    assert errno_of(space.copy_in, area.address, 1) == EFAULT
    assert errno_of(space.map, PAGE_SIZE) == ENOMEM
    host.page(pinned)
    with pytest.raises(LookupError):
        host.page(frame)
    space.unlock_pages(1)
    assert space.locked_pages == 0


@given(st.sets(st.integers(0, 40)), st.integers(-1, 45), st.integers(0, 6))
def test_intervals_find_what_a_list_would(starts: set[int], number: int, length: int) -> None:
    """Each interval ends at the start of the next one, but is at most 3 long."""
    intervals: Intervals[Area] = Intervals()
    space = AddressSpace(HostMemory())
    areas = []
    for start in sorted(starts):
        end = min([other for other in starts if other > start] + [start + 3])
        areas.append(space.map((end - start) * PAGE_SIZE, address=start * PAGE_SIZE))
    for area in areas:
        intervals.add(area)
    at = number * PAGE_SIZE
    assert intervals.find(at) is next((area for area in areas if area.start <= at < area.end), None)
    to = at + length * PAGE_SIZE
    touched = [area for area in areas if area.start < to and at < area.end]
    if at < to:
        assert intervals.first(at, to) is (touched[0] if touched else None)
    assert list(intervals) == areas
    assert len(intervals) == len(areas)
