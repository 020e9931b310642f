"""Recorded system calls are lines of Python, which repeat the calls in a Python process beside the shell."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from mdevref.suite.interface import vmm
from mdevref.suite.results.format import Operation
from mdevref.suite.results.shell import lines
from mdevref.suite.targets.recording.log import Log
from mdevref.suite.targets.recording.machine import RecordedMachine
from mdevref.suite.targets.recording.process import RecordedProcess
from mdevref.suite.targets.reference.target import ReferenceTarget
from mdevref.suite.targets.sysfs.process import LiveProcess
from tests.machines import MTTY, uuid


@pytest.fixture
def machine() -> Iterator[RecordedMachine]:
    machine = RecordedMachine(ReferenceTarget("5.10").machine())
    yield machine
    machine.close()


def test_a_device_is_held_open_by_lines_that_can_be_read(machine: RecordedMachine) -> None:
    machine.files.write(f"{MTTY}/create", uuid(1).encode())
    device = vmm.hold(machine.process(), uuid(1), "0")
    vmm.device_info(device)
    device.pwrite(b"\x0b", 0x3C)
    with pytest.raises(OSError, match="Inappropriate"):
        device.ioctl(0x3BFF)
    device.close()
    told = [(entry.op, entry.path, str(entry.data), entry.result()) for entry in machine.log.entries[1:]]
    name = uuid(1).encode() + b"\0"
    assert told == [
        ("open node", "vfio/vfio", 'fd3 = os.open("/dev/vfio/vfio", os.O_RDWR)', "3"),
        ("open node", "vfio/0", 'fd4 = os.open("/dev/vfio/0", os.O_RDWR)', "4"),
        (
            "ioctl",
            "vfio/0",
            'fcntl.ioctl(fd4, 0x3b68, a := bytearray(bytes.fromhex("03000000")))  # VFIO_GROUP_SET_CONTAINER',
            "0",
        ),
        ("ioctl", "vfio/vfio", "fcntl.ioctl(fd3, 0x3b66, 3)  # VFIO_SET_IOMMU", "0"),
        (
            "ioctl",
            uuid(1),
            f"fd5 = fcntl.ioctl(fd4, 0x3b6a, a := bytearray({name!r}))  # VFIO_GROUP_GET_DEVICE_FD",
            "5",
        ),
        (
            "ioctl",
            uuid(1),
            "fcntl.ioctl(fd5, 0x3b6b, a := bytearray(bytes.fromhex(\"10\") + b'\\x00' * 23))  # VFIO_DEVICE_GET_INFO",
            "0, a = 10000000 02000000 09000000 05000000 00000000 00000000",
        ),
        ("pwrite", uuid(1), 'os.pwrite(fd5, bytes.fromhex("0b"), 0x3c)', "1"),
        ("ioctl", uuid(1), "fcntl.ioctl(fd5, 0x3bff, 0)", "ENOTTY"),
        ("close node", uuid(1), "os.close(fd5)", "done"),
        ("close node", "vfio/0", "os.close(fd4)", "done"),
        ("close node", "vfio/vfio", "os.close(fd3)", "done"),
    ]


def test_processes_are_told_apart(machine: RecordedMachine) -> None:
    machine.process().open("vfio/vfio")
    machine.process().open("vfio/vfio")
    assert [str(entry.data).partition(" ")[0] for entry in machine.log.entries] == ["fd3", "fd_2_3"]


def test_what_cannot_be_opened_has_no_name(machine: RecordedMachine) -> None:
    with pytest.raises(FileNotFoundError):
        machine.process().open("vfio/9")
    assert [(entry.data, entry.result()) for entry in machine.log.entries] == [
        ('os.open("/dev/vfio/9", os.O_RDWR)', "ENOENT")
    ]


def test_the_lines_do_in_a_shell_what_was_done() -> None:
    log = Log()
    process = RecordedProcess(LiveProcess(lambda _path: None), log)
    zero = process.open("zero")
    process.pread(zero, 3, 0)
    process.pwrite(zero, b"it's \x00 done" + b"\xaa" * 40, 8)
    with pytest.raises(OSError, match="Inappropriate"):
        process.ioctl(zero, 0x3B6B, bytearray(b"\x10" + bytes(31)))
    eventfd = process.eventfd()
    process.munmap(process.mmap(zero, 4096, 0))
    process.close(eventfd)
    process.exit()
    operations = [
        Operation(op=entry.op, path=entry.path, data=str(entry.data), result=entry.result()) for entry in log.entries
    ]
    script = "\n".join(["cd $(mktemp -d)", *lines(operations, str), "wait || true"])
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, timeout=30, check=False)
    assert [line for line in done.stdout.splitlines() if line][:2] == ["b'\\x00\\x00\\x00'", "51"]
    assert "Inappropriate ioctl for device" in done.stderr
    assert "SyntaxError" not in done.stderr
    assert "NameError" not in done.stderr
