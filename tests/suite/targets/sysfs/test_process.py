"""A process of the running kernel: its files and mappings are its own, and none of them remains."""

from __future__ import annotations

import ctypes
import errno
import os
from pathlib import Path

import pytest

from mdevref.suite.interface.unsupported import Unsupported
from mdevref.suite.targets.sysfs.machine import SysfsMachine
from mdevref.suite.targets.sysfs.nodes import LiveNodes, OwnNodes, there_are_nodes
from mdevref.suite.targets.sysfs.process import LiveProcess
from mdevref.vfio import uapi

OWN, FOREIGN = "83b8f4f2-509f-382f-3c1e-e6bfe0fa0001", "83b8f4f2-509f-382f-3c1e-e6bfe0fa0002"


@pytest.fixture
def process(tmp_path: Path) -> LiveProcess:
    (tmp_path / "node").write_bytes(bytes(range(256)) * 32)
    return LiveProcess(lambda _path: None, dev=str(tmp_path))


def test_files_are_read_written_and_mapped(process: LiveProcess) -> None:
    node = process.open("node")
    assert process.pread(node, 3, 254) == b"\xfe\xff\x00"
    assert process.pwrite(node, b"wxyz", 4096) == 4
    assert process.lseek(node, 4096) == 4096
    assert process.read(node, 2) == b"wx"
    view = process.mmap(node, 4096, 4096)
    assert bytes(view[:4]) == b"wxyz"
    process.munmap(view)
    process.close(node)
    with pytest.raises(OSError, match="Bad file descriptor"):
        process.pread(node, 1, 0)


def test_an_ioctl_that_fails_gives_its_errno_for_a_value_and_for_a_buffer(process: LiveProcess) -> None:
    node = process.open("node")
    for argument in (0, 1 << 40, bytearray(16)):
        with pytest.raises(OSError, match="Inappropriate ioctl") as caught:
            process.ioctl(node, uapi.DEVICE_GET_INFO, argument)
        assert caught.value.errno == errno.ENOTTY
    process.close_all()


def test_an_eventfd_counts_and_does_not_block(process: LiveProcess) -> None:
    eventfd = process.eventfd()
    with pytest.raises(BlockingIOError):
        process.read(eventfd, 8)
    os.eventfd_write(eventfd, 2)
    assert int.from_bytes(process.read(eventfd, 8), "little") == 2
    process.close_all()


def test_memory_is_where_it_says(process: LiveProcess) -> None:
    area = process.memory.map(8192)
    area.buffer[4096] = 65
    assert ctypes.string_at(area.address + 4096, 2) == b"A\0"
    unwritable = process.memory.map(4096, writable=False)
    assert unwritable.address != area.address
    assert ctypes.string_at(unwritable.address, 1) == b"\0"
    process.memory.unmap(area.address)
    process.close_all()


def test_a_process_with_no_descriptor_left_opens_nothing(process: LiveProcess) -> None:
    before = os.listdir("/proc/self/fd")
    with process.no_descriptor_left(), pytest.raises(OSError, match="Too many open files"):
        process.open("node")
    process.close(process.open("node"))
    assert len(os.listdir("/proc/self/fd")) == len(before)


def test_a_process_that_ends_leaves_nothing_open_and_no_child(process: LiveProcess) -> None:
    before = set(os.listdir("/proc/self/fd"))
    process.mmap(process.open("node"), 4096, 0)
    process.eventfd()
    process.exit()
    assert set(os.listdir("/proc/self/fd")) == before
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_a_file_of_a_dead_process_was_open_until_it_died(process: LiveProcess, tmp_path: Path) -> None:
    """The other end of a pipe is notified, but not before the kernel closes the dead process's descriptors."""
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    process.open("pipe", os.O_WRONLY)
    with pytest.raises(BlockingIOError):
        os.read(reader, 1)
    process.exit()
    assert os.read(reader, 1) == b""
    os.close(reader)


def test_privileges_of_the_suite_stay(process: LiveProcess) -> None:
    with pytest.raises(Unsupported, match="must keep its privileges"):
        process.drop_privileges()


def test_a_node_by_number_does_not_stay(process: LiveProcess, tmp_path: Path) -> None:
    before = sorted(os.listdir(tmp_path))
    try:
        null = process.open_number(1, 3)
    except PermissionError:
        pytest.skip("making nodes, or opening them here, takes a privilege that this machine does not give")
    assert process.pread(null, 4, 0) == b""
    with pytest.raises(OSError, match="No such device") as caught:
        process.open_number(250, 200)
    assert caught.value.errno in (errno.ENXIO, errno.ENODEV)
    process.close_all()
    assert sorted(os.listdir(tmp_path)) == before


@pytest.fixture
def machine(tmp_path: Path) -> SysfsMachine:
    """Create a tree that replaces both /sys and /dev, with two devices and their groups."""
    for number, uuid in enumerate((OWN, FOREIGN)):
        device = tmp_path / "bus/mdev/devices" / uuid
        device.mkdir(parents=True)
        (device / "iommu_group").symlink_to(f"../../../../kernel/iommu_groups/{number}")
    (tmp_path / "vfio/devices").mkdir(parents=True)
    for name in ("vfio", "0", "1", "devices/vfio0"):
        (tmp_path / "vfio" / name).touch()
    return SysfsMachine(str(tmp_path), allow_changes=True)


def test_on_somebodys_machine_only_the_suites_own_devices_are_opened(machine: SysfsMachine, tmp_path: Path) -> None:
    nodes = OwnNodes(machine.files, {OWN}, str(tmp_path))
    process = nodes.process()
    process.open("vfio/vfio")
    process.open("vfio/0")
    for foreign in ("vfio/1", "vfio/devices/vfio0", "null"):
        (tmp_path / "null").touch()
        with pytest.raises(Unsupported, match="only its own devices"):
            process.open(foreign)
    with pytest.raises(FileNotFoundError):
        process.open("vfio/7")
    (tmp_path / "bus/mdev/devices" / OWN / "iommu_group").unlink()
    process.open("vfio/0")  # the group is still known when the device is being removed
    nodes.close()


def test_nodes_are_listed_with_those_of_devices(machine: SysfsMachine, tmp_path: Path) -> None:
    nodes = LiveNodes(machine.files, lambda _path: None, str(tmp_path))
    assert nodes.paths() == ["vfio/0", "vfio/1", "vfio/devices/vfio0", "vfio/vfio"]
    assert there_are_nodes(str(tmp_path))
    assert not there_are_nodes(str(tmp_path / "vfio"))
