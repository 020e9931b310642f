"""Processes: descriptors, the lifetime of open files, nodes below /dev, and ioctl arguments."""

from __future__ import annotations

import os
from errno import (
    EACCES,
    EAGAIN,
    EBADF,
    EEXIST,
    EFAULT,
    EINVAL,
    EISDIR,
    EMFILE,
    ENODEV,
    ENOENT,
    ENOTTY,
    ENXIO,
    ESPIPE,
    ESRCH,
)

import pytest

from mdevref.kernel.core import Kernel
from mdevref.kernel.errors import fail
from mdevref.kernel.memory import PAGE_SIZE
from mdevref.kernel.open_files import EventFd, FileOperations, Task, UserArgument
from mdevref.kernel.process import Process
from mdevref.mdev.eras import DEFAULT, ERAS
from tests.machines import errno_of


class Echo(FileOperations):
    """A file whose results show its arguments, and which counts its releases."""

    is_seekable = True

    def __init__(self) -> None:
        self.released = 0
        self.memory = bytearray(PAGE_SIZE)

    def read(self, count: int, position: int) -> bytes:
        return f"{count}@{position}".encode()

    def write(self, data: bytes, position: int) -> int:
        return len(data) - 1

    def ioctl(self, request: int, argument: UserArgument) -> int:
        argument.copy_out(argument.copy_in(4)[::-1])
        return request

    def mmap(self, length: int, position: int) -> memoryview:
        return memoryview(self.memory)[position : position + length]

    def release(self) -> None:
        self.released += 1


@pytest.fixture
def kernel() -> Kernel:
    return Kernel(ERAS[DEFAULT].kernel)


@pytest.fixture
def process(kernel: Kernel) -> Process:
    return Process(kernel.nodes, kernel.host_memory)


# Descriptors


def test_a_descriptor_is_the_lowest_that_is_free(process: Process) -> None:
    files = [Echo(), Echo(), Echo()]
    assert [process.install(file) for file in files] == [3, 4, 5]
    process.close(4)
    assert files[1].released == 1
    assert errno_of(process.close, 4) == EBADF
    assert process.install(Echo()) == 4


def test_a_process_has_a_limit_of_descriptors(kernel: Kernel) -> None:
    process = Process(kernel.nodes, kernel.host_memory, open_files=5)
    process.install(Echo())
    descriptor = process.eventfd()
    assert errno_of(process.eventfd) == EMFILE
    assert errno_of(process.install, Echo()) == EMFILE
    assert errno_of(process.dup, 3) == EMFILE
    process.close(descriptor)
    assert process.dup(3) == descriptor


def test_a_file_is_released_when_the_last_descriptor_mapping_or_call_lets_go(process: Process) -> None:
    file = Echo()
    first = process.install(file)
    second = process.dup(first)
    view = process.mmap(first, 8, 0)
    process.close(first)
    with process.file(second) as held:
        process.close(second)
        assert held.operations is file
    assert file.released == 0
    view[:2] = b"ab"
    assert file.memory[:2] == b"ab"
    process.munmap(view)
    assert file.released == 1
    assert errno_of(process.munmap, view) == EINVAL


def test_a_process_that_dies_lets_go_of_everything(process: Process) -> None:
    files = [Echo(), Echo()]
    descriptors = [process.install(file) for file in files]
    process.mmap(descriptors[0], 8, 0)
    area = process.memory.map(PAGE_SIZE)
    process.exit()
    process.exit()
    assert [file.released for file in files] == [1, 1]
    assert errno_of(process.memory.copy_in, area.address, 1) == EFAULT
    assert errno_of(process.pread, descriptors[0], 1, 0) == ESRCH
    assert errno_of(process.eventfd) == ESRCH


# Calls


def test_reading_and_writing_move_the_position_and_those_at_an_offset_do_not(process: Process) -> None:
    descriptor = process.install(Echo())
    assert process.pread(descriptor, 4, 7) == b"4@7"
    assert [process.read(descriptor, 4), process.read(descriptor, 9)] == [b"4@0", b"9@3"]
    assert process.pwrite(descriptor, b"abc", 1) == 2
    assert process.write(descriptor, b"abc") == 2
    assert process.lseek(descriptor, 2, os.SEEK_CUR) == 10
    assert process.lseek(descriptor, 5) == 5
    assert process.read(descriptor, 1) == b"1@5"
    assert errno_of(process.lseek, descriptor, -9, os.SEEK_CUR) == EINVAL
    assert errno_of(process.lseek, descriptor, 0, os.SEEK_END) == EINVAL
    assert errno_of(process.pread, descriptor, 1, -1) == EINVAL
    assert errno_of(process.pwrite, descriptor, b"", -1) == EINVAL


def test_what_a_file_cannot_do_fails_as_in_the_kernel(process: Process) -> None:
    descriptor = process.install(FileOperations())
    assert errno_of(process.pread, descriptor, 1, 0) == EINVAL
    assert errno_of(process.pwrite, descriptor, b"", 0) == EINVAL
    assert errno_of(process.ioctl, descriptor, 1) == ENOTTY
    assert errno_of(process.mmap, descriptor, 1, 0) == ENODEV
    assert errno_of(process.lseek, descriptor, 0) == ESPIPE
    for call in (process.pread, process.mmap):
        assert errno_of(call, 99, 1, 0) == EBADF
    assert errno_of(process.ioctl, 99, 1) == EBADF


def test_a_mapping_is_of_whole_pages_from_a_page_on(process: Process) -> None:
    descriptor = process.install(Echo())
    assert errno_of(process.mmap, descriptor, 0, 0) == EINVAL
    assert errno_of(process.mmap, descriptor, 1, 1) == EINVAL
    assert errno_of(process.mmap, descriptor, 1, -PAGE_SIZE) == EINVAL
    process.close(descriptor)


# An ioctl's argument


def test_a_bytearray_is_changed_in_place_and_ends_where_it_ends(process: Process) -> None:
    descriptor = process.install(Echo())
    argument = bytearray(b"abcd-")
    assert process.ioctl(descriptor, 1 << 32 | 5, argument) == 5
    assert argument == b"dcba-"
    assert errno_of(process.ioctl, descriptor, 5, bytearray(3)) == EFAULT
    pointer = UserArgument(process, argument)
    assert (pointer.copy_in(1, 4), pointer.copy_in(0, 5)) == (b"-", b"")
    assert errno_of(pointer.copy_out, b"xy", 4) == EFAULT
    assert argument == b"dcba-"


def test_an_address_is_one_in_the_processs_memory(process: Process) -> None:
    descriptor = process.install(Echo())
    area = process.memory.map(PAGE_SIZE)
    area.buffer[8:12] = b"wxyz"
    process.ioctl(descriptor, 5, area.address + 8)
    assert bytes(area.buffer[8:12]) == b"zyxw"
    assert errno_of(process.ioctl, descriptor, 5, 0) == EFAULT
    assert errno_of(process.ioctl, descriptor, 5, area.address + PAGE_SIZE - 3) == EFAULT
    assert UserArgument(process, 77).value == 77


def test_a_string_ends_with_nul_before_its_limit(process: Process) -> None:
    assert UserArgument(process, bytearray(b"name\0rest")).copy_in_string(5) == b"name"
    assert errno_of(UserArgument(process, bytearray(b"name\0")).copy_in_string, 4) == EINVAL
    assert errno_of(UserArgument(process, bytearray(b"name")).copy_in_string, 9) == EFAULT


def test_an_eventfd_is_a_real_one_that_lives_as_long_as_somebody_holds_it(process: Process) -> None:
    descriptor = process.eventfd()
    event = UserArgument(process, 0).look_up(descriptor)
    event.signal()
    event.signal()
    assert int.from_bytes(process.read(descriptor, 8), "little") == 2
    assert errno_of(process.read, descriptor, 8) == EAGAIN
    process.write(descriptor, (3).to_bytes(8, "little"))
    process.close(descriptor)
    assert os.eventfd_read(event.fileno()) == 3
    event.release()
    assert errno_of(os.fstat, event.fileno()) == EBADF
    assert errno_of(UserArgument(process, 0).look_up, descriptor) == EBADF
    assert errno_of(UserArgument(process, 0).look_up, process.install(Echo())) == EINVAL


def test_an_eventfd_from_elsewhere_can_be_installed(process: Process) -> None:
    real = os.eventfd(0, os.EFD_NONBLOCK)
    descriptor = process.install(EventFd(real))
    os.eventfd_write(real, 4)
    assert int.from_bytes(process.read(descriptor, 8), "little") == 4
    process.exit()
    assert errno_of(os.fstat, real) == EBADF


# Nodes


def test_opening_a_node_goes_by_its_number(kernel: Kernel, process: Process) -> None:
    def open_second(process: Task, minor: int) -> FileOperations:
        if minor != 2:
            raise fail(ENODEV)
        return Echo()

    kernel.nodes.serve((9, 1), lambda process, minor: Echo())
    kernel.nodes.serve_major(8, open_second)
    kernel.nodes.add("some/one", (9, 1), 0o666)
    kernel.nodes.add("some/two", (8, 2))
    kernel.nodes.add("some/more/three", (8, 3))
    kernel.nodes.add("some/four", (9, 4))
    assert kernel.nodes.names("some") == ["four", "more", "one", "two"]
    assert kernel.nodes.names("some/more") == ["three"]
    descriptor = process.open("some/one")
    assert process.pread(descriptor, 1, 0) == b"1@0"
    process.open("some/two")
    assert errno_of(process.open, "some/more/three") == ENODEV
    assert errno_of(process.open, "some/four") == ENXIO
    assert errno_of(process.open, "some/five") == ENOENT
    assert errno_of(process.open, "some/more") == EISDIR
    assert process.eventfd() == descriptor + 2  # the failed calls left no descriptor behind
    kernel.nodes.stop_serving((9, 1))
    kernel.nodes.stop_serving_major(8)
    assert errno_of(process.open, "some/one") == ENXIO
    assert errno_of(process.open, "some/two") == ENXIO


def test_names_of_nodes_are_taken_once_and_only_root_opens_what_is_roots(kernel: Kernel) -> None:
    kernel.nodes.serve_major(9, lambda process, minor: Echo())
    kernel.nodes.add("some/one", (9, 1))
    kernel.nodes.add("some/two", (9, 2), 0o666)
    assert errno_of(kernel.nodes.add, "some/one", (9, 3)) == EEXIST
    assert errno_of(kernel.nodes.add, "some", (9, 3)) == EEXIST
    nobody = Process(kernel.nodes, kernel.host_memory, uid=65534)
    assert nobody.capabilities == frozenset()
    assert errno_of(nobody.open, "some/one") == EACCES
    nobody.open("some/two")
    kernel.nodes.remove("some/one")
    assert errno_of(kernel.nodes.remove, "some/one") == ENOENT
    kernel.nodes.remove("some/two")
    assert errno_of(kernel.nodes.names, "some") == ENOENT
