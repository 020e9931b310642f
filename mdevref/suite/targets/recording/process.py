"""A wrapper that records the system calls of a process, each as a line of Python that repeats it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TypeVar

from mdevref.suite.interface.device import Memory, Process
from mdevref.suite.targets.recording.log import Log
from mdevref.vfio import uapi

Answer = TypeVar("Answer")


_ACCESS = {os.O_RDONLY: "os.O_RDONLY", os.O_WRONLY: "os.O_WRONLY", os.O_RDWR: "os.O_RDWR"}
_RUNS = re.compile(rb"(.)\1{15,}", re.DOTALL)  #: runs of equal bytes, which are written as a multiplication
_WORD = 3  #: the minimum number of printable bytes that are written as text; fewer may be numbers
_NAMES = {**uapi.CONTAINER_REQUESTS, **uapi.GROUP_REQUESTS, **uapi.DEVICE_REQUESTS}


class RecordedProcess:
    """A process whose calls are recorded in ``log``; ``name`` distinguishes it from others of the scenario."""

    def __init__(self, process: Process, log: Log, name: str = "") -> None:
        self._process = process
        self._log = log
        self._name = name
        self._of: dict[int, str] = {}  # descriptor -> the path or name that was opened

    @property
    def memory(self) -> Memory:
        return self._process.memory

    def open(self, path: str, flags: int = os.O_RDWR) -> int:
        code = f'os.open("/dev/{path}", {_ACCESS.get(flags & os.O_ACCMODE, hex(flags))})'
        return self._opened("open node", path, code, lambda: self._process.open(path, flags))

    def open_number(self, major: int, minor: int) -> int:
        code = f'(os.mknod("node", 0o20600, os.makedev({major}, {minor})), os.open("node", os.O_RDWR))[1]'
        return self._opened(
            "open node", f"{major}:{minor}", code, lambda: self._process.open_number(major, minor)
        )  # fmt: skip

    def ioctl(self, descriptor: int, request: int, argument: int | bytearray = 0) -> int:
        about = self._about(descriptor)
        if isinstance(argument, int):
            return self._record("ioctl", about, self._ioctl(descriptor, request, str(argument)), lambda: (
                self._process.ioctl(descriptor, request, argument)
            ))  # fmt: skip
        code = self._ioctl(descriptor, request, f"a := {_bytes(argument, 'bytearray')}")
        if request == uapi.GROUP_GET_DEVICE_FD:
            name = bytes(argument).rstrip(b"\0").decode("latin-1")
            return self._opened("ioctl", name, code, lambda: self._process.ioctl(descriptor, request, argument))
        before = bytes(argument)
        given = 0

        def call() -> str:
            nonlocal given
            given = self._process.ioctl(descriptor, request, argument)
            return f"{given}, a = {argument.hex(' ', 4)}" if argument != before else str(given)

        self._record("ioctl", about, code, call)
        return given

    def pread(self, descriptor: int, count: int, offset: int) -> bytes:
        code = f"os.pread({self._fd(descriptor)}, {count}, {offset:#x})"
        return self._record(
            "pread", self._about(descriptor), code, lambda: self._process.pread(descriptor, count, offset)
        )

    def pwrite(self, descriptor: int, data: bytes, offset: int) -> int:
        code = f"os.pwrite({self._fd(descriptor)}, {_bytes(data)}, {offset:#x})"
        return self._record(
            "pwrite", self._about(descriptor), code, lambda: self._process.pwrite(descriptor, data, offset)
        )

    def read(self, descriptor: int, count: int) -> bytes:
        code = f"os.read({self._fd(descriptor)}, {count})"
        return self._record("read node", self._about(descriptor), code, lambda: self._process.read(descriptor, count))

    def lseek(self, descriptor: int, offset: int) -> int:
        code = f"os.lseek({self._fd(descriptor)}, {offset:#x}, 0)"
        return self._record("lseek", self._about(descriptor), code, lambda: self._process.lseek(descriptor, offset))

    def mmap(self, descriptor: int, length: int, offset: int) -> memoryview:
        code = f"mmap.mmap({self._fd(descriptor)}, {length}, offset={offset:#x})"
        return self._record(
            "mmap", self._about(descriptor), code, lambda: self._process.mmap(descriptor, length, offset)
        )

    def munmap(self, view: memoryview) -> None:
        self._process.munmap(view)

    def eventfd(self) -> int:
        return self._opened("eventfd", "eventfd", "os.eventfd(0, os.EFD_NONBLOCK)", self._process.eventfd)

    def drop_privileges(self) -> None:
        self._record("limit", f"process{self._name}", "os.setuid(65534)", self._process.drop_privileges)

    def no_descriptor_left(self) -> AbstractContextManager[None]:
        limit = "__import__('resource').setrlimit(7, (3, 3))"
        self._record("limit", f"process{self._name}", limit, lambda: None)
        return self._process.no_descriptor_left()

    def close(self, descriptor: int) -> None:
        code = f"os.close({self._fd(descriptor)})"
        self._record("close node", self._about(descriptor), code, lambda: self._process.close(descriptor))

    def exit(self) -> None:
        self._record("exit", f"process{self._name}", "os.kill(os.getpid(), 9)", self._process.exit)

    def _opened(self, op: str, path: str, code: str, call: Callable[[], int]) -> int:
        """Record a call that returns a descriptor, as an assignment to the name that later lines use for it."""
        entry = self._log.begin(op, path)
        descriptor = -1
        try:
            descriptor = self._log.end(entry, call)
            self._of[descriptor] = path
        finally:
            entry.data = f"{self._fd(descriptor)} = {code}" if descriptor >= 0 else code
        return descriptor

    def _record(self, op: str, path: str, code: str, call: Callable[[], Answer]) -> Answer:
        return self._log.record(op, path, call, code)

    def _ioctl(self, descriptor: int, request: int, argument: str) -> str:
        name = _NAMES.get(request)
        return f"fcntl.ioctl({self._fd(descriptor)}, {request:#x}, {argument}){f'  # {name}' if name else ''}"

    def _fd(self, descriptor: int) -> str:
        return f"fd{self._name}{descriptor}" if descriptor in self._of else str(descriptor)

    def _about(self, descriptor: int) -> str:
        return self._of.get(descriptor, f"descriptor {descriptor}")


def _bytes(data: bytes | bytearray, kind: str = "bytes") -> str:
    """Return bytes as a Python expression; runs of equal bytes become multiplications."""
    plain, parts, end = bytes(data), [], 0
    for run in _RUNS.finditer(plain):
        parts += [*_spelt(plain[end : run.start()]), f"{run[1]!r} * {len(run[0])}"]
        end = run.end()
    text = " + ".join([*parts, *_spelt(plain[end:])]) or "b''"
    return f"{kind}({text})" if kind != "bytes" else text


def _spelt(plain: bytes) -> list[str]:
    """Return bytes as a Python expression, as text if they are printable, otherwise in hexadecimal."""
    if not plain:
        return []
    is_text = all(0x20 <= byte < 0x7F or not byte for byte in plain) and any(plain)
    return [repr(plain) if is_text and len(plain.rstrip(b"\0")) >= _WORD else f'bytes.fromhex("{plain.hex()}")']
