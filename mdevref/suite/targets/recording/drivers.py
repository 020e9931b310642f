"""A wrapper that records the calls of a driver interface."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from mdevref.suite.interface.drivers import DeviceFile, Drivers
from mdevref.suite.spec.notation import shown
from mdevref.suite.targets.recording.calls import argument
from mdevref.suite.targets.recording.log import Log

Answer = TypeVar("Answer")


class _RecordedDeviceFile:
    """A device file whose system calls are recorded under names that differ from those of a tree's files."""

    def __init__(self, file: DeviceFile, uuid: str, log: Log) -> None:
        self._file = file
        self._uuid = uuid
        self._log = log

    def read(self, count: int, offset: int) -> bytes:
        return self._call("read", lambda: self._file.read(count, offset), f"{count} bytes at {offset}")

    def write(self, data: bytes, offset: int) -> int:
        return self._call("write", lambda: self._file.write(data, offset), f"{shown(data)} at {offset}")

    def ioctl(self, request: int) -> object:
        return self._call("ioctl", lambda: self._file.ioctl(request), str(request))

    def mmap(self, count: int, offset: int) -> object:
        return self._call("mmap", lambda: self._file.mmap(count, offset), f"{count} bytes at {offset}")

    def close(self) -> None:
        self._call("close", self._file.close)

    def _call(self, name: str, call: Callable[[], Answer], data: str | None = None) -> Answer:
        return self._log.record(f"{name} device", self._uuid, call, data)


class RecordedDrivers:
    """A driver interface whose calls are recorded with their first argument as the path."""

    def __init__(self, drivers: Drivers, log: Log) -> None:
        self._drivers = drivers
        self._log = log
        self.calls = drivers.calls
        self.kernel_log = drivers.kernel_log

    def open(self, uuid: str) -> DeviceFile:
        file = self._log.record("open device", uuid, lambda: self._drivers.open(uuid))
        return _RecordedDeviceFile(file, uuid, self._log)

    def __getattr__(self, name: str) -> object:
        found = getattr(self._drivers, name)

        def call(*arguments: object) -> object:
            about, *rest = map(argument, arguments) if arguments else ("",)
            return self._log.record(name.replace("_", " "), about, lambda: found(*arguments), ", ".join(rest) or None)

        return call
